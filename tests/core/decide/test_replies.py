"""Calls that the budget held back and replies that cannot be read: what became of a call is asked, never guessed."""

from typing import Any

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AlertRaised,
    CallThrottled,
    CancelRequested,
    GuardTripped,
    ModeChanged,
    OrderLookupRequested,
    OrderResubmitted,
    ReconciliationRequested,
    ReplyNotUnderstood,
    StreamGapDetected,
    TimerSet,
)
from perptape.core.settings import ErrorBreaker, OrderSettings
from tests.core.builders import limits
from tests.core.decide.orders import RESTING, ordered, resting
from tests.core.facts import accepted, command, not_found, report, running, unanswered
from tests.core.rules import Scene, given, like


def held(scene: Scene, call: Any, key: str) -> Scene:
    return scene.when(CallThrottled(call, key, 3 * SECOND_NS))


def garbled(scene: Scene, call: Any, key: str, field: str = "status") -> Scene:
    return scene.when(ReplyNotUnderstood(call, key, field, "unknown value", "{}"))


def test_an_order_that_was_held_back_is_sent_in_its_place_and_counts_as_no_attempt_and_no_error() -> None:
    scene = ordered(guards=limits(errors=ErrorBreaker(failures=1)))
    held(scene, "submit", scene.order.client_order_id).then(
        like(TimerSet, timer_id=f"retry:{scene.order.client_order_id}", due_at_ns=scene.at_ns + 3 * SECOND_NS)
    )
    assert (scene.order.status, scene.order.attempts) == ("waiting", 0)
    scene.wait().then(like(OrderResubmitted, attempt=1))


def test_a_lookup_and_a_cancel_that_were_held_back_are_asked_in_their_place() -> None:
    scene = ordered()
    key = scene.order.client_order_id
    scene.when(unanswered(scene.order))
    held(scene, "look_up", key).then(like(TimerSet, timer_id=f"lookup:{key}"))
    scene.wait().then(like(OrderLookupRequested, attempt=1))
    scene = resting().when(command("cancel_all"))
    key = scene.order.client_order_id
    held(scene, "cancel", key).then(like(TimerSet, timer_id=f"cancel:{key}"))
    scene.wait().then(CancelRequested)


def test_a_comparison_that_was_held_back_is_asked_for_in_its_place() -> None:
    scene = given(*running()).when(StreamGapDetected("private", 1, 3))
    held(scene, "report_account", scene.state.reconciliation.pending).then(like(TimerSet, timer_id="reconcile"))
    scene.wait().then(ReconciliationRequested)


def test_what_was_held_back_of_something_unknown_changes_nothing() -> None:
    scene = given(*running())
    held(scene, "submit", "nobody")
    held(scene, "look_up", "nobody")
    held(scene, "cancel", "nobody")
    held(scene, "report_account", "reconciliation-0")
    assert scene.state.orders == {}


def test_an_order_whose_reply_cannot_be_read_is_unknown_and_looked_up_and_the_field_is_named() -> None:
    scene = ordered()
    garbled(scene, "submit", scene.order.client_order_id, "venue_order_id").then(
        like(AlertRaised, severity="warning", topic="reply_unreadable", subject="submit"),
        OrderLookupRequested,
    )
    assert scene.order.status == "unknown"
    assert scene.order.note is not None
    assert scene.order.note.text == "unknown value"


def test_only_the_first_in_a_row_is_told_and_a_good_reply_ends_the_row() -> None:
    scene = ordered(orders=OrderSettings(not_understood_max=9))
    key = scene.order.client_order_id
    garbled(scene, "submit", key, "").then(
        like(AlertRaised, topic="reply_unreadable", subject="submit"), OrderLookupRequested
    )
    garbled(scene, "look_up", key).then(like(TimerSet, timer_id=f"lookup:{key}"))
    assert scene.state.unreadable_replies == 2
    scene.when(not_found(scene.order))
    assert scene.state.unreadable_replies == 0


def test_a_cancel_whose_reply_cannot_be_read_is_asked_again() -> None:
    scene = resting().when(command("cancel_all"))
    key = scene.order.client_order_id
    garbled(scene, "cancel", key).then_also(like(TimerSet, timer_id=f"cancel:{key}"))


def test_a_report_that_cannot_be_read_is_asked_for_again() -> None:
    scene = given(*running()).when(StreamGapDetected("private", 1, 3))
    garbled(scene, "report_account", scene.state.reconciliation.pending, "cash").then_also(
        like(TimerSet, timer_id="reconcile", due_at_ns=scene.at_ns + 5 * SECOND_NS)
    )
    garbled(scene, "report_account", "an older one").then_also(like(TimerSet, timer_id="reconcile"))
    assert scene.state.reconciliation.pending == ""


def test_too_many_in_a_row_halt_the_bot_since_the_interface_must_have_changed() -> None:
    scene = ordered()
    key = scene.order.client_order_id
    garbled(scene, "submit", key)
    garbled(scene, "look_up", key)
    garbled(scene, "look_up", key).then_also(like(ModeChanged, mode="halted", cause="api_change"))


def test_replies_that_cannot_be_read_count_for_the_breaker() -> None:
    scene = ordered(guards=limits(errors=ErrorBreaker(failures=1)))
    garbled(scene, "submit", scene.order.client_order_id).then_also(like(GuardTripped, guard="error_rate"))


def test_a_reply_about_something_that_has_ended_asks_nothing() -> None:
    scene = given(*running())
    garbled(scene, "submit", "nobody").then(AlertRaised)
    garbled(scene, "cancel", "nobody").then()
    scene.when(report(scene.state))
    scene = ordered(orders=RESTING)
    scene.when(accepted(scene.order))
    garbled(scene, "submit", scene.order.client_order_id).then(AlertRaised)
