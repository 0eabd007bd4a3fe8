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
    """One strategy: its code, its symbols, when it is called, and how much capital it may use."""

    name: Annotated[str, _doc("Unique name, used in events, reports and the strategy's memory.")]
    kind: Annotated[
        str,
        _doc("ma_crossover, rsi_reversion, funding_carry, scripted, PATH.py:Class or package.module:Class."),
    ]
    symbols: Annotated[tuple[str, ...], _doc("Symbols it trades; empty means all symbols of the bot.")] = ()
    trigger: Annotated[
        Literal["quote", "candle", "cycle"],
        _doc("When it is called: on each quote, on each closed candle, or every cycle_s seconds."),
    ] = "cycle"
    capital_share: Annotated[
        Decimal, _doc("Share of equity that its positions may use, before leverage (0.4 is 40 %).")
    ] = Decimal(1)
    priority: Annotated[int, _doc("Rank for aggregation by priority; the highest wins.")] = 0
    weight: Annotated[Decimal, _doc("Weight for aggregation by confidence.")] = Decimal(1)
    short_allowed: Annotated[
        bool, _doc("Whether a sell signal may open a short position; if false, it only closes a long one.")
    ] = True
    trailing_stop: Annotated[
        Decimal | None,
        _doc(
            "Exit when the price moves against the position by this fraction from its best since entry; off: no stop."
        ),
    ] = None
    parameters: Annotated[dict[str, Parameter], _doc("The strategy's own parameters.")] = field(default_factory=dict)


class AggregationSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How several signals for one symbol are combined into one."""

    method: Annotated[
        Literal["priority", "majority", "confidence"],
        _doc("priority: highest rank; majority: most votes; confidence: largest sum of weight * confidence."),
    ] = "confidence"
    threshold: Annotated[Decimal, _doc("Minimum confidence (or margin of it) to act on, 0 to 1.")] = Decimal(0)


class SizingSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Position size for a signal, within the strategy's capital."""

    method: Annotated[
        Literal["fixed_notional", "target_leverage", "volatility_scaled"],
        _doc("A fixed notional; the strategy's capital * leverage; or a loss of risk_fraction per one-sigma move."),
    ] = "fixed_notional"
    notional: Annotated[Decimal, _doc("Notional per position for fixed_notional, quote currency.")] = Decimal(500)
    leverage: Annotated[Decimal, _doc("Leverage on the strategy's capital, for target_leverage.")] = Decimal(1)
    risk_fraction: Annotated[
        Decimal,
        _doc("Share of the strategy's capital lost in a one-sigma move of the price window, for volatility_scaled."),
    ] = Decimal("0.005")
    notional_max: Annotated[Decimal | None, _doc("Maximum notional of a position, for every method.")] = None


class OrderSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How orders are placed, retried and looked up."""

    entry_type: Annotated[
        Literal["market", "limit", "post_only"],
        _doc("Order type of entries: market, limit at the touch, or post-only at the touch."),
    ] = "market"
    limit_ttl_s: Annotated[int, _doc("Seconds after which a resting entry is canceled.")] = 300
    signal_ttl_s: Annotated[
        int, _doc("Seconds after which a request is not sent again, because its signal is stale.")
    ] = 60
    attempts_max: Annotated[int, _doc("Maximum number of attempts for a refused request, including the first.")] = 5
    backoff_s: Annotated[int, _doc("Seconds before the first retry; doubles with each retry.")] = 1
    backoff_max_s: Annotated[int, _doc("Maximum seconds between retries.")] = 60
    lookup_s: Annotated[int, _doc("Seconds before an unanswered lookup is repeated.")] = 2
    refusal_cooldown_s: Annotated[
        int, _doc("Seconds a strategy waits before its next entry in a symbol after the venue refused one.")
    ] = 60
    on_trading_halt: Annotated[
        Literal["cancel", "keep"],
        _doc("What to do with working orders when the venue halts or closes a symbol: cancel or keep."),
    ] = "cancel"
    spot_fallback: Annotated[
        dict[str, str],
        _doc("Spot symbol for entries (long only) when the venue forbids a future: future = spot symbol."),
    ] = field(default_factory=dict)
    not_understood_max: Annotated[
        int, _doc("Halt after this many unreadable replies in a row: the venue's API has probably changed.")
    ] = 3


class VolatilityBreaker(Struct, frozen=True, forbid_unknown_fields=True):
    """Blocks entries in a symbol after a large, fast price move."""

    window_s: Annotated[int, _doc("Seconds over which the move is measured.")] = 300
    move: Annotated[Decimal, _doc("Move that trips the breaker, as a fraction of the price.")] = Decimal("0.05")
    cooldown_s: Annotated[int, _doc("Seconds that entries stay blocked after the last excessive move.")] = 600


class ErrorBreaker(Struct, frozen=True, forbid_unknown_fields=True):
    """Circuit breaker: blocks entries when requests keep failing."""

    window_s: Annotated[int, _doc("Seconds for which failures are counted.")] = 60
    failures: Annotated[int, _doc("Number of failures within the window that opens the breaker.")] = 5
    cooldown_s: Annotated[int, _doc("Seconds that the breaker stays open before it tries again.")] = 120


class GuardSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The limits. A limit that is off switches its guard off; `config show` marks it."""

    daily_loss_limit: Annotated[
        Decimal | None,
        _doc("Loss in a UTC day (PnL, fees, funding) after which only reducing orders are allowed, quote currency."),
    ] = Decimal(500)
    drawdown_limit: Annotated[Decimal | None, _doc("Drawdown from peak equity that halts the bot, as a fraction.")] = (
        Decimal("0.25")
    )
    trade_value_max: Annotated[Decimal | None, _doc("Maximum notional of one order, quote currency.")] = Decimal(1000)
    position_caps: Annotated[dict[str, Decimal], _doc("Maximum |position + working orders| per symbol, in coins.")] = (
        field(default_factory=dict)
    )
    exposure_share_max: Annotated[
        Decimal | None, _doc("Maximum exposure in one symbol, as a share of equity * leverage_max.")
    ] = Decimal("0.8")
    leverage_max: Annotated[Decimal | None, _doc("Maximum gross notional / equity.")] = Decimal(3)
    liquidation_buffer: Annotated[
        Decimal | None, _doc("Minimum distance from the price to the liquidation price, as a fraction of the price.")
    ] = Decimal("0.15")
    staleness_s: Annotated[int, _doc("Seconds without a price after which a symbol allows reducing orders only.")] = 30
    spread_max: Annotated[Decimal | None, _doc("Maximum spread for entries: (ask - bid) / mid.")] = Decimal("0.005")
    depth_min: Annotated[Decimal | None, _doc("Minimum notional at the touch for entries, quote currency.")] = None
    slippage_max: Annotated[
        Decimal | None, _doc("Maximum distance of the executable price from the decision price, as a fraction.")
    ] = Decimal("0.01")
    orders_per_minute_max: Annotated[int | None, _doc("Maximum number of order requests in 60 seconds.")] = 30
    errors: Annotated[ErrorBreaker | None, _doc("Circuit breaker for failing requests.")] = ErrorBreaker()
    volatility: Annotated[VolatilityBreaker | None, _doc("Volatility breaker.")] = VolatilityBreaker()
    underlying_limits: Annotated[
        dict[str, Decimal], _doc("Maximum |net position| across all symbols of one underlying, in coins.")
    ] = field(default_factory=dict)
    wash_trade: Annotated[bool, _doc("Refuse an order that would trade against the bot's own resting order.")] = True
    cash_max: Annotated[Decimal, _doc("A reported balance above this is treated as implausible, quote currency.")] = (
        Decimal(1_000_000_000)
    )


class WindowSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The window of recent prices that is kept for each symbol."""

    length: Annotated[int, _doc("Number of prices kept per symbol; the oldest is dropped first.")] = 100
    sample_s: Annotated[int, _doc("Minimum seconds between two kept prices; 0 keeps every price.")] = 60


class ReconciliationSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """How often the state is compared with the venue, in addition to each start and reconnect."""

    every_s: Annotated[int, _doc("Seconds between two comparisons.")] = 3600
    retry_s: Annotated[int, _doc("Seconds to wait after a comparison that the venue did not answer.")] = 5
    settle_s: Annotated[int, _doc("Seconds after which closed orders and fills leave the state, once reconciled.")] = (
        600
    )


class TradingSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that affects decisions. Recorded on the tape; a change takes effect from its event onwards."""

    profile: Annotated[str, _doc("Name of these settings in reports.")] = "custom"
    symbols: Annotated[tuple[str, ...], _doc("Symbols the bot follows, for example BTC-PERP.")] = (
        "BTC-PERP",
        "ETH-PERP",
    )
    cycle_s: Annotated[int, _doc("Seconds between two cycles, for strategies with trigger `cycle`.")] = 60
    strategies: Annotated[tuple[StrategySettings, ...], _doc("The strategies, in order.")] = ()
    aggregation: Annotated[AggregationSettings, _doc("How signals are combined.")] = AggregationSettings()
    sizing: Annotated[SizingSettings, _doc("Position sizes.")] = SizingSettings()
    orders: Annotated[OrderSettings, _doc("How orders are placed and retried.")] = OrderSettings()
    guards: Annotated[GuardSettings, _doc("The limits.")] = GuardSettings()
    state_digest_every: Annotated[
        int, _doc("Number of tape versions between two state digests; snapshots are taken there too.")
    ] = 10_000
    windows: Annotated[WindowSettings, _doc("Price windows.")] = WindowSettings()
    reconciliation: Annotated[ReconciliationSettings, _doc("Comparison with the venue.")] = ReconciliationSettings()
