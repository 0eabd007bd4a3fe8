"""Background tasks: registered before they run, each at its interval, restarted after a crash, all ended in time.

S01, S06, S07 and S15 of the scenario catalogue, in virtual time.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from core.edge.background_task import BackgroundTask, Crash
from core.edge.supervisor import Stopped, Supervisor
from core.errors import LogRefusedError, SupervisionError
from tests.core.edge.manual_time import SECOND_NS, ManualTime

MINUTE_S = 60


class Bench:
    """A supervisor in virtual time, and what it told."""

    def __init__(self) -> None:
        self.time = ManualTime()
        self.crashes: list[Crash] = []
        self.runs: list[tuple[str, float]] = []
        """Which task was called, and at which second."""
        self.supervisor = Supervisor(
            self._crashed, sleep=self.time.sleep, monotonic_ns=self.time.monotonic_ns, stop_within_s=5
        )

    async def _crashed(self, crash: Crash) -> None:
        self.crashes.append(crash)

    @property
    def second(self) -> float:
        return self.time.monotonic / SECOND_NS

    def add(self, name: str, work: Callable[[], Awaitable[None]], every_s: float | None = None) -> None:
        async def noted() -> None:
            self.runs.append((name, self.second))
            await work()

        self.supervisor.register(BackgroundTask(name, noted, every_s))

    def seconds_of(self, name: str) -> list[float]:
        return [second for of, second in self.runs if of == name]

    @asynccontextmanager
    async def running(self) -> AsyncIterator["asyncio.Task[None]"]:
        """Runs in the background; at the end of the block everything is stopped that the test has not stopped."""
        run = asyncio.create_task(self.supervisor.run())
        await self.time.rests()
        yield run
        if not run.done():
            await self.supervisor.stop(0)
            await run

    async def stops(self, deadline_s: float, after_s: float) -> Stopped:
        """What a stop comes to when so much time passes."""
        stopping = asyncio.create_task(self.supervisor.stop(deadline_s))
        await self.time.passes(after_s)
        return await stopping


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def nothing() -> None:
    """Work that is done at once."""


async def forever() -> None:
    """Work that never ends by itself."""
    await asyncio.Event().wait()


def raising(error: Exception) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        raise error

    return work


# --- registering


def test_a_task_is_registered_once(bench: Bench) -> None:
    bench.add("feed", nothing)
    with pytest.raises(SupervisionError, match="'feed' is registered twice"):
        bench.add("feed", nothing)
    assert bench.supervisor.names == ("feed",)


async def test_nothing_runs_before_it_is_registered_and_nothing_is_registered_once_it_runs(bench: Bench) -> None:
    with pytest.raises(SupervisionError, match="no background task is registered"):
        await bench.supervisor.run()
    bench.add("feed", forever)
    assert bench.runs == []
    async with bench.running():
        assert bench.runs == [("feed", 0)]
        with pytest.raises(SupervisionError, match="'late' comes too late"):
            bench.add("late", nothing)
        with pytest.raises(SupervisionError, match="runs once"):
            await bench.supervisor.run()


def test_an_interval_is_some_time(bench: Bench) -> None:
    with pytest.raises(SupervisionError, match="cannot run every 0 s"):
        bench.add("flush", nothing, 0)


# --- intervals


async def test_every_task_runs_at_once_and_then_at_its_own_interval(bench: Bench) -> None:
    bench.add("flush", nothing, 1)
    bench.add("lease", nothing, 2.5)
    async with bench.running():
        await bench.time.passes(5)
        assert bench.seconds_of("flush") == [0, 1, 2, 3, 4, 5]
        assert bench.seconds_of("lease") == [0, 2.5, 5]


async def test_work_that_takes_longer_than_its_interval_never_runs_twice_at_once(bench: Bench) -> None:
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


async def test_work_that_ends_when_it_is_due_again_goes_on_at_once(bench: Bench) -> None:
    bench.add("just in time", lambda: bench.time.sleep(1), 1)
    async with bench.running():
        await bench.time.passes(3)
        assert bench.seconds_of("just in time") == [0, 1, 2, 3]


async def test_the_status_says_when_a_task_ran_last(bench: Bench) -> None:
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


async def test_endless_work_that_returns_has_ended_and_the_supervisor_ends_with_the_last(bench: Bench) -> None:
    bench.add("short", lambda: bench.time.sleep(1))
    bench.add("long", lambda: bench.time.sleep(2))
    async with bench.running() as run:
        await bench.time.passes(1.5)
        assert [status.ended for status in bench.supervisor.status()] == [True, False]
        await bench.time.passes(1)
        await run
    assert bench.runs == [("short", 0), ("long", 0)]


# --- crashes


async def test_a_crash_is_told_and_the_task_begins_anew_after_a_wait_that_doubles(bench: Bench) -> None:
    bench.add("feed", raising(ValueError("two\nlines")))
    async with bench.running():
        await bench.time.passes(200)
        assert bench.seconds_of("feed") == [0, 1, 3, 7, 15, 31, 63, 123, 183]
    assert bench.crashes[0] == Crash("feed", "ValueError: two lines", 1, SECOND_NS)
    assert [crash.restart_after_ns // SECOND_NS for crash in bench.crashes] == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert [crash.crashes for crash in bench.crashes] == [*range(1, 10)]


async def test_a_crash_is_logged_with_its_trace(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.add("feed", raising(ValueError("no price")))
    with caplog.at_level(logging.ERROR):
        async with bench.running():
            pass
    [record] = caplog.records
    assert record.getMessage() == "background task feed crashed (1 in a row): it begins anew in 1 s"
    assert record.exc_text is not None
    assert "in work" in record.exc_text
    assert "ValueError: no price" in record.exc_text


async def test_the_others_go_on_while_a_task_crashes(bench: Bench) -> None:
    bench.add("feed", raising(ValueError("no price")))
    bench.add("flush", nothing, 1)
    async with bench.running():
        await bench.time.passes(3)
        assert bench.seconds_of("flush") == [0, 1, 2, 3]


async def test_a_healthy_minute_makes_the_next_wait_short_again(bench: Bench) -> None:
    lives = iter((0, 0, MINUTE_S - 1, MINUTE_S, 0))

    async def lives_and_dies() -> None:
        await bench.time.sleep(next(lives))
        raise ValueError("again")

    bench.add("feed", lives_and_dies)
    async with bench.running():
        await bench.time.passes(150)
    told = [(crash.crashes, crash.restart_after_ns // SECOND_NS) for crash in bench.crashes]
    assert told[:5] == [(1, 1), (2, 2), (3, 4), (1, 1), (2, 2)]


async def test_a_crash_in_one_of_many_runs_begins_the_interval_anew(bench: Bench) -> None:
    async def crashes_at_two() -> None:
        if bench.second == 2:
            raise ValueError("at two")

    bench.add("flush", crashes_at_two, 2)
    async with bench.running():
        await bench.time.passes(6)
        assert bench.seconds_of("flush") == [0, 2, 3, 5]


async def test_work_that_somebody_else_cancels_has_crashed(bench: Bench) -> None:
    async def canceled() -> None:
        raise asyncio.CancelledError

    bench.add("feed", canceled)
    async with bench.running():
        await bench.time.passes(1)
    assert [crash.error for crash in bench.crashes] == [
        "SupervisionError: background task 'feed' was canceled by somebody else"
    ] * 2


async def test_a_refusing_log_ends_every_task(bench: Bench) -> None:
    bench.add("feed", raising(LogRefusedError("the disk is full")))
    bench.add("flush", nothing, 1)
    async with bench.running() as run:
        with pytest.raises(LogRefusedError, match="the disk is full"):
            await run
    assert bench.crashes == []
    assert all(status.ended for status in bench.supervisor.status())


# --- stopping


async def test_a_stop_cancels_every_task_whatever_it_waits_for(bench: Bench) -> None:
    bench.add("endless", forever)
    bench.add("waiting", nothing, 30)
    bench.add("crashed", raising(ValueError("no price")))
    async with bench.running() as run:
        assert await bench.stops(2, after_s=0) == Stopped(("endless", "waiting", "crashed"), ())
        await run
    assert all(status.ended and not status.running for status in bench.supervisor.status())


async def test_a_task_may_clean_up_within_the_time_allowed(bench: Bench) -> None:
    cleaned: list[float] = []

    async def cleans_up() -> None:
        try:
            await forever()
        finally:
            await bench.time.sleep(1)
            cleaned.append(bench.second)

    bench.add("tidy", cleans_up)
    async with bench.running():
        assert await bench.stops(2, after_s=1) == Stopped(("tidy",), ())
    assert cleaned == [1]


async def test_a_task_that_ignores_its_cancellation_is_left_behind_by_name(bench: Bench) -> None:
    enough = asyncio.Event()

    async def stubborn() -> None:
        while not enough.is_set():
            try:
                await enough.wait()
            except asyncio.CancelledError:
                continue

    bench.add("stubborn", stubborn)
    bench.add("flush", nothing, 1)
    async with bench.running() as run:
        stopping = asyncio.create_task(bench.supervisor.stop(2))
        await bench.time.passes(1.9)
        assert not stopping.done()
        await bench.time.passes(0.1)
        assert await stopping == Stopped(("flush",), ("stubborn",))
        await run
    assert bench.supervisor.status()[0].running
    enough.set()
    await bench.time.rests()


async def test_a_task_that_raises_while_it_is_canceled_has_ended(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    async def raises() -> None:
        try:
            await forever()
        finally:
            raise ValueError("cannot close the socket")

    bench.add("feed", raises)
    with caplog.at_level(logging.ERROR):
        async with bench.running():
            assert await bench.stops(2, after_s=0) == Stopped(("feed",), ())
    assert [record.getMessage() for record in caplog.records] == ["background task feed raised while it was canceled"]
    assert bench.crashes == []


async def test_a_refusing_log_leaves_a_stubborn_task_behind_after_the_time_allowed(bench: Bench) -> None:
    enough = asyncio.Event()

    async def stubborn() -> None:
        try:
            await enough.wait()
        except asyncio.CancelledError:
            await enough.wait()

    bench.add("stubborn", stubborn)
    bench.add("feed", raising(LogRefusedError("the disk is full")))
    async with bench.running() as run:
        await bench.time.passes(4.9)
        assert not run.done()
        await bench.time.passes(0.1)
        with pytest.raises(LogRefusedError):
            await run
        assert await bench.supervisor.stop(0) == Stopped(("feed",), ("stubborn",))
    enough.set()
    await bench.time.rests()


async def test_what_never_ran_is_stopped_at_once(bench: Bench) -> None:
    bench.add("feed", forever)
    assert await bench.supervisor.stop(1) == Stopped(("feed",), ())
