"""The supervisor: background tasks that all start together, are restarted when they crash, and all end together.

Structured concurrency on `asyncio.TaskGroup`: no task outlives `run`, but one that ignores its cancellation, which is
left behind by name. A keeper in the group looks after each task; the work itself is an asyncio task of its own, so that
a keeper can always end, whatever its work does. A task that blocks the event loop blocks the supervisor too: work that
takes long belongs into a thread.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from perptape.core.durations import SECOND_NS
from perptape.core.edge.live.background_task import BackgroundTask, Crash, TaskStatus
from perptape.core.edge.time.bell import Sleep
from perptape.core.errors import StoppedError, SupervisionError

BACKOFF_NS = SECOND_NS
"""The wait before the first restart; it doubles with each crash in a row."""
BACKOFF_MAX_NS = 60 * SECOND_NS
HEALTHY_NS = 60 * SECOND_NS
"""A task that has not crashed for so long since its last start has recovered."""
ERROR_LENGTH_MAX = 300

_logger = logging.getLogger(__name__)


class Stopped(NamedTuple):
    """What came of a stop: which tasks ended, and which ignored their cancellation and were left behind."""

    ended: tuple[str, ...]
    abandoned: tuple[str, ...]


class Supervisor:
    """Runs registered tasks.

    - A task with an interval is called at the start and then at whole multiples of its interval since then. It is
      never called while it still runs: what falls due meanwhile is dropped and not made up for.
    - A task that raises is logged with its trace, told to `crashed`, and begins anew after 1 s, 2 s, 4 s, ... 60 s;
      a minute without a crash makes the next wait 1 s again. A StoppedError is no crash: it ends everything.
    - An endless task that returns has done all there is to do.
    """

    def __init__(
        self,
        crashed: Callable[[Crash], Awaitable[None]],
        *,
        sleep: Sleep = asyncio.sleep,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        stop_within_s: float = 10,
    ) -> None:
        """`stop_within_s` is the time allowed when a StoppedError, and not `stop`, ends everything."""
        self._crashed = crashed
        self._sleep = sleep
        self._monotonic_ns = monotonic_ns
        self._stop_within_ns = int(stop_within_s * SECOND_NS)
        self._kept: dict[str, _Kept] = {}
        self._keepers: list[asyncio.Task[None]] = []
        self._begun = False
        self._deadline_ns: int | None = None

    def register(self, task: BackgroundTask) -> None:
        """Add a task. Raises SupervisionError for a name that is taken, or once the tasks run."""
        if task.name in self._kept:
            raise SupervisionError(f"background task {task.name!r} is registered twice: give each its own name")
        if self._begun:
            raise SupervisionError(f"background task {task.name!r} comes too late: register it before the tasks run")
        if task.every_s is not None and task.every_s <= 0:
            raise SupervisionError(f"background task {task.name!r} cannot run every {task.every_s} s: give a time")
        self._kept[task.name] = _Kept(task)

    @property
    def names(self) -> tuple[str, ...]:
        """The registered tasks, in order."""
        return tuple(self._kept)

    def status(self) -> tuple[TaskStatus, ...]:
        """How every task is doing."""
        return tuple(
            TaskStatus(
                name=name,
                runs=kept.runs,
                running=kept.work is not None and not kept.work.done(),
                ended=kept.ended,
                crashes=kept.crashes,
                last_run_ns=kept.last_run_ns,
            )
            for name, kept in self._kept.items()
        )

    async def run(self) -> None:
        """Run the tasks until all have ended or `stop` is called.

        Raises SupervisionError when none is registered or they ran before, and the StoppedError of a task.
        """
        if not self._kept:
            raise SupervisionError("no background task is registered: register them before the supervisor runs")
        if self._begun:
            raise SupervisionError("a supervisor runs only once: create a new one")
        self._begun = True
        try:
            async with asyncio.TaskGroup() as group:
                self._keepers = [group.create_task(self._keep(kept), name=name) for name, kept in self._kept.items()]
        except BaseExceptionGroup as group:
            raise (group.subgroup(StoppedError) or group).exceptions[0] from None

    async def stop(self, deadline_s: float) -> Stopped:
        """Cancel all tasks; back when each has ended or, at the latest, when the time allowed is over."""
        self._deadline_ns = self._monotonic_ns() + int(deadline_s * SECOND_NS)
        for keeper in self._keepers:
            keeper.cancel()
        if self._keepers:
            await asyncio.wait(self._keepers)
        abandoned = tuple(name for name, kept in self._kept.items() if kept.work is not None and not kept.work.done())
        return Stopped(tuple(name for name in self._kept if name not in abandoned), abandoned)

    async def _keep(self, kept: "_Kept") -> None:
        """Run one task, again after every crash."""
        backoff_ns, in_a_row = BACKOFF_NS, 0
        try:
            while True:
                begun_ns = self._monotonic_ns()
                try:
                    return await self._begin(kept)
                except StoppedError:
                    raise
                except Exception as error:  # whatever a task raises, the others go on
                    if self._monotonic_ns() - begun_ns >= HEALTHY_NS:
                        backoff_ns, in_a_row = BACKOFF_NS, 0
                    in_a_row += 1
                    kept.crashes += 1
                    await self._tell(Crash(kept.task.name, one_line(error), in_a_row, backoff_ns), error)
                await self._sleep(backoff_ns / SECOND_NS)
                backoff_ns = min(2 * backoff_ns, BACKOFF_MAX_NS)
        finally:
            kept.ended = True

    async def _tell(self, crash: Crash, error: Exception) -> None:
        _logger.error(
            "background task %s crashed (%d in a row): it begins anew in %g s",
            crash.task,
            crash.crashes,
            crash.restart_after_ns / SECOND_NS,
            exc_info=error,
        )
        await self._crashed(crash)

    async def _begin(self, kept: "_Kept") -> None:
        """From a start to the crash; endless work may also end."""
        every_s = kept.task.every_s
        if every_s is None:
            return await self._call(kept)
        every_ns = int(every_s * SECOND_NS)
        due_ns = self._monotonic_ns()
        while True:
            await self._call(kept)
            now_ns = self._monotonic_ns()
            missed = max(0, now_ns - due_ns - 1) // every_ns
            due_ns += (missed + 1) * every_ns
            await self._sleep(max(0, due_ns - now_ns) / SECOND_NS)

    async def _call(self, kept: "_Kept") -> None:
        """Do the work once, and let it end in time when this keeper is canceled."""
        kept.runs += 1
        kept.last_run_ns = self._monotonic_ns()
        work = kept.work = asyncio.ensure_future(kept.task.work())
        try:
            await asyncio.wait((work,))
        except asyncio.CancelledError:
            await self._cancel(kept.task.name, work)
            raise
        if work.cancelled():
            raise SupervisionError(f"background task {kept.task.name!r} was canceled by somebody else")
        work.result()

    async def _cancel(self, name: str, work: "asyncio.Future[None]") -> None:
        now_ns = self._monotonic_ns()
        left_ns = self._stop_within_ns if self._deadline_ns is None else max(0, self._deadline_ns - now_ns)
        work.cancel()
        sleeping = asyncio.ensure_future(self._sleep(left_ns / SECOND_NS))
        try:
            await asyncio.wait((work, sleeping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleeping.cancel()
        if not work.done():
            _logger.error("background task %s ignored its cancellation for %g s: left behind", name, left_ns / 1e9)
        elif not work.cancelled() and work.exception() is not None:
            _logger.error("background task %s raised while it was canceled", name, exc_info=work.exception())


class _Kept:
    """A task, and what is known of it."""

    __slots__ = ("crashes", "ended", "last_run_ns", "runs", "task", "work")

    def __init__(self, task: BackgroundTask) -> None:
        self.task = task
        self.runs = 0
        self.crashes = 0
        self.ended = False
        self.last_run_ns: int | None = None
        self.work: asyncio.Future[None] | None = None


def one_line(error: BaseException) -> str:
    """Type and message of an error, on one line."""
    return " ".join(f"{type(error).__name__}: {error}".split())[:ERROR_LENGTH_MAX]
