"""The settings that shape decisions: the `[trading]` half of `bot.toml`, carried by `ConfigurationLoaded`.

These types are the one place where a setting is named, documented and given its default; the checked configuration
file (perptape.core.config), the commented `bot.toml` and the published schema are made from them. Fractions are plain
numbers (0.02 is 2 %), money is in quote currency, durations say their unit in the name.
"""

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta, Struct, field

Parameter = str | int | bool
"""A strategy's parameter. Numbers with a point are written as strings and read as decimals by the strategy."""


def _doc(text: str) -> Meta:
    return Meta(description=text)


class StrategySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """One strategy: what it is, where it trades, when it is asked and what it may use."""

    name: Annotated[str, _doc("Name in events, reports and memory; unique.")]
    kind: Annotated[
        str,
        _doc("ma_crossover, rsi_reversion, funding_carry, scripted, or PATH.py:Class / package.module:Class."),
    ]
    symbols: Annotated[tuple[str, ...], _doc("Where it trades; empty means every symbol of the bot.")] = ()
    trigger: Annotated[
        Literal["quote", "candle", "cycle"], _doc("When it is asked: at each quote, closed candle, or every cycle_s.")
    ] = "cycle"
    capital_share: Annotated[Decimal, _doc("Share of equity that its positions may use, before leverage.")] = Decimal(1)
    priority: Annotated[int, _doc("Rank for aggregation by priority; the higher wins.")] = 0
    weight: Annotated[Decimal, _doc("Weight for confidence-weighted aggregation.")] = Decimal(1)
    short_allowed: Annotated[bool, _doc("Whether a sell signal may open a short; otherwise it only closes.")] = True
    trailing_stop: Annotated[
        Decimal | None, _doc("Exit when the price falls this fraction from its best since entry; none without it.")
    ] = None
    parameters: Annotated[dict[str, Parameter], _doc("The strategy's own parameters.")] = field(default_factory=dict)


class AggregationSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How several signals for one symbol become one."""

    method: Annotated[
        Literal["priority", "majority", "confidence"],
        _doc("priority: highest rank; majority: most votes; confidence: largest sum of weight * confidence."),
    ] = "confidence"
    threshold: Annotated[Decimal, _doc("Least confidence (or margin of it) that is acted upon, 0 to 1.")] = Decimal(0)


class SizingSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How large a position a signal asks for, inside the strategy's capital."""

    method: Annotated[
        Literal["fixed_notional", "target_leverage", "volatility_scaled"],
        _doc("A fixed notional; equity * share * leverage; or risk_fraction of equity per one-sigma move."),
    ] = "fixed_notional"
    notional: Annotated[Decimal, _doc("Quote currency per position for fixed_notional.")] = Decimal(500)
    leverage: Annotated[Decimal, _doc("Leverage on the strategy's capital for target_leverage.")] = Decimal(1)
    risk_fraction: Annotated[
        Decimal, _doc("Share of the strategy's capital lost in a one-sigma move of the window (volatility_scaled).")
    ] = Decimal("0.005")
    notional_max: Annotated[Decimal | None, _doc("Upper bound of a position's notional, whatever the method.")] = None


class OrderSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How orders are placed, retried and looked up."""

    entry_type: Annotated[
        Literal["market", "limit", "post_only"], _doc("Entries: market, limit at the touch, or post-only at the touch.")
    ] = "market"
    limit_ttl_s: Annotated[int, _doc("A resting entry is canceled after this many seconds.")] = 300
    signal_ttl_s: Annotated[int, _doc("A request older than this is not sent again: its signal is stale.")] = 60
    attempts_max: Annotated[int, _doc("How often a refused request is sent in all.")] = 5
    backoff_s: Annotated[int, _doc("First wait before a retry; doubles each time.")] = 1
    backoff_max_s: Annotated[int, _doc("Longest wait between retries.")] = 60
    lookup_s: Annotated[int, _doc("Wait before an unanswered lookup is repeated.")] = 2
    refusal_cooldown_s: Annotated[
        int, _doc("After the venue refused a strategy's entry in a symbol, it does not try again for this long.")
    ] = 60
    on_trading_halt: Annotated[
        Literal["cancel", "keep"], _doc("Working orders in a symbol that the venue halts or closes: cancel or keep.")
    ] = "cancel"
    spot_fallback: Annotated[
        dict[str, str], _doc("Where entries go, long only, when the venue forbids a future: its symbol = spot symbol.")
    ] = field(default_factory=dict)
    not_understood_max: Annotated[
        int, _doc("This many replies in a row that cannot be read mean that the venue's interface changed: halt.")
    ] = 3


class VolatilityBreaker(Struct, frozen=True, forbid_unknown_fields=True):
    """Blocks entries in a symbol whose price moved too far too fast."""

    window_s: Annotated[int, _doc("The move is measured against the price this many seconds ago.")] = 300
    move: Annotated[Decimal, _doc("Fraction of the price that trips the breaker.")] = Decimal("0.05")
    cooldown_s: Annotated[int, _doc("How long entries stay blocked after the last excessive move.")] = 600


class ErrorBreaker(Struct, frozen=True, forbid_unknown_fields=True):
    """Circuit breaker: stops entries when requests keep failing."""

    window_s: Annotated[int, _doc("Failures older than this are forgotten.")] = 60
    failures: Annotated[int, _doc("This many failures inside the window open the breaker.")] = 5
    cooldown_s: Annotated[int, _doc("How long the breaker stays open before it tries again.")] = 120


class GuardSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The limits. A limit of none switches its guard off, which `config show` marks."""

    daily_loss_limit: Annotated[
        Decimal | None, _doc("Quote currency lost in a UTC day (PnL, fees, funding) that leaves only reducing orders.")
    ] = Decimal(500)
    drawdown_limit: Annotated[Decimal | None, _doc("Fall of equity from its peak, as a fraction, that halts.")] = (
        Decimal("0.25")
    )
    trade_value_max: Annotated[Decimal | None, _doc("Largest notional of one order, quote currency.")] = Decimal(1000)
    position_caps: Annotated[dict[str, Decimal], _doc("Largest |position + working orders| by symbol, in coins.")] = (
        field(default_factory=dict)
    )
    exposure_share_max: Annotated[Decimal | None, _doc("Largest share of equity * max leverage in one symbol.")] = (
        Decimal("0.8")
    )
    leverage_max: Annotated[Decimal | None, _doc("Largest gross notional / equity.")] = Decimal(3)
    liquidation_buffer: Annotated[
        Decimal | None, _doc("Least distance of the price from the liquidation price, as a fraction of the price.")
    ] = Decimal("0.15")
    staleness_s: Annotated[int, _doc("A symbol without a price for this long accepts reducing orders only.")] = 30
    spread_max: Annotated[Decimal | None, _doc("Largest (ask - bid) / mid for entries.")] = Decimal("0.005")
    depth_min: Annotated[Decimal | None, _doc("Least notional at the touch an entry wants to find.")] = None
    slippage_max: Annotated[
        Decimal | None, _doc("Largest distance of the executable price from the decision's price, as a fraction.")
    ] = Decimal("0.01")
    orders_per_minute_max: Annotated[int | None, _doc("Most order requests in 60 seconds.")] = 30
    errors: Annotated[ErrorBreaker | None, _doc("Circuit breaker on failing requests.")] = ErrorBreaker()
    volatility: Annotated[VolatilityBreaker | None, _doc("Volatility breaker.")] = VolatilityBreaker()
    underlying_limits: Annotated[
        dict[str, Decimal], _doc("Largest |net position| in coins across symbols of one underlying.")
    ] = field(default_factory=dict)
    wash_trade: Annotated[bool, _doc("Refuse an order that would trade against the bot's own resting order.")] = True
    cash_max: Annotated[Decimal, _doc("A reported balance above this is taken as impossible.")] = Decimal(1_000_000_000)


class WindowSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The bounded window of prices each symbol keeps."""

    length: Annotated[int, _doc("Prices kept per symbol; the oldest leaves first.")] = 100
    sample_s: Annotated[int, _doc("Least seconds between two kept prices; 0 keeps every price.")] = 60


class ReconciliationSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """When the venue is compared with the state, besides at start and reconnect."""

    every_s: Annotated[int, _doc("Seconds between two comparisons.")] = 3600
    retry_s: Annotated[int, _doc("Wait after a comparison that the venue did not answer.")] = 5
    settle_s: Annotated[int, _doc("Closed orders and fills older than this leave the state once reconciled.")] = 600


class TradingSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that shapes decisions. Loaded into the log; a change applies from its event on."""

    profile: Annotated[str, _doc("Name of these settings in reports.")] = "custom"
    symbols: Annotated[tuple[str, ...], _doc("Symbols the bot follows, e.g. BTC-PERP.")] = ("BTC-PERP", "ETH-PERP")
    cycle_s: Annotated[int, _doc("Seconds between two cycles, for strategies triggered by `cycle`.")] = 60
    strategies: Annotated[tuple[StrategySettings, ...], _doc("The strategies, in order.")] = ()
    aggregation: Annotated[AggregationSettings, _doc("How signals become one.")] = AggregationSettings()
    sizing: Annotated[SizingSettings, _doc("How large a position is.")] = SizingSettings()
    orders: Annotated[OrderSettings, _doc("How orders are placed and retried.")] = OrderSettings()
    guards: Annotated[GuardSettings, _doc("The limits.")] = GuardSettings()
    state_digest_every: Annotated[
        int, _doc("Versions between two digests of the state on the tape; snapshots are taken there.")
    ] = 10_000
    windows: Annotated[WindowSettings, _doc("Price windows.")] = WindowSettings()
    reconciliation: Annotated[ReconciliationSettings, _doc("Comparison with the venue.")] = ReconciliationSettings()
