"""D11: orders that are exactly as large, as far and as frequent as their limits allow."""

from decimal import Decimal
from typing import Any

from perptape.core.events import OrderAbandoned, OrderBlocked, OrderRequested, OrderResubmitted
from perptape.core.settings import TradingSettings
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    FaultRule,
    Restart,
    Run,
    Scenario,
    TradeByHand,
    books,
    canary,
    funded,
    market,
    require_equal,
    scripted,
    verifies,
)

PHRASE = "an order that is exactly as large as its limit passes, and one that meets the bot's own does not"
PLANS = {
    "a": f"{BTC} 10 buy; {BTC} 40 close", "b": f"{BTC} 100 buy", "c": f"{BTC} 140 buy", "d": f"{BTC} 145 sell",
    "e": f"{ETH} 150 buy 0.6", "f": f"{ETH} 260 buy", "g": f"{ETH} 330 buy",
}  # fmt: skip
OFF: dict[str, Any] = {
    "trade_value_max": None, "position_caps": {}, "leverage_max": None, "exposure_share_max": None, "spread_max": None,
    "depth_min": None, "slippage_max": None, "orders_per_minute_max": None, "liquidation_buffer": None,
    "daily_loss_limit": None, "drawdown_limit": None, "errors": None, "volatility": None,
}  # fmt: skip
EXACT: dict[str, Any] = {
    "trade_value_max": Decimal(1_002), "position_caps": {BTC: Decimal("0.02")}, "leverage_max": Decimal("0.1002"),
    "exposure_share_max": Decimal(1), "spread_max": Decimal("0.004"), "depth_min": Decimal(50_100),
    "slippage_max": Decimal("0.002"), "underlying_limits": {"BTC": Decimal("0.02")}, "orders_per_minute_max": 1,
}  # fmt: skip


def limits(entry_type: str = "market", **guards: Any) -> TradingSettings:
    """Limits that the orders of this session are exactly as large as."""
    return canary(
        *(scripted(name, plan, trigger="cycle" if name == "e" else "quote") for name, plan in PLANS.items()),
        guards={**OFF, **guards},
        orders={"entry_type": entry_type, "limit_ttl_s": 15, "backoff_max_s": 100},
        sizing={"notional": Decimal(1_000)},
        aggregation={"threshold": Decimal("0.6")},
        cycle_s=30,
    )


@verifies(PHRASE)
def an_order_at_every_limit_at_once_leaves(run: Run) -> None:
    order = run.line(OrderRequested, strategy="a", purpose="entry")
    require_equal((order.event.size, run.second(order.at_ns)), (Decimal("0.02"), 10), "0.02 × 50,100 = 1,002")


@verifies(PHRASE)
def an_order_exactly_a_minute_after_the_last_one_leaves(run: Run) -> None:
    order = run.line(OrderRequested, strategy="b")
    require_equal(run.second(order.at_ns) - run.second(run.line(OrderRequested, purpose="exit").at_ns), 60, "seconds")


@verifies(PHRASE)
def an_order_at_the_price_of_a_resting_one_is_blocked_on_both_sides(run: Run) -> None:
    blocked = [(line.event.guard, line.event.side, line.event.measured) for line in run.lines(OrderBlocked, symbol=BTC)]
    require_equal(
        blocked, [("wash_trade", "buy", Decimal(50_100)), ("wash_trade", "sell", Decimal(49_900))], "what is blocked"
    )


@verifies(PHRASE)
def a_price_as_old_as_its_limit_still_counts(run: Run) -> None:
    order = run.line(OrderRequested, strategy="e")
    require_equal(run.second(order.at_ns), 180, "the cycle 30 s after the price of 150 s")


@verifies(PHRASE)
def a_request_as_old_as_its_signal_lasts_is_sent_again_and_an_older_one_is_not(run: Run) -> None:
    again = run.line(OrderResubmitted)
    require_equal(run.second(again.at_ns), 320, "60 s after the request")
    require_equal(run.second(run.line(OrderAbandoned).at_ns), 391, "61 s after the other one")


SCENARIO = Scenario(
    id="D11",
    name="at_the_limit",
    section="depth",
    story="sizes, prices, ages and counts that are exactly their limit → within it; a price that meets one's own → not",
    trading=limits(**EXACT),
    exchange=funded(
        hold=Decimal(0),
        faults=(
            FaultRule("submit", "refuse_rate_limit", nth=5, retry_after_ms=60_000),
            FaultRule("submit", "refuse_rate_limit", nth=7, retry_after_ms=61_000),
        ),
    ),
    market=market(
        books(BTC, dict.fromkeys(range(0, 421, 5), (49900, 2, 50100, 1))),
        books(ETH, dict.fromkeys([*range(0, 151, 5), *range(200, 421, 5)], (2997, 50, 3003, 50))),
    ),
    acts=(
        At(61, Restart(trading=limits(orders_per_minute_max=1))),
        At(120, TradeByHand(BTC, "sell", Decimal("0.01"), Decimal(50_100))),
        At(121, TradeByHand(BTC, "buy", Decimal("0.01"), Decimal(49_900))),
        At(125, Restart(trading=limits("limit"))),
        At(240, Restart(trading=limits("market"))),
    ),
    verifies=(
        an_order_at_every_limit_at_once_leaves,
        an_order_exactly_a_minute_after_the_last_one_leaves,
        an_order_at_the_price_of_a_resting_one_is_blocked_on_both_sides,
        a_price_as_old_as_its_limit_still_counts,
        a_request_as_old_as_its_signal_lasts_is_sent_again_and_an_older_one_is_not,
        *everything("each number of it is what the tape says"),
    ),
)
