"""B03: an order is canceled before it fills."""

from perptape.core.events import (
    CancelAccepted,
    CancelRejected,
    CancelRequested,
    OrderCanceled,
    OrderFilled,
    OrderLookedUp,
    OrderLookupRequested,
)
from perptape.replays.oracle import doubts_are_pursued, orders_are_as_reported
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    FrameFault,
    NetworkSettings,
    Operator,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)


@verifies("hold released")
def what_the_order_held_at_the_venue_is_free_again(run: Run) -> None:
    require_equal(run.order(1).status, "canceled", "status")
    require(all(order.request.intent != 1 for order in run.venue.working()), "the venue still works it")
    require(run.order(1).client_order_id not in run.state.orders, "it counts among the working orders")


@verifies("no position")
def nothing_was_bought(run: Run) -> None:
    require_equal(run.fills(1), [], "fills")
    gone = run.one(OrderCanceled, client_order_id=run.order(1).client_order_id)
    require_equal(gone.filled_size, 0, "filled size")
    require(BTC not in run.state.positions, "a position is held")
    require_equal(run.state.results.get(BTC), None, "results of the symbol")


@verifies("cancel of a filled order handled")
def a_cancel_that_comes_after_the_fill_is_refused_and_the_order_is_looked_up(run: Run) -> None:
    key = run.order(2).client_order_id
    asked, refused = run.first(CancelRequested, client_order_id=key), run.line(CancelRejected, client_order_id=key)
    require(asked.version < refused.version, "it was refused before it was asked for")
    require_equal(run.line(OrderLookupRequested, client_order_id=key).cause, refused.version, "what asked about it")
    require_equal(run.one(OrderLookedUp, client_order_id=key).status, "filled", "what the venue says")
    require_equal(run.lines(CancelAccepted, client_order_id=key), [], "cancels that the venue took")


@verifies("cancel of a filled order handled")
def its_fill_counts_once_and_nothing_is_canceled_again(run: Run) -> None:
    require_equal(run.order(2).status, "filled", "status")
    require_equal(run.position(ETH), run.order(2).size, "position")
    require_equal(len(run.called("cancel", 2)), 1, "cancels sent")
    require(len(run.lines(OrderFilled, symbol=ETH)) == 1, "its fill is not told once")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="B03",
    name="cancelled_before_fill",
    section="broker",
    story="placed → cancelled",
    trading=canary(scripted("puppet", f"{BTC} 10 buy; {ETH} 10 buy"), orders={"entry_type": "post_only"}),
    exchange=funded(),
    network=NetworkSettings(frames=(FrameFault("private", "late", nth=1, delay_ms=8_000),), hold_ms=20_000),
    market=market(
        prices(BTC, {0: 50_000, 120: 50_000}),
        prices(ETH, {0: 3_000, 40: 3_000, 45: 2_990, 120: 2_990}),
    ),
    acts=(At(50, Operator("cancel_all")),),
    verifies=(
        what_the_order_held_at_the_venue_is_free_again,
        nothing_was_bought,
        a_cancel_that_comes_after_the_fill_is_refused_and_the_order_is_looked_up,
        its_fill_counts_once_and_nothing_is_canceled_again,
        doubts_are_pursued("cancel of a filled order handled"),
        orders_are_as_reported("no position"),
    ),
)
