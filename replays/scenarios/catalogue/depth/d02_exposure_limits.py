"""D02: what the guards on exposure measure, with positions, working orders and a liquidation price in play."""

from decimal import Decimal
from typing import Any

from perptape.core.events import OrderBlocked, OrderRequested
from perptape.core.settings import TradingSettings
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Restart,
    Run,
    Scenario,
    canary,
    funded,
    long,
    market,
    prices,
    require_equal,
    scripted,
    short,
    verifies,
)

PHRASE = "every limit counts what is held, what works, and the order itself"
PLANS = {
    "a": f"{BTC} 10 buy", "b": f"{ETH} 20 sell", "c": f"{ETH} 25 buy", "d": f"{BTC} 40 buy", "e": f"{BTC} 45 sell",
    "f": f"{ETH} 80 buy", "g": f"{BTC} 85 buy", "h": f"{BTC} 110 buy", "i": f"{BTC} 115 sell", "j": f"{ETH} 120 sell",
    "k": f"{ETH} 125 buy",
}  # fmt: skip
OFF: dict[str, Any] = {"trade_value_max": None, "position_caps": {}, "daily_loss_limit": None, "drawdown_limit": None}


def limits(**guards: Decimal) -> TradingSettings:
    """Only these limits, on orders of 1,000 USD that rest."""
    return canary(
        *(scripted(name, plan) for name, plan in PLANS.items()),
        sizing={"notional": Decimal(1_000)},
        orders={"entry_type": "post_only", "limit_ttl_s": 600},
        guards={**OFF, "leverage_max": None, "exposure_share_max": None, "liquidation_buffer": None, **guards},
    )


def _measured(run: Run, second: int) -> tuple[str, str, str, str]:
    blocked = run.one(OrderBlocked, since=second, until=second + 5)
    measured = blocked.measured.quantize(Decimal("0.000001")).normalize()
    return blocked.symbol, blocked.guard, f"{measured:f}", f"{blocked.limit:f}"


@verifies(PHRASE)
def leverage_counts_the_other_symbol_and_its_working_orders_at_their_worst(run: Run) -> None:
    require_equal(_measured(run, 20), (ETH, "leverage", "2.749625", "2.5"), "(0.06 × 50,000 + 0.833 × 3,000.3) / 2,000")
    require_equal(_measured(run, 40), (BTC, "leverage", "2.7498", "2"), "(0.08 × 49,995 + 0.5 × 3,000) / 2,000")


@verifies(PHRASE)
def the_share_is_of_equity_times_the_largest_leverage(run: Run) -> None:
    require_equal(_measured(run, 85), (BTC, "exposure_share", "0.39996", "0.39"), "0.08 × 49,995 / (5 × 2,000)")


@verifies(PHRASE)
def the_distance_to_liquidation_is_measured_with_the_other_positions_margin(run: Run) -> None:
    require_equal(
        _measured(run, 110),
        (BTC, "liquidation_buffer", "0.472989", "0.75"),
        "a long of 0.08 is liquidated at (3,999.6 − 2,000 + 45) / (0.08 × 0.97) = 26,347.9",
    )
    require_equal(
        _measured(run, 120),
        (ETH, "liquidation_buffer", "0.724498", "0.75"),
        "a short of 0.833 is liquidated at (2,499.25 + 2,000 − 60) / (0.833 × 1.03) = 5,174.0",
    )


@verifies(PHRASE)
def an_order_that_leads_to_less_passes_each_of_them(run: Run) -> None:
    passed = [(run.second(line.at_ns), line.event.symbol, line.event.side) for line in run.lines(OrderRequested)]
    require_equal(
        passed,
        [
            (10, BTC, "buy"),
            (25, ETH, "buy"),
            (45, BTC, "sell"),
            (80, ETH, "buy"),
            (115, BTC, "sell"),
            (125, ETH, "buy"),
        ],
        "orders that pass",
    )


SCENARIO = Scenario(
    id="D02",
    name="exposure_limits",
    section="depth",
    story="one limit after the other → each order is measured with everything beside it",
    trading=limits(leverage_max=Decimal("2.5")),
    exchange=funded(
        cash=Decimal(2_000), hold=Decimal(0), positions=(long(BTC, "0.04", "50000"), short(ETH, "0.5", "3000"))
    ),
    market=market(prices(BTC, {0: 50_000, 160: 50_000}), prices(ETH, {0: 3_000, 160: 3_000})),
    acts=(
        At(30, Restart(trading=limits(leverage_max=Decimal(2)))),
        At(70, Restart(trading=limits(leverage_max=Decimal(5), exposure_share_max=Decimal("0.39")))),
        At(100, Restart(trading=limits(liquidation_buffer=Decimal("0.75")))),
    ),
    verifies=(
        leverage_counts_the_other_symbol_and_its_working_orders_at_their_worst,
        the_share_is_of_equity_times_the_largest_leverage,
        the_distance_to_liquidation_is_measured_with_the_other_positions_margin,
        an_order_that_leads_to_less_passes_each_of_them,
        *everything(PHRASE),
    ),
)
