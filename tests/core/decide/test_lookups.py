# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""Nobody knows what became of a request: the venue is asked before anything is sent again (B11, B12)."""

from decimal import Decimal

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AlertRaised,
    DriftDetected,
    DriftRepaired,
    ModeChanged,
    OrderAbandoned,
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderResubmitted,
    TimerSet,
)
from perptape.core.events.reason import Reason, venue_says
from perptape.core.order import remaining
from tests.core.decide.orders import RESTING, ordered, resting
from tests.core.facts import (
    accepted,
    as_reported,
    filled,
    found,
    not_found,
    started,
    unanswered,
)
from tests.core.rules import like


def test_an_order_without_an_answer_is_asked_about_and_found() -> None:
    scene = ordered()
    scene.when(unanswered(scene.order)).then(like(OrderLookupRequested, attempt=1))
    assert scene.order.status == "unknown"
    scene.when(found(scene.order)).then()
    assert (scene.order.status, scene.order.venue_order_id, scene.order.lookups) == ("open", "venue-1", 0)


def test_a_lost_answer_to_the_question_is_asked_for_again_with_growing_waits() -> None:
    scene = ordered()
    order = scene.order
    scene.when(unanswered(order))
    for attempt, wait_s in ((2, 4), (3, 8), (4, 16)):
        failed_at_ns = scene.at_ns
        scene.when(OrderLookupFailed(order.client_order_id, "TIMED_OUT", "timed out")).then(
            like(TimerSet, timer_id=f"lookup:{order.client_order_id}", due_at_ns=failed_at_ns + wait_s * SECOND_NS)
        )
        scene.wait_for(f"lookup:{order.client_order_id}").then(like(OrderLookupRequested, attempt=attempt))
    fill = as_reported(filled(order, 100))
    scene.when(found(order, "filled", [fill])).then()
    assert scene.position() == 5
    assert scene.working == []


def test_an_answer_may_bring_fills_and_the_end_of_the_rest() -> None:
    scene = ordered()
    order = scene.order
    scene.when(unanswered(order))
    scene.when(found(order, "canceled", [as_reported(filled(order, 100, 2))], reason="no liquidity is left")).then()
    assert (order.status, order.note, scene.position()) == ("canceled", venue_says("no liquidity is left"), 2)


def test_a_partly_filled_order_that_is_found_stays_partly_filled() -> None:
    scene = ordered()
    order = scene.order
    scene.when(unanswered(order)).when(found(order, "open", [as_reported(filled(order, 100, 2))])).then()
    assert (order.status, remaining(order)) == ("partly_filled", 3)


@pytest.mark.parametrize("status", ["unknown", "filled"])
def test_an_answer_that_settles_nothing_is_asked_for_again(status: str) -> None:
    scene = ordered()
    order = scene.order
    scene.when(unanswered(order)).when(found(order, status)).then(
        like(TimerSet, timer_id=f"lookup:{order.client_order_id}")
    )
    scene.wait_for(f"lookup:{order.client_order_id}").then(OrderLookupRequested)


def test_another_order_under_the_same_id_halts_the_bot() -> None:
    scene = ordered()
    scene.when(unanswered(scene.order)).when(found(scene.order, size=Decimal(7))).then_also(
        like(ModeChanged, mode="halted", cause="venue")
    )


def test_not_found_before_the_settle_time_is_no_answer_yet() -> None:
    scene = ordered(session=started(settle_ns=10 * SECOND_NS))
    order, sent_at_ns = scene.order, scene.at_ns
    scene.when(unanswered(order), after_s=4).when(not_found(order)).then(
        like(TimerSet, timer_id=f"lookup:{order.client_order_id}", due_at_ns=sent_at_ns + 10 * SECOND_NS)
    )
    scene.wait().then(OrderLookupRequested)
    scene.when(not_found(order)).then(like(OrderResubmitted, attempt=2))


def test_not_found_after_the_settle_time_sends_the_same_order_again_where_ids_are_idempotent() -> None:
    scene = ordered()
    order = scene.order
    scene.when(unanswered(order)).when(not_found(order)).then(
        like(OrderResubmitted, client_order_id=order.client_order_id, attempt=2)
    )
    assert (order.status, order.sent_at_ns) == ("requested", scene.at_ns)


def test_not_found_gives_the_order_up_where_a_repeated_id_is_a_second_order() -> None:
    scene = ordered(session=started(idempotent_client_ids=False))
    scene.when(unanswered(scene.order)).when(not_found(scene.order)).then(OrderAbandoned, AlertRaised)
    assert scene.working == []


def test_not_found_gives_up_an_entry_whose_signal_is_stale() -> None:
    scene = ordered()
    scene.when(unanswered(scene.order), after_s=61).when(not_found(scene.order)).then(OrderAbandoned, AlertRaised)


def test_an_order_that_surfaces_after_it_was_given_up_counts_again() -> None:
    scene = ordered(session=started(idempotent_client_ids=False))
    order = scene.order
    scene.when(unanswered(order)).when(not_found(order))
    scene.when(accepted(order)).then()
    assert scene.working == [order]
    scene.fill(100)
    assert scene.position() == 5


def test_an_answer_about_what_the_feed_has_settled_changes_nothing() -> None:
    scene = ordered()
    order = scene.order
    scene.when(unanswered(order)).fill(100).when(not_found(order)).then()
    assert (order.status, scene.position()) == ("filled", 5)
    scene.when(OrderLookupFailed(order.client_order_id, "TIMED_OUT", "timed out")).then()
    scene.when(unanswered(order)).then()
    scene.when(OrderLookedUp("never heard of", False, "unknown", "", "", "buy", Decimal(0), Decimal(0), (), "")).then()


def test_a_working_order_that_the_venue_no_longer_knows_is_repudiated_with_evidence() -> None:
    scene = resting()
    order = scene.order
    scene.when(not_found(order)).then(
        like(DriftDetected, subject="order", key=order.client_order_id, ours=5, theirs=0),
        like(DriftRepaired, subject="order", key=order.client_order_id, value=0),
    )
    assert (order.status, order.note, scene.working) == ("rejected", Reason("unknown_to_venue"), [])
    scene.when(accepted(order))
    assert scene.working == []
    scene.when(filled(order, 100, 5))
    assert (order.status, scene.position()) == ("filled", 5)


def test_not_finding_a_working_order_within_the_settle_time_proves_nothing() -> None:
    scene = ordered(session=started(settle_ns=10 * SECOND_NS), orders=RESTING).accept()
    scene.when(not_found(scene.order)).then()
    assert (scene.order.status, scene.order.venue_order_id) == ("open", "venue-1")
    scene.when(found(scene.order, client_order_id="somebody's")).then()
