"""The live runner: tasks registered before they run, every timer once, a last event that says why (S01, S06, S07, S15,
S17).
"""

import asyncio
import json
from collections import deque
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from core.edge.background_task import BackgroundTask
from core.edge.live import FEED_ENDED, LiveOptions, Waiting, run_live
from core.edge.supervisor import Stopped
from core.errors import LogRefusedError, SupervisionError, TurnFailedError
from core.events import (
    ClockJumped,
    InstrumentUpdated,
    Observation,
    OrderLookupRequested,
    OrderRejected,
    OrderRequested,
    QuoteUpdated,
    SessionStarted,
    SessionStopped,
    TaskCrashed,
    TimerFired,
)
from core.waiting import CYCLE
from tests.core.builders import BTC, instrument, limits
from tests.core.edge.live_bench import START_NS, LiveBench
from tests.core.edge.manual_time import SECOND_NS
from tests.core.facts import quote, settings
from tests.core.fakes import MemoryLog
from tests.core.puppet import puppet

OWN_TASKS = ("feed", "timers", "flush", "clock")
HOUR_S = 3_600
REJECTION = ("OrderRejected", "AlertRaised", "AlertDelivered")
"""What a turn whose order is rejected goes on with."""


@pytest.fixture
def bench() -> LiveBench:
    return LiveBench()


# --- beginning


async def test_the_first_event_names_the_tasks_and_comes_before_any_of_them_runs(bench: LiveBench) -> None:
    seen: list[str] = []

    async def look() -> None:
        seen.extend(bench.log.types)

    async with bench.living(tasks=[BackgroundTask("look", look, 5)]):
        pass
    assert bench.events(SessionStarted)[0].tasks == (*OWN_TASKS, "look")
    assert seen[0] == SessionStarted.__name__


async def test_a_lease_and_a_health_file_are_looked_after_where_there_are_some(tmp_path: Path) -> None:
    bench = LiveBench()
    async with bench.living(options=LiveOptions(health_path=tmp_path / "health.json")):
        pass
    assert bench.events(SessionStarted)[0].tasks == (*OWN_TASKS, "health")


async def test_a_task_by_the_name_of_another_is_refused_before_anything_is_recorded(bench: LiveBench) -> None:
    async def nothing() -> None: ...

    with pytest.raises(SupervisionError, match="'feed' is registered twice"):
        async with bench.living(tasks=[BackgroundTask("feed", nothing, 5)]) as life:
            await life
    assert bench.tape == []


# --- turns


async def test_messages_are_observed_in_their_order(bench: LiveBench) -> None:
    async with bench.living():
        await bench.tell(*(quote(90 + seq, seq=seq) for seq in range(1, 6)))
    assert [event.seq for event in bench.events(QuoteUpdated)] == [1, 2, 3, 4, 5]


async def test_turns_are_durable_after_a_second_at_the_latest(bench: LiveBench) -> None:
    async with bench.living():
        await bench.tell(quote(99, seq=1))
        assert bench.events(QuoteUpdated) == []
        await bench.time.passes(1)
        assert len(bench.events(QuoteUpdated)) == 1


def rejecting_later(bench: LiveBench) -> asyncio.Event:
    """The venue rejects the first order, once the event is set."""
    may_answer = asyncio.Event()

    async def hesitate() -> None:
        await may_answer.wait()

    def reject() -> Sequence[Observation]:
        [order] = bench.bot.state.orders
        return (OrderRejected(0, order, "NO", "not today"),)

    bench.broker.before_order = hesitate
    bench.broker.answers[OrderRequested] = deque([reject])
    return may_answer


async def test_what_comes_while_a_turn_waits_for_the_venue_comes_after_it(bench: LiveBench) -> None:
    may_answer = rejecting_later(bench)
    async with bench.living(puppet(buy=100)):
        await bench.tell(InstrumentUpdated(1, instrument()), quote(100, seq=2))
        await bench.tell(quote(99, seq=3))
        await bench.time.passes(3)
        assert bench.log.types[-2:] == ["SignalGenerated", "OrderRequested"]
        may_answer.set()
        await bench.time.passes(1)
        assert bench.log.types[-5:] == ["OrderRequested", *REJECTION, "QuoteUpdated"]


# --- timers


async def test_a_timer_fires_when_it_is_due_and_not_with_the_next_price(bench: LiveBench) -> None:
    async with bench.living(cycle_s=20):
        await bench.time.passes(3)
        await bench.tell(quote(99, seq=1))
        await bench.time.passes(40)
    assert bench.seconds_of(TimerFired, timer_id=CYCLE) == [20]


async def test_a_price_that_makes_an_earlier_timer_wakes_the_one_who_waits() -> None:
    bench = LiveBench(wall_ns=START_NS + SECOND_NS // 2)
    async with bench.living(cycle_s=20):
        await bench.time.passes(19.25)
        await bench.tell(quote(99, seq=1))
        await bench.time.passes(2)
    assert bench.seconds_of(QuoteUpdated) == [19.75]
    assert bench.seconds_of(TimerFired, timer_id=CYCLE) == [20]


async def test_two_timers_fire_each_at_its_own_time(bench: LiveBench) -> None:
    async with bench.living(guards=limits(staleness_s=30), cycle_s=60):
        await bench.time.passes(30.25)
        await bench.tell(quote(99, seq=1))
        await bench.time.passes(40)
    assert bench.seconds_of(TimerFired, timer_id=CYCLE) == [60]
    assert bench.seconds_of(TimerFired, timer_id=f"stale:{BTC}") == [60.25]


async def test_a_timer_that_is_due_comes_before_the_price_that_would_undo_it(bench: LiveBench) -> None:
    """The loop was busy when the symbol went stale: that it did is on the tape all the same."""
    async with bench.living(guards=limits(staleness_s=30)):
        await bench.tell(quote(99, seq=1))
        bench.feed.say(quote(98, seq=2))
        bench.time.monotonic += 31 * SECOND_NS
        bench.time.wall += 31 * SECOND_NS
        await bench.time.passes(1)
    types = [kind for kind in bench.log.types if kind in ("QuoteUpdated", "GuardTripped", "GuardCleared")]
    assert types == ["QuoteUpdated", "GuardTripped", "QuoteUpdated", "GuardCleared"]


@pytest.mark.parametrize("jump_s", [-HOUR_S, HOUR_S])
async def test_timers_are_neither_lost_nor_doubled_when_the_wall_clock_jumps(bench: LiveBench, jump_s: int) -> None:
    async with bench.living(cycle_s=20):
        for second in range(120):
            if second == 50:
                bench.time.wall += jump_s * SECOND_NS
            await bench.tell(quote(99, seq=second + 1))
            await bench.time.passes(1)
    assert bench.seconds_of(TimerFired, timer_id=CYCLE) == [20, 40, 60, 80, 100, 120]
    assert [jump.jump_ns for jump in bench.events(ClockJumped)] == [jump_s * SECOND_NS]
    assert bench.seconds_of(ClockJumped) == [51]
    times = [line.at_ns for line in bench.tape]
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert times[-1] == START_NS + 120 * SECOND_NS


async def test_a_wall_clock_set_back_between_two_sessions_holds_up_no_timer(bench: LiveBench) -> None:
    async with bench.living(cycle_s=20):
        await bench.time.passes(10)
    again = LiveBench(MemoryLog(bench.log.store), START_NS - HOUR_S * SECOND_NS)
    async with again.living(cycle_s=20):
        await again.tell(quote(99, seq=1))
        await again.time.passes(30)
    assert again.seconds_of(TimerFired, timer_id=CYCLE) == [20]
    assert [jump.jump_ns for jump in again.events(ClockJumped)] == [-(HOUR_S + 10) * SECOND_NS]


# --- crashes


async def test_a_crash_is_on_the_tape_and_a_second_one_alerts_while_the_bot_goes_on(bench: LiveBench) -> None:
    async def crash() -> None:
        raise ValueError("the scribe is ill")

    async with bench.living(tasks=[BackgroundTask("scribe", crash)]):
        await bench.time.passes(0.5)
        assert bench.alerts.delivered == []
        await bench.time.passes(1)
        await bench.tell(quote(99, seq=1))
    first, second = bench.events(TaskCrashed)
    assert first == TaskCrashed("scribe", "ValueError: the scribe is ill", 1, SECOND_NS)
    assert second == TaskCrashed("scribe", "ValueError: the scribe is ill", 2, 2 * SECOND_NS)
    assert [alert.title for alert in bench.alerts.delivered] == ["background task scribe keeps crashing"]
    assert len(bench.events(QuoteUpdated)) == 1
    assert bench.events(SessionStopped)[0].reason == "the test is over"


async def test_a_feed_that_crashes_is_taken_up_again(bench: LiveBench) -> None:
    async with bench.living():
        await bench.tell(quote(99, seq=1), ConnectionResetError("by peer"), quote(98, seq=2))
        await bench.time.passes(1)
        assert bench.events(TaskCrashed)[0].error == "ConnectionResetError: by peer"
    assert [event.seq for event in bench.events(QuoteUpdated)] == [1, 2]


# --- stopping


async def test_the_last_event_says_why_the_session_ended_and_all_is_durable(bench: LiveBench) -> None:
    async with bench.living() as life:
        await bench.tell(quote(99, seq=1))
        bench.stop.ask("SIGTERM")
        bench.stop.ask("SIGINT")
        await bench.time.rests()
        assert await life == Stopped(OWN_TASKS, ())
    assert bench.log.types[-2:] == ["QuoteUpdated", "SessionStopped"]
    assert bench.events(SessionStopped) == [SessionStopped(session=1, reason="SIGTERM")]
    assert bench.bot.state.version == bench.log.head_version() == bench.bot.snapshot_version


async def test_a_feed_that_ends_ends_the_session(bench: LiveBench) -> None:
    async with bench.living() as life:
        await bench.tell(quote(99, seq=1), None)
        await life
    assert bench.events(SessionStopped)[0].reason == FEED_ENDED


async def test_an_order_on_its_way_gets_its_answer_before_the_session_ends(bench: LiveBench) -> None:
    may_answer = rejecting_later(bench)
    async with bench.living(puppet(buy=100), options=LiveOptions(stop_within_s=5)) as life:
        await bench.tell(InstrumentUpdated(1, instrument()), quote(100, seq=2))
        bench.stop.ask("SIGTERM")
        await bench.time.passes(4)
        assert not life.done()
        may_answer.set()
        await bench.time.rests()
        await life
    assert bench.log.types[-5:] == ["OrderRequested", *REJECTION, "SessionStopped"]


async def test_a_venue_that_does_not_answer_does_not_hold_up_the_end(bench: LiveBench) -> None:
    rejecting_later(bench)
    async with bench.living(puppet(buy=100), options=LiveOptions(stop_within_s=5)) as life:
        await bench.tell(InstrumentUpdated(1, instrument()), quote(100, seq=2))
        bench.stop.ask("SIGTERM")
        await bench.time.passes(5)
        await life
    assert bench.log.types[-2:] == ["OrderRequested", "SessionStopped"]
    again = LiveBench(MemoryLog(bench.log.store), bench.time.wall)
    async with again.living():
        assert len(again.broker.of(OrderLookupRequested)) == 1


async def test_a_start_that_waits_for_the_venue_can_be_stopped(bench: LiveBench) -> None:
    async def silent() -> None:
        await asyncio.Event().wait()

    bench.broker.before_report = silent
    async with bench.living(options=LiveOptions(stop_within_s=5)) as life:
        bench.stop.ask("SIGTERM")
        await bench.time.passes(5)
        assert await life == Stopped(OWN_TASKS, ())
    assert bench.log.types == ["SessionStarted", "ReconciliationRequested", "SessionStopped"]


async def test_a_task_that_ignores_its_cancellation_is_named_and_the_session_ends(bench: LiveBench) -> None:
    enough = asyncio.Event()

    async def stubborn() -> None:
        while not enough.is_set():
            try:
                await enough.wait()
            except asyncio.CancelledError:
                continue

    tasks = [BackgroundTask("stubborn", stubborn)]
    async with bench.living(tasks=tasks, options=LiveOptions(stop_within_s=2)) as life:
        bench.stop.ask("SIGTERM")
        await bench.time.passes(2)
        assert (await life).abandoned == ("stubborn",)
    assert bench.log.types[-1] == "SessionStopped"
    enough.set()
    await bench.time.rests()


# --- when it cannot go on


async def test_a_log_that_refuses_ends_the_session_and_nothing_is_sent(
    bench: LiveBench, caplog: pytest.LogCaptureFixture
) -> None:
    async with bench.living(puppet(buy=100)) as life:
        await bench.tell(InstrumentUpdated(1, instrument()))
        await bench.time.passes(1)
        bench.log.refusals = 1_000
        await bench.tell(quote(100, seq=2))
        with pytest.raises(LogRefusedError, match="the disk is full"):
            await life
    assert bench.broker.of(OrderRequested) == []
    assert bench.log.types[-1] == "InstrumentUpdated"
    assert caplog.records[-1].getMessage() == "the bot stopped: the disk is full"


async def test_a_log_that_refuses_the_last_events_is_no_good_end(bench: LiveBench) -> None:
    async with bench.living() as life:
        await bench.time.passes(1)
        bench.log.refusals = 1_000
        bench.stop.ask("SIGTERM")
        await bench.time.rests()
        with pytest.raises(LogRefusedError):
            await life
    assert "SessionStopped" not in bench.log.types


async def test_a_lease_that_was_taken_ends_the_session() -> None:
    bench = LiveBench()

    def taken() -> None:
        raise LogRefusedError("another holds it")

    life = asyncio.create_task(
        run_live(
            bench.bot,
            bench.feed,
            bench.clock,
            settings(),
            bench.stop,
            keep_lease=taken,
            waiting=Waiting(bench.time.sleep, bench.time.sleep, bench.time.monotonic_ns),
        )
    )
    await bench.time.passes(1)
    with pytest.raises(LogRefusedError, match="another holds it"):
        await life
    assert bench.events(SessionStarted)[0].tasks == (*OWN_TASKS, "lease")
    assert "SessionStopped" not in bench.log.types


async def test_a_turn_that_fails_ends_the_session_and_leaves_no_trace_of_itself(bench: LiveBench) -> None:
    async def breaks() -> None:
        raise KeyError("a bug in the adapter")

    bench.broker.before_order = breaks
    async with bench.living(puppet(buy=100)) as life:
        await bench.tell(InstrumentUpdated(1, instrument()), quote(100, seq=2), quote(99, seq=3))
        with pytest.raises(TurnFailedError, match=r"a turn failed \(KeyError: 'a bug in the adapter'\): start again"):
            await life
    assert bench.log.types[-1] == "OrderRequested"


# --- health


def files_in(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


async def test_the_health_file_says_how_the_bot_is(tmp_path: Path) -> None:
    bench, path = LiveBench(), tmp_path / "health.json"

    async def crash() -> None:
        if bench.time.monotonic < SECOND_NS:
            raise ValueError("once")
        await asyncio.Event().wait()

    tasks = [BackgroundTask("scribe", crash)]
    async with bench.living(options=LiveOptions(health_path=path, health_every_s=2), tasks=tasks):
        await bench.tell(quote(99, seq=1))
        await bench.time.passes(3)
        told = json.loads(path.read_bytes())
        assert (told["at_ns"], told["session"], told["mode"], told["stopped"]) == (
            START_NS + 2 * SECOND_NS,
            1,
            "normal",
            "",
        )
        assert (told["version"], told["last_event_at_ns"]) == (bench.bot.state.version, START_NS)
        assert list(told["tasks"]) == [*OWN_TASKS, "health", "scribe"]
        assert told["tasks"]["flush"] == {
            "last_run_ms_ago": 1_000,
            "runs": 2,
            "crashes": 0,
            "running": False,
            "ended": False,
        }
        assert told["tasks"]["scribe"] == {
            "last_run_ms_ago": 1_000,
            "runs": 2,
            "crashes": 1,
            "running": True,
            "ended": False,
        }
    told = json.loads(path.read_bytes())
    assert told["stopped"] == "the test is over"
    assert all(task["ended"] for task in told["tasks"].values())
    assert files_in(tmp_path) == ["health.json"]


async def test_a_health_file_that_cannot_be_written_does_not_stop_the_bot(tmp_path: Path) -> None:
    bench = LiveBench()
    async with bench.living(options=LiveOptions(health_path=tmp_path / "nowhere" / "health.json")):
        await bench.tell(quote(99, seq=1))
    assert [crash.task for crash in bench.events(TaskCrashed)] == ["health"]
    assert bench.log.types[-1] == "SessionStopped"
