"""D10: the same wishes under no limits, tight ones, and some of them, with working orders and positions beside them."""

from decimal import Decimal
from typing import Any

from msgspec.structs import replace

from perptape.core.settings import ErrorBreaker, TradingSettings, VolatilityBreaker
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Operator,
    Restart,
    Scenario,
    TradeByHand,
    canary,
    conditions,
    long,
    market,
    short,
    with_positions,
)
from perptape.replays.scenarios.language.storms import Draws, puppets

PHRASE = "each limit that is set is measured, and one that is not set limits nothing"
LAST_S = 900
DRAWS = Draws(10)
STRATEGIES = puppets(DRAWS, LAST_S, 60, ("one", "two", "three"), trailing_stop=Decimal("0.02"))
UNSTOPPED = tuple(replace(strategy, trailing_stop=None) for strategy in STRATEGIES)
OFF: dict[str, Any] = {
    "daily_loss_limit": None, "drawdown_limit": None, "trade_value_max": None, "position_caps": {},
    "exposure_share_max": None, "leverage_max": None, "liquidation_buffer": None, "spread_max": None,
    "depth_min": None, "slippage_max": None, "orders_per_minute_max": None, "errors": None, "volatility": None,
    "wash_trade": False,
}  # fmt: skip
TIGHT: dict[str, Any] = {
    "daily_loss_limit": Decimal(200), "drawdown_limit": Decimal("0.2"), "trade_value_max": Decimal(1_000),
    "position_caps": {BTC: Decimal("0.03"), ETH: Decimal("0.6")}, "exposure_share_max": Decimal("0.5"),
    "leverage_max": Decimal("1.5"), "liquidation_buffer": Decimal("0.5"), "spread_max": Decimal("0.004"),
    "depth_min": Decimal(100), "slippage_max": Decimal("0.001"), "orders_per_minute_max": 3,
    "errors": ErrorBreaker(), "volatility": VolatilityBreaker(60, Decimal("0.03"), 30), "wash_trade": True,
    "underlying_limits": {"BTC": Decimal("0.025")},
}  # fmt: skip


def limits(entry_type: str, sizing: dict[str, Any], **guards: Any) -> TradingSettings:
    """These limits, and no others."""
    return canary(
        *(UNSTOPPED if entry_type == "post_only" else STRATEGIES),
        guards={**OFF, **guards},
        orders={"entry_type": entry_type, "limit_ttl_s": 40, "refusal_cooldown_s": 0},
        sizing=sizing,
        reconciliation={"every_s": 300},
    )


NOTIONAL = {"notional": Decimal(600)}
TINY = {"notional": Decimal(8)}
SIGMA = {"method": "volatility_scaled", "risk_fraction": Decimal("0.0004"), "notional_max": Decimal(900)}

SCENARIO = Scenario(
    id="D10",
    name="other_limits",
    section="depth",
    story="the settings' limits are taken away, tightened, and set one without the other → measured as they are set",
    trading=limits("market", NOTIONAL),
    exchange=with_positions(
        long(BTC, "0.02", "50200"), short(ETH, "0.3", "2990"), cash=Decimal(1_500), hold=Decimal(0)
    ),
    market=market(conditions("normal", {BTC: 50_000, ETH: 3_000}, seconds=LAST_S)),
    acts=(
        At(90, Restart(trading=limits("post_only", NOTIONAL, **TIGHT))),
        At(160, Restart(trading=limits("limit", NOTIONAL, leverage_max=Decimal("1.2")))),
        At(
            220, Restart(trading=limits("market", NOTIONAL, leverage_max=Decimal(3), exposure_share_max=Decimal("0.3")))
        ),
        At(290, Restart(trading=limits("limit", SIGMA, **{**TIGHT, "leverage_max": None, "wash_trade": False}))),
        At(360, Restart(trading=limits("post_only", NOTIONAL, liquidation_buffer=Decimal("0.8"), wash_trade=True))),
        At(430, Restart(trading=limits("post_only", NOTIONAL, position_caps={BTC: Decimal("0.02")}))),
        At(500, Restart(trading=limits("limit", NOTIONAL, underlying_limits={"BTC": Decimal("0.015")}))),
        At(560, Restart(trading=limits("market", SIGMA, depth_min=Decimal(999_990), orders_per_minute_max=2))),
        At(630, Restart(trading=limits("market", NOTIONAL, slippage_max=Decimal("0.00005")))),
        At(
            690, Restart(trading=limits("market", NOTIONAL, spread_max=Decimal("0.0001"), trade_value_max=Decimal(700)))
        ),
        At(740, Restart(trading=limits("market", NOTIONAL, trade_value_max=Decimal(700)))),
        At(775, Restart(trading=limits("limit", TINY))),
        At(800, Restart(trading=limits("limit", NOTIONAL, daily_loss_limit=Decimal(1), drawdown_limit=Decimal("0.5")))),
        At(850, Restart(trading=limits("limit", NOTIONAL, daily_loss_limit=None, exposure_share_max=Decimal("0.1")))),
        *(At(second, Operator("resume")) for second in range(115, LAST_S - 20, 40)),
        *(At(second, TradeByHand(BTC, "sell", Decimal("0.03"), Decimal(52_500))) for second in (150, 450)),
        *(At(second, TradeByHand(ETH, "buy", Decimal("0.1"))) for second in (210, 550)),
    ),
    verifies=everything(PHRASE),
)
