# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""Orders that are to go: asked for once, tried again while the venue refuses, and never sent again (B03)."""

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AlertRaised,
    CancelOutcomeUnknown,
    CancelRejected,
    CancelRequested,
    ConnectionLost,
    ConnectionRestored,
    OrderAbandoned,
    OrderLookupRequested,
    TimerSet,
)
from tests.core.decide.orders import ordered, resting
from tests.core.facts import (
    accepted,
    as_reported,
    canceled,
    command,
    filled,
    found,
    not_found,
    refused,
    started,
    unanswered,
)
from tests.core.rules import Scene, like


def unwanted() -> Scene:
    """A resting order that an operator wants canceled."""
    return resting().when(command("cancel_all"))


def test_a_cancel_is_asked_for_once() -> None:
    scene = unwanted().then_also(CancelRequested)
    scene.when(command("cancel_all", command_id="again")).then_never(CancelRequested)


def test_a_refused_cancel_asks_what_became_of_the_order() -> None:
    scene = unwanted()
    order = scene.order
    scene.when(CancelRejected(order.client_order_id, "ORDER_IS_FULLY_FILLED", "too late")).then(
        like(TimerSet, timer_id=f"cancel:{order.client_order_id}"), like(OrderLookupRequested, attempt=1)
    )
    scene.when(found(order, "filled", [as_reported(filled(order, 100))])).then()
    assert scene.position() == 5
    scene.wait_for(f"cancel:{order.client_order_id}").then()


def test_a_cancel_that_the_venue_keeps_refusing_is_tried_again_after_growing_waits() -> None:
    scene = unwanted().when(command("halt"))
    order = scene.order
    for wait_s in (1, 2, 4):
        scene.when(CancelRejected(order.client_order_id, "BUSY", "")).then(TimerSet, OrderLookupRequested)
        scene.when(found(order)).then()
        asked_at_ns = scene.at_ns
        scene.wait_for(f"cancel:{order.client_order_id}").then(CancelRequested)
        assert scene.at_ns == asked_at_ns + wait_s * SECOND_NS


def test_a_cancel_whose_outcome_is_unknown_is_asked_for_again() -> None:
    scene = unwanted()
    order = scene.order
    scene.when(CancelOutcomeUnknown(order.client_order_id, "timed out")).then(
        like(TimerSet, timer_id=f"cancel:{order.client_order_id}", due_at_ns=scene.at_ns + SECOND_NS)
    )
    scene.wait_for(f"cancel:{order.client_order_id}").then(CancelRequested)
    scene.when(canceled(order))
    scene.when(CancelOutcomeUnknown(order.client_order_id, "timed out")).then()
    scene.when(CancelRejected(order.client_order_id, "UNKNOWN", "")).then()


def test_a_venue_that_can_be_reached_again_is_asked_at_once() -> None:
    scene = unwanted()
    order, timer_id = scene.order, f"cancel:{scene.order.client_order_id}"
    for wait_s in (1, 2, 4):
        due_at_ns = scene.at_ns + wait_s * SECOND_NS
        scene.when(CancelOutcomeUnknown(order.client_order_id, "no route")).then(
            like(TimerSet, timer_id=timer_id, due_at_ns=due_at_ns)
        )
        scene.wait_for(timer_id).then(CancelRequested)
    scene.when(CancelOutcomeUnknown(order.client_order_id, "no route")).when(ConnectionRestored("private"))
    scene.then_never(TimerSet)
    scene.when(ConnectionRestored("rest")).then(like(TimerSet, timer_id=timer_id, due_at_ns=scene.at_ns))
    scene.wait_for(timer_id).then(CancelRequested)


def test_a_cancel_waits_for_a_connection_that_is_known_to_be_lost() -> None:
    scene = unwanted()
    order, timer_id = scene.order, f"cancel:{scene.order.client_order_id}"
    scene.when(CancelOutcomeUnknown(order.client_order_id, "no route")).when(ConnectionLost("rest", "no route"))
    scene.wait_for(timer_id).then(like(TimerSet, timer_id=timer_id, due_at_ns=scene.at_ns + 60 * SECOND_NS))
    scene.when(ConnectionRestored("rest")).then_also(like(TimerSet, timer_id=timer_id, due_at_ns=scene.at_ns))
    scene.wait_for(timer_id).then(CancelRequested)


def test_an_order_on_its_way_whose_cancel_is_refused_is_canceled_once_it_is_there() -> None:
    scene = ordered().when(command("cancel_all")).then_also(CancelRequested)
    order = scene.order
    scene.when(CancelRejected(order.client_order_id, "UNKNOWN_CANCEL_ORDER", "")).then(TimerSet)
    scene.accept().then()
    scene.wait_for(f"cancel:{order.client_order_id}").then(CancelRequested)


def test_an_order_that_somebody_wants_canceled_is_never_sent_again() -> None:
    scene = ordered()
    order = scene.order
    scene.when(unanswered(order)).when(command("cancel_all"))
    scene.when(CancelRejected(order.client_order_id, "UNKNOWN_CANCEL_ORDER", "")).when(not_found(order))
    scene.then(OrderAbandoned, AlertRaised)


def test_an_order_that_waits_to_be_sent_again_is_simply_given_up() -> None:
    scene = ordered()
    order = scene.order
    scene.when(refused(order)).when(command("cancel_all")).then_also(OrderAbandoned).then_never(CancelRequested)
    scene.wait_for(f"retry:{order.client_order_id}").then()


def test_an_order_that_surfaces_while_halted_is_canceled() -> None:
    scene = ordered(session=started(idempotent_client_ids=False))
    order = scene.order
    scene.when(unanswered(order)).when(not_found(order)).when(command("halt"))
    scene.when(accepted(order)).then(like(CancelRequested, client_order_id=order.client_order_id))
    scene.when(found(order)).then(CancelRequested)


def test_an_acceptance_that_comes_after_the_order_ended_is_no_order_to_cancel_while_halted() -> None:
    scene = ordered()
    order = scene.order
    scene.when(filled(order, 100)).when(command("halt"))
    scene.when(accepted(order)).then()


def test_an_order_found_by_a_lookup_while_halted_is_canceled() -> None:
    scene = ordered(session=started(idempotent_client_ids=False))
    order = scene.order
    scene.when(unanswered(order)).when(not_found(order)).when(command("halt"))
    scene.when(found(order)).then(like(CancelRequested, client_order_id=order.client_order_id))
