"""T06: a big order fills in parts."""

from decimal import Decimal

from perptape.core.events import CancelRequested, OrderCanceled, OrderFilled, OrderRequested, QuoteUpdated
from perptape.replays.oracle import money_adds_up, orders_are_as_reported
from perptape.replays.scenarios import (
    BTC,
    At,
    Operator,
    Run,
    Scenario,
    canary,
    market,
    prices,
    require,
    require_equal,
    scripted,
    thin,
    verifies,
)

SIZE = Decimal("0.02")
PRICE = Decimal("49995.0")


@verifies("filled, remaining and average price after each fill")
def each_fill_moves_filled_and_remaining_and_the_average_is_by_size(run: Run) -> None:
    fills = run.lines(OrderFilled)
    sizes = [one.event.size for one in fills]
    require(len(sizes) >= 2, f"filled in {len(sizes)} parts")
    done = value = Decimal(0)
    for one in fills:
        done += one.event.size
        value += one.event.size * one.event.price
        order = run.state_after(one.version).orders[one.event.client_order_id]
        require_equal(order.filled_size, done, "filled so far")
        require_equal(order.size - order.filled_size, SIZE - done, "remaining")
        require_equal(order.filled_value, value, "its average price times what is filled")
    require_equal(run.statuses(1)[:2], ["requested", "open"], "the first statuses")
    require_equal(run.statuses(1)[2:-1], [f"partly_filled {sum(sizes[: n + 1]):f}" for n in range(len(sizes))], "then")


@verifies("position follows fills only")
def the_position_is_what_has_filled_and_never_what_was_ordered(run: Run) -> None:
    require_equal(run.state_after(run.line(OrderRequested).version).positions, {}, "held after the request")
    for one in run.lines(OrderFilled):
        before = run.state_after(one.version - 1).positions.get(BTC)
        after = run.state_after(one.version).positions[BTC].size
        require_equal(after - (before.size if before else 0), one.event.size, "what a fill adds")
    require_equal(run.position(BTC), sum(one.size for one in run.all(OrderFilled)), "held at the end")
    run.agrees_with_venue()


@verifies("remainder can be cancelled")
def the_rest_is_canceled_and_what_filled_stays(run: Run) -> None:
    asked, gone = run.line(CancelRequested), run.line(OrderCanceled)
    require(asked.version < gone.version, "it ended before it was asked for")
    require(0 < gone.event.filled_size < SIZE, f"{gone.event.filled_size:f} of {SIZE:f} filled")
    require_equal(run.order(1).status, "canceled", "status")
    require_equal(run.order(1).filled_size, gone.event.filled_size, "filled in the end")
    require_equal(run.state.orders, {}, "working orders")
    later = run.lines(QuoteUpdated, since=run.second(gone.at_ns))
    require(len(later) > 3, "the market ends with the cancel")
    require_equal(run.lines(OrderFilled, since=run.second(gone.at_ns)), [], "fills after the cancel")


SCENARIO = Scenario(
    id="T06",
    name="partial_fill",
    section="trading",
    story="big order fills in parts → tracked → rest cancelled",
    trading=canary(
        scripted("puppet", f"{BTC} 10 buy"),
        sizing={"notional": Decimal(1000)},
        orders={"entry_type": "post_only"},
    ),
    exchange=thin("300"),
    acts=(At(60, Operator("cancel_all")),),
    market=market(prices(BTC, {0: 50_000, 20: 50_000, 25: 49_985, 35: 49_985, 40: 50_100, 90: 50_100})),
    verifies=(
        each_fill_moves_filled_and_remaining_and_the_average_is_by_size,
        the_position_is_what_has_filled_and_never_what_was_ordered,
        the_rest_is_canceled_and_what_filled_stays,
        orders_are_as_reported("filled, remaining and average price after each fill"),
        money_adds_up("position follows fills only"),
    ),
)
