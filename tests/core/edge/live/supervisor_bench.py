"""A supervisor in virtual time, and work for it to supervise."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from perptape.core.durations import SECOND_NS
from perptape.core.edge.live.background_task import BackgroundTask, Crash
from perptape.core.edge.live.supervisor import Stopped, Supervisor
from tests.core.edge.live.manual_time import ManualTime


class SupervisorBench:
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


async def nothing() -> None:
    """Work that is done at once."""


async def forever() -> None:
    """Work that never ends by itself."""
    await asyncio.Event().wait()


def raising(error: Exception) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        raise error

    return work
