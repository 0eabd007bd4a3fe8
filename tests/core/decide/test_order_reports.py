# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""What becomes of a request: retries, lookups, giving up (T06, T09, B01 to B04, B08, B11, S16)."""

from decimal import Decimal

import pytest

from core.events import (
    AlertRaised,
    CancelAccepted,
    CancelOutcomeUnknown,
    CancelRejected,
    CancelRequested,
    DriftDetected,
    DriftRepaired,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderAbandoned,
    OrderExpired,
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderRequested,
    OrderResubmitted,
    OrderSubmissionFailed,
    TimerFired,
    TimerSet,
)
from core.order import average_price, remaining
from core.settings import ErrorBreaker, OrderSettings
from tests.core.builders import SECOND_NS, limits
from tests.core.facts import (
    accepted,
    as_reported,
    canceled,
    command,
    filled,
    found,
    not_found,
    quote,
    refused,
    rejected,
    running,
    started,
    unanswered,
)
from tests.core.puppet import puppet
from tests.core.rules import Scene, given, like

RESTING = OrderSettings(entry_type="limit", limit_ttl_s=3600)


def ordered(**changes: object) -> Scene:
    """A bot that has just requested an entry: buy 5 at market."""
    return given(*running(puppet(buy=100, close=101, trailing_stop="0.1"), **changes)).when(quote(100))  # type: ignore[arg-type]


def resting() -> Scene:
    """A bot whose limit order to buy 5 at 100 rests."""
    return ordered(orders=RESTING).accept()


# --- accepted, filled, ended


def test_an_accepted_order_works_under_the_venues_id() -> None:
    scene = ordered().accept().then()
    assert (scene.order.status, scene.order.venue_order_id) == ("open", "venue-1")


def test_an_echo_with_the_same_numbers_written_otherwise_is_the_same_order() -> None:
    scene = ordered(orders=RESTING)
    scene.when(accepted(scene.order, size=Decimal("5.000"), limit_price=Decimal("100.00"))).then()


@pytest.mark.parametrize(
    ("name", "value"), [("symbol", "ETH-PERP"), ("side", "sell"), ("size", Decimal(6)), ("limit_price", Decimal(101))]
)
def test_an_echo_that_differs_halts_the_bot_and_cancels_the_order(name: str, value: object) -> None:
    scene = ordered(orders=RESTING)
    scene.when(accepted(scene.order, **{name: value})).then(
        like(ModeChanged, mode="halted", cause="venue", halt_id=1),
        like(CancelRequested, client_order_id=scene.order.client_order_id),
        like(AlertRaised, severity="critical"),
    )
    [alert] = scene.state.alerts.values()
    assert "asked was buy 5 BTC-PERP at 100" in alert.message


def test_only_reports_of_the_feed_move_its_place() -> None:
    scene = ordered(orders=RESTING)
    scene.when(accepted(scene.order, seq=5)).when(accepted(scene.order)).when(filled(scene.order, 100, 1))
    assert scene.state.feed_seq == 5
    scene.when(filled(scene.order, 100, 1, seq=6)).when(canceled(scene.order))
    assert scene.state.feed_seq == 6


def test_an_echo_of_an_order_that_nobody_knows_changes_nothing() -> None:
    scene = ordered()
    scene.when(accepted(scene.order, client_order_id="somebody's")).then()
    assert scene.order.status == "requested"


def test_fills_in_parts_are_followed_to_the_last_one() -> None:
    scene = resting()
    scene.fill(100, 2, fee="0.1")
    assert (scene.order.status, remaining(scene.order), average_price(scene.order)) == ("partly_filled", 3, 100)
    scene.fill(99, 1, fee="0.05")
    assert (remaining(scene.order), average_price(scene.order)) == (2, Decimal(299) / 3)
    assert scene.position() == 3
    scene.fill(98, 2)
    assert scene.working == []
    [ended] = scene.state.closed_orders.values()
    assert (ended.status, ended.filled_size, ended.fees) == ("filled", 5, Decimal("0.15"))


def test_the_rest_of_a_partly_filled_order_can_be_canceled() -> None:
    scene = resting().fill(100, 2)
    scene.when(command("cancel_all")).then_also(CancelRequested)
    scene.when(CancelAccepted(scene.order.client_order_id)).then()
    scene.when(canceled(scene.order)).then()
    assert scene.working == []
    assert scene.position() == 2


def test_a_fill_before_the_acceptance_gives_the_state_of_the_other_order() -> None:
    late, early = ordered(), ordered()
    acceptance, fill = accepted(late.order), filled(late.order, 100)
    late.when(acceptance).when(fill)
    early.when(fill).when(acceptance)
    assert early.state.positions == late.state.positions
    assert early.state.account == late.state.account
    assert early.state.closed_orders == late.state.closed_orders
    assert early.state.orders == late.state.orders == {}


def test_a_repeated_fill_changes_nothing() -> None:
    scene = ordered()
    fill = filled(scene.order, 100, 2)
    scene.when(fill)
    before = (scene.position(), scene.state.account.cash, scene.order.filled_size)
    scene.when(fill).then()
    assert (scene.position(), scene.state.account.cash, scene.order.filled_size) == before


def test_a_fill_after_the_cancel_is_still_a_fill() -> None:
    scene = resting()
    order = scene.order
    scene.when(canceled(order)).when(filled(order, 100, 5))
    assert (scene.position(), order.status) == (5, "filled")


def test_an_expired_entry_leaves_nothing_behind() -> None:
    scene = resting()
    scene.when(OrderExpired(0, scene.order.client_order_id, scene.order.venue_order_id, Decimal(0))).then()
    assert scene.working == []
    assert scene.position() == 0


@pytest.mark.parametrize("first_accepted", [False, True])
def test_a_rejection_keeps_the_venues_reason_and_is_not_repeated(first_accepted: bool) -> None:
    scene = resting() if first_accepted else ordered()
    order = scene.order
    scene.when(rejected(order)).then(like(AlertRaised, severity="warning", title="order rejected"))
    assert (order.status, order.note) == ("rejected", "INSUFFICIENT_FUND: there is not enough of it")
    assert "INSUFFICIENT_FUND" in scene.state.alerts["alert-1"].message
    assert scene.working == []
    assert scene.position() == 0


def test_a_rejection_of_an_unknown_order_is_no_news() -> None:
    scene = ordered()
    order = scene.order
    scene.when(rejected(order)).state.closed_orders.clear()
    scene.when(rejected(order)).then()


# --- refused before it reached the book: the same order again, later


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
        like(OrderAbandoned, reason="RATE_LIMIT_EXCEEDED: 429"), like(AlertRaised, title="order given up")
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


# --- nobody knows: ask before anything is sent again


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
        scene.when(OrderLookupFailed(order.client_order_id, "timed out")).then(
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
    assert (order.status, order.note, scene.position()) == ("canceled", "no liquidity is left", 2)


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
    scene.when(OrderLookupFailed(order.client_order_id, "timed out")).then()
    scene.when(unanswered(order)).then()
    scene.when(OrderLookedUp("never heard of", False, "unknown", "", "", "buy", Decimal(0), Decimal(0), (), "")).then()


def test_a_working_order_that_the_venue_no_longer_knows_is_repudiated_with_evidence() -> None:
    scene = resting()
    order = scene.order
    scene.when(not_found(order)).then(
        like(DriftDetected, subject="order", key=order.client_order_id, ours=5, theirs=0),
        like(DriftRepaired, subject="order", key=order.client_order_id, value=0),
    )
    assert (order.status, order.note, scene.working) == ("rejected", "the venue no longer knows it", [])
    scene.when(accepted(order))
    assert scene.working == []
    scene.when(filled(order, 100, 5))
    assert (order.status, scene.position()) == ("filled", 5)


def test_not_finding_a_working_order_within_the_settle_time_proves_nothing() -> None:
    scene = ordered(session=started(settle_ns=10 * SECOND_NS), orders=RESTING).accept()
    scene.when(not_found(scene.order)).then()
    assert scene.order.status == "open"


# --- cancels


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


def test_a_cancel_that_the_venue_keeps_refusing_is_tried_again_each_second_and_no_faster() -> None:
    scene = unwanted().when(command("halt"))
    order = scene.order
    for _ in range(3):
        scene.when(CancelRejected(order.client_order_id, "BUSY", "")).then(TimerSet, OrderLookupRequested)
        scene.when(found(order)).then()
        asked_at_ns = scene.at_ns
        scene.wait_for(f"cancel:{order.client_order_id}").then(CancelRequested)
        assert scene.at_ns == asked_at_ns + SECOND_NS


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


def test_an_order_found_by_a_lookup_while_halted_is_canceled() -> None:
    scene = ordered(session=started(idempotent_client_ids=False))
    order = scene.order
    scene.when(unanswered(order)).when(not_found(order)).when(command("halt"))
    scene.when(found(order)).then(like(CancelRequested, client_order_id=order.client_order_id))


# --- the circuit breaker


def test_requests_that_keep_failing_open_the_breaker_and_one_failure_after_the_wait_opens_it_again() -> None:
    scene = ordered(guards=limits(errors=ErrorBreaker(window_s=60, failures=3, cooldown_s=30)))
    lost = OrderLookupFailed(scene.order.client_order_id, "timed out")
    scene.when(lost).when(lost).then()
    scene.when(lost).then(like(GuardTripped, guard="error_rate", measured=3, limit=3, mode="normal"), TimerSet)
    scene.when(lost).then()
    scene.wait_for("errors").then_also(like(GuardCleared, guard="error_rate"))
    scene.when(lost).then_also(like(GuardTripped, guard="error_rate"))


def test_refused_requests_count_as_failures_and_the_breaker_stays_open_for_its_time() -> None:
    scene = ordered(guards=limits(errors=ErrorBreaker(window_s=60, failures=1, cooldown_s=30)))
    scene.when(refused(scene.order)).then(
        like(GuardTripped, guard="error_rate"),
        like(TimerSet, timer_id="errors", due_at_ns=scene.at_ns + 30 * SECOND_NS),
        like(TimerSet, timer_id=f"retry:{scene.order.client_order_id}"),
    )


def test_failures_further_apart_than_the_window_do_not_add_up() -> None:
    scene = ordered(guards=limits(errors=ErrorBreaker(window_s=60, failures=2, cooldown_s=30)))
    lost = OrderLookupFailed(scene.order.client_order_id, "timed out")
    scene.when(lost).when(lost, after_s=60).then()
    scene.when(lost, after_s=59).then(GuardTripped, TimerSet)


def test_without_a_breaker_failures_are_not_counted() -> None:
    scene = ordered()
    scene.when(OrderLookupFailed(scene.order.client_order_id, "timed out")).then()
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
