"""T01: from a signal to a position."""

from decimal import Decimal

from perptape.core.events import OrderFilled, OrderRequested, QuoteUpdated, SignalGenerated
from perptape.core.money import amount
from perptape.replays.oracle import money_adds_up, orders_are_measured, signals_are_pursued
from perptape.replays.scenarios import (
    BTC,
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


@verifies("signal leads to an order")
def the_signal_is_answered_by_one_order_in_its_turn(run: Run) -> None:
    signal, order = run.line(SignalGenerated), run.line(OrderRequested)
    require_equal(order.cause, signal.cause, "the observation behind the order")
    require_equal((order.event.side, order.event.symbol), ("buy", BTC), "the order")


@verifies("size and price quantised to the product's increments")
def size_is_the_largest_multiple_of_the_increment_that_500_buys(run: Run) -> None:
    order = run.one(OrderRequested)
    require_equal(order.size, Decimal("0.0099"), "500 USD at 50,123.45 in steps of 0.0001")


@verifies("fill updates the position")
def the_fill_is_the_position(run: Run) -> None:
    fill = run.one(OrderFilled)
    position = run.state.positions[BTC]
    require_equal((position.size, position.cost), (fill.size, fill.size * fill.price), "size and cost")


@verifies("balances and fees updated")
def the_fee_of_five_basis_points_leaves_the_cash(run: Run) -> None:
    fill = run.one(OrderFilled)
    require_equal(fill.fee, amount(fill.size * fill.price * Decimal("0.0005")), "the taker's fee")
    require_equal(run.state.account.cash, 10_000 - fill.fee, "cash")
    require_equal(run.state.account.total.fees, fill.fee, "fees of the account")
    run.agrees_with_venue()


@verifies("the chain mark→signal→order→fill→position is linked by cause")
def each_step_names_the_one_before(run: Run) -> None:
    order, fill = run.line(OrderRequested), run.line(OrderFilled)
    behind = run.events[(order.cause or 0) - 1].event
    require(isinstance(behind, QuoteUpdated), f"the order's cause is {type(behind).__name__}, not the price")
    require_equal(fill.event.client_order_id, order.event.client_order_id, "the fill's order")
    require_equal(run.state_after(fill.version - 1).positions, {}, "positions before the fill")


SCENARIO = Scenario(
    id="T01",
    name="signal_to_position",
    section="trading",
    story="strategy says BUY → order → fill → position",
    trading=canary(scripted("puppet", f"{BTC} 30 buy")),
    exchange=funded(),
    market=market(prices(BTC, {0: "50123.45", 90: "50123.45"})),
    verifies=(
        the_signal_is_answered_by_one_order_in_its_turn,
        size_is_the_largest_multiple_of_the_increment_that_500_buys,
        the_fill_is_the_position,
        the_fee_of_five_basis_points_leaves_the_cash,
        each_step_names_the_one_before,
        money_adds_up("balances and fees updated"),
        orders_are_measured("size and price quantised to the product's increments"),
        signals_are_pursued("signal leads to an order"),
    ),
)
