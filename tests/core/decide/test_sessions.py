"""What happens to the bot itself: sessions, settings, connection, strategies, alerts (S02, S08, T10, T18, B16, C01)."""

from decimal import Decimal

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountQueryFailed,
    AlertDelivered,
    AlertFailed,
    AlertRaised,
    CancelRequested,
    ClockJumped,
    ConfigurationLoaded,
    FundingRateUpdated,
    MarginReported,
    ModeChanged,
    OrderBlocked,
    OrderLookupRequested,
    OrderRequested,
    OrderResubmitted,
    ReconciliationCompleted,
    ReconciliationRequested,
    SessionStopped,
    SignalGenerated,
    StateDigestRecorded,
    StrategyFailed,
    StreamGapDetected,
    TaskCrashed,
    TimerCanceled,
    TimerFired,
    TimerSet,
    TradingStatus,
    TradingStatusChanged,
)
from perptape.core.events.reason import Reason, venue_says
from perptape.core.evolve import evolve
from perptape.core.settings import OrderSettings
from perptape.core.timer_id import RECONCILE
from perptape.core.waiting import NEVER_NS, next_timer
from tests.core.builders import BTC, ETH, NOW_NS, limits
from tests.core.facts import canceled, command, quote, refused, rejected, report, running, settings, started, unanswered
from tests.core.puppet import puppet
from tests.core.rules import Scene, given, like

RESTING = OrderSettings(entry_type="limit")


def ordered(**changes: object) -> Scene:
    """A bot that has just requested an entry."""
    return given(*running(puppet(buy=100, close=101), **changes)).when(quote(100))  # type: ignore[arg-type]


def reborn(scene: Scene) -> Scene:
    """The process was killed and a new session starts."""
    return scene.restart().when(started(2))


# --- sessions


def test_an_empty_bot_begins_by_asking_the_venue() -> None:
    given(started()).then(like(ReconciliationRequested, request_id="reconciliation-1", fills_since_ns=0))


def test_a_new_session_asks_about_orders_whose_outcome_is_not_known() -> None:
    reborn(ordered()).then(OrderLookupRequested, ReconciliationRequested)
    scene = ordered()
    reborn(scene.when(unanswered(scene.order))).then(like(OrderLookupRequested, attempt=2), ReconciliationRequested)


def test_an_order_that_waits_is_sent_again_by_its_timer_in_the_new_session() -> None:
    scene = ordered()
    scene.when(refused(scene.order))
    reborn(scene).then(ReconciliationRequested)
    scene.wait().then(like(OrderResubmitted, attempt=2))


def test_a_new_session_repeats_cancels_and_alerts_and_drops_queries() -> None:
    scene = ordered(orders=RESTING).accept().when(command("halt"))
    raised = next(decision for decision in scene.decisions if isinstance(decision, AlertRaised))
    reborn(scene).then(CancelRequested, like(AlertRaised, alert_id=raised.alert_id), ReconciliationRequested)
    assert scene.state.alert_ordinal == 1
    reborn(scene).then_also(like(ReconciliationRequested, request_id="reconciliation-3"))


def test_the_cancel_of_a_partly_filled_order_is_repeated_too() -> None:
    scene = ordered(orders=RESTING).fill(100, 2).when(command("cancel_all"))
    reborn(scene).then(CancelRequested, ReconciliationRequested)


def test_a_settled_order_and_a_delivered_alert_are_not_asked_about() -> None:
    scene = ordered(orders=RESTING).accept().when(command("halt"))
    scene.when(canceled(scene.order)).when(AlertDelivered("alert-1")).then()
    reborn(scene).then(ReconciliationRequested)


def test_an_alert_that_failed_is_not_followed_by_another() -> None:
    scene = ordered(orders=RESTING).when(command("halt")).when(AlertFailed("alert-1", "no network")).then()
    assert scene.state.alerts == {}


def test_nothing_is_traded_before_the_venue_has_been_compared_with_the_state() -> None:
    scene = ordered().fill(100)
    reborn(scene).when(quote(101)).then(SignalGenerated, like(OrderBlocked, guard="connection"))
    scene.when(report(scene.state)).then(ReconciliationCompleted)
    scene.when(quote(101)).then(SignalGenerated, like(OrderRequested, purpose="exit"))


def test_a_stopped_session_no_longer_runs() -> None:
    scene = ordered().when(SessionStopped(1, "enough")).then(StateDigestRecorded)
    assert not scene.state.running


# --- settings


def test_dropped_symbols_lose_their_entries_and_keep_what_guards_their_position() -> None:
    both = puppet(buy=100, close=101, trailing_stop="0.1")
    scene = given(*running(both, orders=RESTING)).when(quote(100)).fill(100, 2)
    fewer = settings(both, symbols=(ETH,), orders=RESTING)
    scene.when(ConfigurationLoaded(settings=fewer)).then(CancelRequested)
    scene.when(canceled(scene.order))
    assert not scene.state.markets[BTC].followed
    scene.when(quote(101)).then()
    scene.when(quote(90)).then(like(OrderRequested, side="sell", size=2, purpose="trailing_stop"))


def test_a_dropped_symbol_no_longer_goes_stale_and_asks_nobody() -> None:
    scene = given(*running(puppet(buy=100))).when(ConfigurationLoaded(settings=settings(symbols=(ETH,))))
    scene.wait_for(f"stale:{ETH}")
    assert next_timer(scene.state)[1] not in (f"stale:{BTC}", f"stale:{ETH}")
    scene.when(quote(100)).then()


def test_new_symbols_are_followed_from_the_event_on() -> None:
    scene = given(*running(symbols=(BTC,))).when(ConfigurationLoaded(settings=settings(puppet(buy=60))))
    scene.when(quote(60, ETH)).then_also(like(SignalGenerated, symbol=ETH))


def test_new_limits_apply_from_their_event_on() -> None:
    scene = ordered()
    scene.when(rejected(scene.order))
    scene.when(ConfigurationLoaded(settings=settings(puppet(buy=100), guards=limits(trade_value_max=400))))
    scene.when(quote(100)).then(SignalGenerated, like(OrderBlocked, guard="trade_value", measured=500, limit=400))


def test_a_comparison_that_is_not_answered_is_asked_for_again() -> None:
    scene = given(*running()).when(StreamGapDetected("market", 7, 9))
    scene.when(AccountQueryFailed(scene.state.reconciliation.pending, "503", "unavailable")).then(
        like(TimerSet, timer_id=RECONCILE, due_at_ns=scene.at_ns + 5 * SECOND_NS, reason=venue_says("unavailable"))
    )
    scene.wait_for(RECONCILE).then(ReconciliationRequested)
    assert scene.state.timers[RECONCILE] > scene.at_ns


def test_an_answer_to_an_older_question_leaves_the_newer_one_open() -> None:
    scene = given(*running()).when(StreamGapDetected("market", 7, 9))
    pending = scene.state.reconciliation.pending
    scene.when(AccountQueryFailed("reconciliation-0", "503", "unavailable"))
    assert scene.state.reconciliation.pending == pending
    scene.wait_for(RECONCILE).then()


def test_the_venue_is_compared_with_on_a_timer() -> None:
    scene = given(*running())
    assert scene.state.timers[RECONCILE] == (NOW_NS // (3600 * SECOND_NS) + 1) * 3600 * SECOND_NS
    scene.wait_for(RECONCILE).then(like(ReconciliationRequested, reason=Reason("scheduled")))


# --- background tasks


def test_a_crashed_task_alerts_when_it_crashes_again_within_ten_minutes() -> None:
    scene = given(*running()).when(TaskCrashed("feed", "OSError: gone", 1, SECOND_NS)).then()
    scene.when(TaskCrashed("feed", "OSError: gone again", 2, 2 * SECOND_NS), after_s=599).then(
        like(
            AlertRaised,
            severity="warning",
            topic="task_crashing",
            subject="feed",
            reason=Reason("task_crashed", {"count": Decimal(2)}, text="OSError: gone again"),
        )
    )
    scene.when(TaskCrashed("feed", "OSError: gone", 3, 4 * SECOND_NS)).then(AlertRaised)


def test_two_crashes_that_have_nothing_to_do_with_each_other_alert_nobody() -> None:
    scene = given(*running()).when(TaskCrashed("feed", "OSError: gone", 1, SECOND_NS))
    scene.when(TaskCrashed("clock", "OSError: gone", 1, SECOND_NS)).then()
    scene.when(TaskCrashed("feed", "OSError: gone", 1, SECOND_NS), after_s=600).then()


def test_crashes_are_forgotten_after_ten_minutes_and_only_so_many_are_kept() -> None:
    scene = given(*running()).when(TaskCrashed("clock", "OSError: gone", 1, SECOND_NS))
    for _ in range(25):
        scene.when(TaskCrashed("feed", "OSError: gone", 1, SECOND_NS), after_s=24)
    assert list(scene.state.task_crashes) == ["feed"]
    assert scene.state.task_crashes["feed"] == [scene.at_ns - ago * 24 * SECOND_NS for ago in range(19, -1, -1)]


def test_a_new_session_remembers_the_crashes_of_the_last() -> None:
    scene = given(*running()).when(TaskCrashed("feed", "OSError: gone", 1, SECOND_NS))
    reborn(scene).when(TaskCrashed("feed", "OSError: gone", 1, SECOND_NS), after_s=9).then(AlertRaised)


# --- strategies, facts that need no answer


def test_a_failed_strategy_is_asked_no_more_and_the_others_are() -> None:
    scene = given(*running(puppet("bad", buy=100), puppet("good", buy=100)))
    scene.when(StrategyFailed("bad", BTC, "ValueError: choked")).then(like(AlertRaised, severity="critical"))
    scene.when(quote(100)).then(like(SignalGenerated, strategy="good"), like(OrderRequested, strategy="good"))
    assert [sleeve.stopped for sleeve in scene.state.markets[ETH].sleeves] == ["ValueError: choked", ""]


@pytest.mark.parametrize(
    "fact",
    [
        ClockJumped(-SECOND_NS),
        MarginReported(0, Decimal(1), Decimal(1), Decimal(1)),
        FundingRateUpdated(0, BTC, Decimal("0.0001"), 28800, NOW_NS),
        TimerFired(timer_id=""),
    ],
)
def test_some_facts_are_only_remembered(fact: object) -> None:
    scene = ordered()
    before = (scene.state.positions, scene.state.mode, len(scene.working))
    scene.when(fact).then()  # type: ignore[arg-type]
    assert (scene.state.positions, scene.state.mode, len(scene.working)) == before


def test_a_timer_can_be_taken_back() -> None:
    scene = given(*running())
    for event in (
        TimerSet("later", NOW_NS + 1, Reason("scheduled")),
        TimerCanceled("later"),
        TimerCanceled("never set"),
    ):
        evolve(scene.state, event, scene.state.version + 1, scene.at_ns)
    assert "later" not in scene.state.timers


def test_an_empty_bot_waits_for_nothing() -> None:
    assert next_timer(Scene().state) == (NEVER_NS, "")


def test_of_timers_at_one_time_the_first_by_id_fires_first() -> None:
    scene = given(*running())
    for timer_id in ("b", "a", "c"):
        evolve(scene.state, TimerSet(timer_id, scene.at_ns, Reason("scheduled")), scene.state.version + 1, scene.at_ns)
    assert next_timer(scene.state) == (scene.at_ns, "a")


# --- the venue's trading status


@pytest.mark.parametrize("status", ["halted", "closed"])
def test_a_halted_product_loses_its_orders_takes_none_and_resumes(status: TradingStatus) -> None:
    scene = ordered(orders=RESTING).accept()
    scene.when(TradingStatusChanged(0, ETH, status, "news")).then()
    scene.when(TradingStatusChanged(0, BTC, status, "news")).then(
        like(CancelRequested, reason=Reason("symbol_not_trading", names={"symbol": BTC, "status": status}, text="news"))
    )
    scene.when(canceled(scene.order))
    scene.when(quote(100)).then(SignalGenerated, like(OrderBlocked, guard="trading_halt"))
    scene.when(TradingStatusChanged(0, BTC, "open", "")).then()
    scene.when(quote(100)).then(SignalGenerated, OrderRequested)


def test_modes_are_not_touched_by_the_venue() -> None:
    scene = ordered().when(TradingStatusChanged(0, BTC, "cancel_only", "news")).then()
    scene.then_never(ModeChanged)
