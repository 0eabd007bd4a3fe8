"""The live runner: tasks registered before they run, turns in order, every timer once (S01, S06, S15, S17)."""

from itertools import pairwise
from pathlib import Path

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.edge.live.background_task import BackgroundTask
from perptape.core.edge.live.runner import LiveOptions
from perptape.core.errors import SupervisionError
from perptape.core.events import (
    ClockJumped,
    InstrumentUpdated,
    QuoteUpdated,
    SessionStarted,
    SessionStopped,
    TaskCrashed,
    TimerFired,
)
from perptape.core.timer_id import CYCLE
from tests.core.builders import BTC, instrument, limits
from tests.core.edge.live.live_bench import START_NS, LiveBench, rejecting_later
from tests.core.facts import quote
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
        await bench.send(*(quote(90 + seq, seq=seq) for seq in range(1, 6)))
    assert [event.seq for event in bench.events(QuoteUpdated)] == [1, 2, 3, 4, 5]


async def test_turns_are_durable_after_a_second_at_the_latest(bench: LiveBench) -> None:
    async with bench.living():
        await bench.send(quote(99, seq=1))
        assert bench.events(QuoteUpdated) == []
        await bench.time.passes(1)
        assert len(bench.events(QuoteUpdated)) == 1


async def test_what_comes_while_a_turn_waits_for_the_venue_comes_after_it(bench: LiveBench) -> None:
    may_answer = rejecting_later(bench)
    async with bench.living(puppet(buy=100)):
        await bench.send(InstrumentUpdated(1, instrument()), quote(100, seq=2))
        await bench.send(quote(99, seq=3))
        await bench.time.passes(3)
        assert bench.log.types[-2:] == ["SignalGenerated", "OrderRequested"]
        may_answer.set()
        await bench.time.passes(1)
        assert bench.log.types[-5:] == ["OrderRequested", *REJECTION, "QuoteUpdated"]


# --- timers


async def test_a_timer_fires_when_it_is_due_and_not_with_the_next_price(bench: LiveBench) -> None:
    async with bench.living(cycle_s=20):
        await bench.time.passes(3)
        await bench.send(quote(99, seq=1))
        await bench.time.passes(40)
    assert bench.seconds_of(TimerFired, timer_id=CYCLE) == [20]


async def test_a_price_that_makes_an_earlier_timer_wakes_the_one_who_waits() -> None:
    bench = LiveBench(wall_ns=START_NS + SECOND_NS // 2)
    async with bench.living(cycle_s=20):
        await bench.time.passes(19.25)
        await bench.send(quote(99, seq=1))
        await bench.time.passes(2)
    assert bench.seconds_of(QuoteUpdated) == [19.75]
    assert bench.seconds_of(TimerFired, timer_id=CYCLE) == [20]


async def test_two_timers_fire_each_at_its_own_time(bench: LiveBench) -> None:
    async with bench.living(guards=limits(staleness_s=30), cycle_s=60):
        await bench.time.passes(30.25)
        await bench.send(quote(99, seq=1))
        await bench.time.passes(40)
    assert bench.seconds_of(TimerFired, timer_id=CYCLE) == [60]
    assert bench.seconds_of(TimerFired, timer_id=f"stale:{BTC}") == [60.25]


async def test_a_timer_that_is_due_comes_before_the_price_that_would_undo_it(bench: LiveBench) -> None:
    """The loop was busy when the symbol went stale: that it did is on the tape all the same."""
    async with bench.living(guards=limits(staleness_s=30)):
        await bench.send(quote(99, seq=1))
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
            await bench.send(quote(99, seq=second + 1))
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
        await again.send(quote(99, seq=1))
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
        await bench.send(quote(99, seq=1))
    first, second = bench.events(TaskCrashed)
    assert first == TaskCrashed("scribe", "ValueError: the scribe is ill", 1, SECOND_NS)
    assert second == TaskCrashed("scribe", "ValueError: the scribe is ill", 2, 2 * SECOND_NS)
    assert [(one.topic, one.subject) for one in bench.alerts.delivered] == [("task_crashing", "scribe")]
    assert len(bench.events(QuoteUpdated)) == 1
    assert bench.events(SessionStopped)[0].reason == "the test is over"


async def test_a_feed_that_crashes_is_taken_up_again(bench: LiveBench) -> None:
    async with bench.living():
        await bench.send(quote(99, seq=1), ConnectionResetError("by peer"), quote(98, seq=2))
        await bench.time.passes(1)
        assert bench.events(TaskCrashed)[0].error == "ConnectionResetError: by peer"
    assert [event.seq for event in bench.events(QuoteUpdated)] == [1, 2]
