"""What the venue says of an order that has ended already: told, and nothing is changed by it."""

from perptape.core.events import AlertRaised, OrderRejected, OrderSubmissionFailed
from perptape.core.order import Order
from tests.core.builders import BTC
from tests.core.decide.orders import ordered
from tests.core.rules import Scene, like


def filled_order() -> tuple[Scene, Order]:
    scene = ordered()
    order = scene.order
    return scene.fill(100), order


def test_a_rejection_of_an_order_that_has_filled_refuses_the_strategy_nothing() -> None:
    scene, order = filled_order()
    scene.when(OrderRejected(0, order.client_order_id, "TOO_LATE", "after all"))
    scene.then(like(AlertRaised, topic="order_rejected", subject="filled"))
    [sleeve] = scene.state.markets[BTC].sleeves
    assert (sleeve.refusal, sleeve.refused_at_ns) == ("", 0)
    assert scene.state.closed_orders[order.client_order_id].status == "filled"


def test_a_refusal_of_an_order_that_nobody_knows_is_told_to_no_strategy() -> None:
    scene, _ = filled_order()
    scene.when(OrderSubmissionFailed("gone", "NO_SUCH_THING", "says the venue", retryable=False, retry_after_ns=None))
    [sleeve] = scene.state.markets[BTC].sleeves
    assert (sleeve.refusal, sleeve.refused_at_ns) == ("", 0)
