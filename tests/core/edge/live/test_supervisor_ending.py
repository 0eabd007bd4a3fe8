"""How the supervisor ends its tasks: all of them, within the time allowed, and those that will not by name (S07)."""

import asyncio
import logging

import pytest

from perptape.core.edge.live.supervisor import Stopped
from perptape.core.errors import LogRefusedError
from tests.core.edge.live.stubborn_task import StubbornTask
from tests.core.edge.live.supervisor_bench import SupervisorBench, forever, nothing, raising


@pytest.fixture
def bench() -> SupervisorBench:
    return SupervisorBench()


async def test_a_stop_cancels_every_task_whatever_it_waits_for(bench: SupervisorBench) -> None:
    bench.add("endless", forever)
    bench.add("waiting", nothing, 30)
    bench.add("crashed", raising(ValueError("no price")))
    async with bench.running() as run:
        assert await bench.stops(2, after_s=0) == Stopped(("endless", "waiting", "crashed"), ())
        await run
    assert all(status.ended and not status.running for status in bench.supervisor.status())


async def test_a_task_may_clean_up_within_the_time_allowed(bench: SupervisorBench) -> None:
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


async def test_a_task_that_ignores_its_cancellation_is_left_behind_by_name(bench: SupervisorBench) -> None:
    task = StubbornTask()
    bench.add("stubborn", task.run)
    bench.add("flush", nothing, 1)
    async with bench.running() as run:
        stopping = asyncio.create_task(bench.supervisor.stop(2))
        await bench.time.passes(1.9)
        assert not stopping.done()
        await bench.time.passes(0.1)
        assert await stopping == Stopped(("flush",), ("stubborn",))
        await run
    assert bench.supervisor.status()[0].running
    task.give_in()
    await bench.time.rests()


async def test_a_task_that_raises_while_it_is_canceled_has_ended(
    bench: SupervisorBench, caplog: pytest.LogCaptureFixture
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


async def test_a_refusing_log_leaves_a_stubborn_task_behind_after_the_time_allowed(bench: SupervisorBench) -> None:
    task = StubbornTask()
    bench.add("stubborn", task.run)
    bench.add("feed", raising(LogRefusedError("the disk is full")))
    async with bench.running() as run:
        await bench.time.passes(4.9)
        assert not run.done()
        await bench.time.passes(0.1)
        with pytest.raises(LogRefusedError):
            await run
        assert await bench.supervisor.stop(0) == Stopped(("feed",), ("stubborn",))
    task.give_in()
    await bench.time.rests()


async def test_what_never_ran_is_stopped_at_once(bench: SupervisorBench) -> None:
    bench.add("feed", forever)
    assert await bench.supervisor.stop(1) == Stopped(("feed",), ())
