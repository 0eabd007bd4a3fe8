"""Background tasks: registered before they run, each at its interval, restarted after a crash, all ended in time.

S01, S06, S07 and S15 of the scenario catalogue, in virtual time.
"""

import asyncio
import logging

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.edge.live.background_task import Crash
from perptape.core.errors import LogRefusedError, SupervisionError
from tests.core.edge.live.supervisor_bench import SupervisorBench, forever, nothing, raising

MINUTE_S = 60


@pytest.fixture
def bench() -> SupervisorBench:
    return SupervisorBench()


# --- registering


def test_a_task_is_registered_once(bench: SupervisorBench) -> None:
    bench.add("feed", nothing)
    with pytest.raises(SupervisionError, match="'feed' is registered twice"):
        bench.add("feed", nothing)
    assert bench.supervisor.names == ("feed",)


async def test_nothing_runs_before_it_is_registered_and_nothing_is_registered_once_it_runs(
    bench: SupervisorBench,
) -> None:
    with pytest.raises(SupervisionError, match="no background task is registered"):
        await bench.supervisor.run()
    bench.add("feed", forever)
    assert bench.runs == []
    async with bench.running():
        assert bench.runs == [("feed", 0)]
        with pytest.raises(SupervisionError, match="'late' comes too late"):
            bench.add("late", nothing)
        with pytest.raises(SupervisionError, match="runs only once"):
            await bench.supervisor.run()


def test_an_interval_is_some_time(bench: SupervisorBench) -> None:
    with pytest.raises(SupervisionError, match="cannot run every 0 s"):
        bench.add("flush", nothing, 0)


# --- intervals


async def test_every_task_runs_at_once_and_then_at_its_own_interval(bench: SupervisorBench) -> None:
    bench.add("flush", nothing, 1)
    bench.add("lease", nothing, 2.5)
    async with bench.running():
        await bench.time.passes(5)
        assert bench.seconds_of("flush") == [0, 1, 2, 3, 4, 5]
        assert bench.seconds_of("lease") == [0, 2.5, 5]


async def test_work_that_takes_longer_than_its_interval_never_runs_twice_at_once(bench: SupervisorBench) -> None:
    at_once = 0
    most = 0

    async def slow() -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await bench.time.sleep(2.5)
        at_once -= 1

    bench.add("slow", slow, 1)
    async with bench.running():
        await bench.time.passes(9)
        assert bench.seconds_of("slow") == [0, 3, 6, 9]
        assert most == 1


async def test_work_that_ends_when_it_is_due_again_goes_on_at_once(bench: SupervisorBench) -> None:
    bench.add("just in time", lambda: bench.time.sleep(1), 1)
    async with bench.running():
        await bench.time.passes(3)
        assert bench.seconds_of("just in time") == [0, 1, 2, 3]


async def test_the_status_says_when_a_task_ran_last(bench: SupervisorBench) -> None:
    bench.add("flush", nothing, 2)
    bench.add("feed", forever)
    [flush, feed] = bench.supervisor.status()
    assert (flush.last_run_ns, flush.runs, feed.running, feed.ended) == (None, 0, False, False)
    async with bench.running():
        await bench.time.passes(5)
        [flush, feed] = bench.supervisor.status()
        assert (flush.name, flush.last_run_ns, flush.runs, flush.running) == ("flush", 4 * SECOND_NS, 3, False)
        assert (feed.name, feed.last_run_ns, feed.runs, feed.running, feed.ended) == ("feed", 0, 1, True, False)


# --- ends


async def test_endless_work_that_returns_has_ended_and_the_supervisor_ends_with_the_last(
    bench: SupervisorBench,
) -> None:
    bench.add("short", lambda: bench.time.sleep(1))
    bench.add("long", lambda: bench.time.sleep(2))
    async with bench.running() as run:
        await bench.time.passes(1.5)
        assert [status.ended for status in bench.supervisor.status()] == [True, False]
        await bench.time.passes(1)
        await run
    assert bench.runs == [("short", 0), ("long", 0)]


# --- crashes


async def test_a_crash_is_told_and_the_task_begins_anew_after_a_wait_that_doubles(bench: SupervisorBench) -> None:
    bench.add("feed", raising(ValueError("two\nlines")))
    async with bench.running():
        await bench.time.passes(200)
        assert bench.seconds_of("feed") == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    assert bench.crashes[0] == Crash("feed", "ValueError: two lines", 1, SECOND_NS)
    assert [crash.restart_after_ns // SECOND_NS for crash in bench.crashes] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert [crash.crashes for crash in bench.crashes] == [*range(1, 10)]


async def test_a_crash_is_logged_with_its_trace(bench: SupervisorBench, caplog: pytest.LogCaptureFixture) -> None:
    bench.add("feed", raising(ValueError("no price")))
    with caplog.at_level(logging.ERROR):
        async with bench.running():
            pass
    [record] = caplog.records
    assert record.getMessage() == "background task feed crashed (1 in a row): it begins anew in 1 s"
    assert record.exc_text is not None
    assert "in work" in record.exc_text
    assert "ValueError: no price" in record.exc_text


async def test_the_others_go_on_while_a_task_crashes(bench: SupervisorBench) -> None:
    bench.add("feed", raising(ValueError("no price")))
    bench.add("flush", nothing, 1)
    async with bench.running():
        await bench.time.passes(3)
        assert bench.seconds_of("flush") == [0, 1, 2, 3]


async def test_a_healthy_minute_makes_the_next_wait_short_again(bench: SupervisorBench) -> None:
    lives = iter((0, 0, MINUTE_S - 1, MINUTE_S, 0))

    async def lives_and_dies() -> None:
        await bench.time.sleep(next(lives))
        raise ValueError("again")

    bench.add("feed", lives_and_dies)
    async with bench.running():
        await bench.time.passes(150)
    told = [(crash.crashes, crash.restart_after_ns // SECOND_NS) for crash in bench.crashes]
    assert told[:5] == [(1, 1), (2, 2), (3, 4), (1, 1), (2, 2)]


async def test_a_crash_in_one_of_many_runs_begins_the_interval_anew(bench: SupervisorBench) -> None:
    async def crashes_at_two() -> None:
        if bench.second == 2:
            raise ValueError("at two")

    bench.add("flush", crashes_at_two, 2)
    async with bench.running():
        await bench.time.passes(6)
        assert bench.seconds_of("flush") == [0, 2, 3, 5]


async def test_work_that_somebody_else_cancels_has_crashed(bench: SupervisorBench) -> None:
    async def canceled() -> None:
        raise asyncio.CancelledError

    bench.add("feed", canceled)
    async with bench.running():
        await bench.time.passes(1)
    assert [crash.error for crash in bench.crashes] == [
        "SupervisionError: background task 'feed' was canceled by somebody else"
    ] * 2


async def test_a_refusing_log_ends_every_task(bench: SupervisorBench) -> None:
    bench.add("feed", raising(LogRefusedError("the disk is full")))
    bench.add("flush", nothing, 1)
    async with bench.running() as run:
        with pytest.raises(LogRefusedError, match="the disk is full"):
            await run
    assert bench.crashes == []
    assert all(status.ended for status in bench.supervisor.status())
