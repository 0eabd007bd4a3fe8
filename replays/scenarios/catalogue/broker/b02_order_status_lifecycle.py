"""B02: the life of an order."""

from decimal import Decimal

from perptape.core.events import OrderAccepted, OrderCanceled, OrderExpired, OrderFilled, OrderRejected, OrderRequested
from perptape.core.opening import state_digest
from perptape.replays.oracle import orders_are_as_reported
from perptape.replays.scenarios import (
    BTC,
    At,
    Run,
    Scenario,
    VenueSays,
    canary,
    market,
    prices,
    require_equal,
    scripted,
    thin,
    verifies,
)


@verifies("every transition recorded")
def it_goes_from_requested_to_filled_step_by_step(run: Run) -> None:
    require_equal(
        run.statuses(1),
        ["requested", "open", "partly_filled 0.006", "partly_filled 0.012", "filled"],
        "statuses",
    )
    events = [
        type(line.event)
        for line in run.events
        if isinstance(line.event, (OrderRequested, OrderAccepted, OrderFilled)) and run.second(line.at_ns) < 45
    ]
    require_equal(events, [OrderRequested, OrderAccepted, OrderFilled, OrderFilled, OrderFilled], "events behind them")


@verifies("average price right")
def the_average_is_weighted_by_size_and_fees_add_up(run: Run) -> None:
    order = run.order(1)
    require_equal((order.filled_size, order.filled_value), (Decimal("0.018"), Decimal("899.91")), "size and value")
    require_equal(order.filled_value / order.filled_size, Decimal(49995), "average price")
    require_equal(order.fees, Decimal("0.179982"), "0.0002 × 899.91, a maker's fee")


@verifies("average price right")
def fills_at_several_prices_average_between_them(run: Run) -> None:
    exits = run.fills(2)
    require_equal(
        [fill.price for fill in exits], [Decimal("50094.9"), Decimal("50069.8"), Decimal("50044.8")], "prices"
    )
    average = run.order(2).filled_value / run.order(2).filled_size
    require_equal(average.quantize(Decimal("0.0001")), Decimal("50069.8333"), "average of three equal parts")


@verifies("illegal transitions refused")
def a_late_word_about_an_order_that_has_ended_changes_nothing(run: Run) -> None:
    for line in [*run.lines(OrderRejected), *run.lines(OrderExpired), *run.lines(OrderCanceled)]:
        before, after = run.state_after(line.version - 1), run.state_after(line.version)
        key = run.order(1).client_order_id
        require_equal(after.closed_orders[key].status, "filled", f"status after {type(line.event).__name__}")
        require_equal(after.closed_orders[key].filled_size, Decimal("0.018"), "filled size")
        require_equal(after.positions, before.positions, "positions")
        after.version, after.at_ns, after.feed_seq = before.version, before.at_ns, before.feed_seq
        require_equal(state_digest(after), state_digest(before), "everything else")
    require_equal(
        len(run.all(OrderRejected)) + len(run.all(OrderExpired)) + len(run.all(OrderCanceled)), 3, "late words"
    )


SCENARIO = Scenario(
    id="B02",
    name="order_status_lifecycle",
    section="broker",
    story="pending → open → partly filled ×2 → filled",
    trading=canary(
        scripted("puppet", f"{BTC} 10 buy; {BTC} 70 close"),
        sizing={"notional": Decimal(900)},
        orders={"entry_type": "post_only"},
    ),
    exchange=thin("300"),
    market=market(prices(BTC, {0: 50_000, 20: 50_000, 25: 49_985, 40: 49_985, 45: 50_100, 90: 50_100})),
    acts=(
        At(50, VenueSays(OrderCanceled(0, "1", "sim-order-1", Decimal(0), "too late"))),
        At(55, VenueSays(OrderRejected(0, "1", "TOO_LATE", "it was rejected after all"))),
        At(60, VenueSays(OrderExpired(0, "1", "sim-order-1", Decimal(0)))),
    ),
    verifies=(
        it_goes_from_requested_to_filled_step_by_step,
        the_average_is_weighted_by_size_and_fees_add_up,
        fills_at_several_prices_average_between_them,
        a_late_word_about_an_order_that_has_ended_changes_nothing,
        orders_are_as_reported("every transition recorded"),
    ),
)
