"""T05: an order that would pass the cap."""

from decimal import Decimal

from perptape.core.events import OrderBlocked, OrderRequested
from perptape.core.events.reason import Reason
from perptape.replays.oracle import orders_are_measured
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    canary,
    long,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
    with_positions,
)


@verifies("cap is on position + working orders + this order, not on the order alone")
def an_order_that_is_small_alone_is_blocked_for_what_it_would_reach(run: Run) -> None:
    blocked = run.one(OrderBlocked, symbol=BTC)
    require_equal((blocked.guard, blocked.size), ("position_cap", Decimal("0.01")), "who blocks which size")
    require_equal(
        (blocked.measured, blocked.limit),
        (Decimal("0.055"), Decimal("0.05")),
        "0.035 held + 0.01 working + 0.01, against the cap",
    )
    require_equal(blocked.reason, Reason("above_limit"), "the reason")


@verifies("cap is on position + working orders + this order, not on the order alone")
def the_order_before_it_passes_and_rests(run: Run) -> None:
    passed = run.one(OrderRequested, symbol=BTC)
    require_equal((passed.size, passed.side), (Decimal("0.01"), "buy"), "what reached 0.045 with the position")
    require_equal(run.state_at(60).orders[passed.client_order_id].status, "open", "what works when the next one comes")
    require_equal(run.position(BTC), Decimal("0.035"), "what is held all the time")


@verifies("cap is on position + working orders + this order, not on the order alone")
def the_other_side_does_not_count_what_works_on_this_one(run: Run) -> None:
    sold = run.one(OrderRequested, symbol=ETH, strategy="seller")
    require_equal((sold.side, sold.size), ("sell", Decimal("0.166")), "a sale while as much is bid for")


@verifies("caps per symbol are independent")
def the_other_symbol_trades_up_to_its_own_cap(run: Run) -> None:
    sizes = [order.size for order in run.all(OrderRequested, symbol=ETH, side="buy")]
    require_equal(sizes, [Decimal("0.166")], "ETH bought while BTC is at its cap")
    require(run.second(run.line(OrderRequested, symbol=ETH, side="buy").at_ns) == 60, "it was not in the same second")
    run.none(OrderBlocked, symbol=ETH)


SCENARIO = Scenario(
    id="T05",
    name="position_cap",
    section="trading",
    story="order would pass the cap → blocked",
    trading=canary(
        scripted("first", f"{BTC} 10 buy; {ETH} 60 buy"),
        scripted("second", f"{BTC} 60 buy"),
        scripted("seller", f"{ETH} 70 sell"),
        orders={"entry_type": "post_only"},
    ),
    exchange=with_positions(long(BTC, "0.035", "48000"), long(ETH, "0.8", "2800")),
    market=market(prices(BTC, {0: 50_000, 90: 50_000}), prices(ETH, {0: 3_000, 90: 3_000})),
    verifies=(
        an_order_that_is_small_alone_is_blocked_for_what_it_would_reach,
        the_order_before_it_passes_and_rests,
        the_other_side_does_not_count_what_works_on_this_one,
        the_other_symbol_trades_up_to_its_own_cap,
        orders_are_measured("cap is on position + working orders + this order, not on the order alone"),
    ),
)
