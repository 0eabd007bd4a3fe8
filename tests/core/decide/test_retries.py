# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""A request that did not reach the book is the same order again, later; failures add up (T09, B01, B15)."""

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountQueryFailed,
    AlertRaised,
    ConfigurationLoaded,
    GuardCleared,
    GuardTripped,
    OrderAbandoned,
    OrderLookupFailed,
    OrderRequested,
    OrderResubmitted,
    OrderSubmissionFailed,
    ReconciliationRequested,
    TimerFired,
    TimerSet,
)
from perptape.core.events.reason import Reason, venue_code
from perptape.core.settings import ErrorBreaker, OrderSettings
from tests.core.builders import limits
from tests.core.decide.orders import ordered, resting
from tests.core.facts import (
    command,
    not_found,
    quote,
    refused,
    report,
    settings,
    unanswered,
)
from tests.core.rules import like


def test_a_rate_limited_order_is_sent_again_under_the_same_id_after_1_2_and_4_seconds() -> None:
    scene = ordered()
    client_order_id = scene.order.client_order_id
    for attempt, wait_s in ((2, 1), (3, 2), (4, 4)):
        refused_at_ns = scene.at_ns
        scene.when(refused(scene.order)).then(
            like(TimerSet, timer_id=f"retry:{client_order_id}", due_at_ns=refused_at_ns + wait_s * SECOND_NS)
        )
        scene.wait().then(like(OrderResubmitted, client_order_id=client_order_id, attempt=attempt))
        assert scene.at_ns == refused_at_ns + wait_s * SECOND_NS
    scene.fill(100)
    assert [order.client_order_id for order in scene.state.closed_orders.values()] == [client_order_id]
    assert scene.state.intents == 1


def test_waits_stop_growing_at_the_longest() -> None:
    scene = ordered(orders=OrderSettings(backoff_s=10, backoff_max_s=15))
    scene.when(refused(scene.order)).wait()
    scene.when(refused(scene.order)).then(like(TimerSet, due_at_ns=scene.at_ns + 15 * SECOND_NS))


def test_a_longer_wait_that_the_venue_asks_for_is_kept() -> None:
    scene = ordered()
    scene.when(refused(scene.order, retry_after_ns=7 * SECOND_NS)).then(
        like(TimerSet, due_at_ns=scene.at_ns + 7 * SECOND_NS)
    )


def test_when_the_attempts_are_used_up_the_order_is_given_up() -> None:
    scene = ordered(orders=OrderSettings(attempts_max=2))
    scene.when(refused(scene.order)).wait()
    scene.when(refused(scene.order)).then(
        like(OrderAbandoned, reason=venue_code("RATE_LIMIT_EXCEEDED", "429")), like(AlertRaised, topic="order_given_up")
    )
    assert scene.working == []


def test_a_refusal_that_no_repetition_helps_gives_the_order_up_at_once() -> None:
    scene = ordered()
    scene.when(refused(scene.order, retryable=False)).then(OrderAbandoned, AlertRaised)


def test_an_entry_whose_signal_is_stale_is_not_sent_again() -> None:
    scene = ordered(orders=OrderSettings(signal_ttl_s=60, backoff_s=60), guards=limits(staleness_s=600))
    retry = f"retry:{scene.order.client_order_id}"
    scene.when(refused(scene.order)).wait_for(retry).then(OrderResubmitted)
    scene.when(refused(scene.order)).wait_for(retry).then(OrderAbandoned, AlertRaised)


def test_an_exit_stays_wanted_however_old_it_is() -> None:
    scene = ordered(orders=OrderSettings(signal_ttl_s=1, backoff_s=60)).fill(100).when(quote(101))
    exit_order = scene.order
    assert exit_order.reduce_only
    scene.when(refused(exit_order)).wait_for(f"retry:{exit_order.client_order_id}").then(OrderResubmitted)


def test_an_entry_is_not_sent_again_once_only_reducing_orders_are_allowed() -> None:
    scene = ordered()
    order = scene.order
    scene.when(refused(order)).when(command("reduce_only"))
    scene.then_also(like(OrderAbandoned, client_order_id=order.client_order_id))
    scene.wait_for(f"retry:{order.client_order_id}").then()


def test_a_refusal_of_what_works_already_changes_nothing() -> None:
    scene = resting()
    scene.when(refused(scene.order)).then()
    assert scene.order.status == "open"
    scene.when(OrderSubmissionFailed("unknown", "CODE", "reason", retryable=True, retry_after_ns=None)).then()


def test_requests_that_keep_failing_open_the_breaker_and_an_answer_after_the_wait_closes_it() -> None:
    scene = ordered(guards=limits(errors=ErrorBreaker(window_s=60, failures=3, cooldown_s=30)))
    lost = OrderLookupFailed(scene.order.client_order_id, "TIMED_OUT", "timed out")
    scene.when(lost).when(lost).then()
    scene.when(lost).then(like(GuardTripped, guard="error_rate", measured=3, limit=3, mode="normal"), TimerSet)
    scene.when(lost).then()
    scene.wait_for("errors").then(like(ReconciliationRequested, reason=Reason("breaker_probe")))
    pending = scene.state.reconciliation.pending
    scene.when(AccountQueryFailed(pending, "TIMED_OUT", "no answer")).then(
        like(TimerSet, timer_id="errors", due_at_ns=scene.at_ns + 30 * SECOND_NS),
        like(TimerSet, timer_id="reconcile"),
    )
    scene.wait_for("errors").when(report(scene.state)).then_also(
        like(GuardCleared, guard="error_rate", reason=Reason("venue_answers"))
    )
    assert scene.state.error_times == []
    scene.when(lost).then()


def test_refused_requests_count_as_failures_and_the_breaker_stays_open_for_its_time() -> None:
    scene = ordered(guards=limits(errors=ErrorBreaker(window_s=60, failures=1, cooldown_s=30)))
    scene.when(refused(scene.order)).then(
        like(GuardTripped, guard="error_rate"),
        like(TimerSet, timer_id="errors", due_at_ns=scene.at_ns + 30 * SECOND_NS),
        like(TimerSet, timer_id=f"retry:{scene.order.client_order_id}"),
    )


def test_failures_further_apart_than_the_window_do_not_add_up() -> None:
    scene = ordered(guards=limits(errors=ErrorBreaker(window_s=60, failures=2, cooldown_s=30)))
    lost = OrderLookupFailed(scene.order.client_order_id, "TIMED_OUT", "timed out")
    scene.when(lost).when(lost, after_s=60).then()
    scene.when(lost, after_s=59).then(GuardTripped, TimerSet)


def test_without_a_breaker_failures_are_not_counted() -> None:
    scene = ordered()
    scene.when(OrderLookupFailed(scene.order.client_order_id, "TIMED_OUT", "timed out")).then()
    assert scene.state.error_times == []


@pytest.mark.parametrize("timer_id", ["retry:nobody", "lookup:nobody", "cancel:nobody", "calm:nobody", "whatever"])
def test_a_timer_that_nobody_waits_for_is_ignored(timer_id: str) -> None:
    ordered().when(TimerFired(timer_id=timer_id)).then()


@pytest.mark.parametrize("kind", ["retry", "lookup"])
def test_a_timer_of_an_order_that_no_longer_needs_it_is_ignored(kind: str) -> None:
    scene = resting()
    scene.when(TimerFired(timer_id=f"{kind}:{scene.order.client_order_id}")).then()


def test_what_was_requested_is_one_intent_whatever_happens_to_it() -> None:
    scene = ordered()
    scene.when(refused(scene.order)).wait().when(unanswered(scene.order)).when(not_found(scene.order))
    assert sum(isinstance(event, OrderRequested) for event, _ in scene.tape) == 1


def test_a_breaker_that_was_switched_off_while_open_closes_at_the_next_answer() -> None:
    scene = ordered(guards=limits(errors=ErrorBreaker(window_s=60, failures=1, cooldown_s=30)))
    scene.when(OrderLookupFailed(scene.order.client_order_id, "TIMED_OUT", "timed out"))
    scene.when(ConfigurationLoaded(settings=settings()))
    scene.wait_for("errors").then(like(ReconciliationRequested))
    scene.when(AccountQueryFailed(scene.state.reconciliation.pending, "TIMED_OUT", "")).then(
        like(TimerSet, timer_id="reconcile")
    )
    scene.when(report(scene.state)).then_also(like(GuardCleared, guard="error_rate"))
    scene.when(TimerFired(timer_id="errors")).then()
