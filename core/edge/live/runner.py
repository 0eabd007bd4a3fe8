"""The live runner: a bot in wall-clock time, from the start of its session to an end in good order.

Its background tasks, each under the supervisor:

| task | does |
|---|---|
| feed | takes the venue's messages and observes them |
| timers | fires what is due, and sleeps until the next |
| flush | makes pending turns durable, and takes snapshots when it is time |
| lease | keeps the stream this process's own while nothing is written |
| inbox | takes what operators have put into the inbox |
| clock | looks whether the wall clock has jumped |
| health | writes the health file |

To stop: tasks are canceled first, so that nothing new comes in; then the turn in progress may end; then the session's
end is recorded and everything made durable. After a StoppedError nothing is recorded any more: what is on the tape is
durable, and the next session settles what is open.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from perptape.core.durations import SECOND_NS
from perptape.core.edge.live.background_task import BackgroundTask, Crash
from perptape.core.edge.live.health import health, write_health
from perptape.core.edge.live.stop_request import StopRequest
from perptape.core.edge.live.supervisor import Stopped, Supervisor
from perptape.core.edge.live.turns import Turns
from perptape.core.edge.time.bell import Sleep
from perptape.core.edge.time.receipt_clock import ReceiptClock
from perptape.core.edge.venue.port import Feed
from perptape.core.errors import StoppedError, TurnFailedError
from perptape.core.events import ClockJumped, OperatorCommandReceived, TaskCrashed
from perptape.core.orchestrator import Orchestrator
from perptape.core.settings import TradingSettings

FEED_ENDED = "the feed ended"
LOOK_S_MAX = 1
"""Timers are looked at so often, in seconds, even if none is due: receipt time leaps when a machine was suspended."""

Commands = Callable[[int], Iterable[OperatorCommandReceived]]
"""What has come into the inbox after a version of it."""

_logger = logging.getLogger(__name__)


class LiveOptions(NamedTuple):
    """How a session is run; none of it shapes a decision."""

    stop_within_s: float = 10
    """The time allowed from the wish to stop until the tasks and the turn in progress have ended."""
    flush_every_s: float = 1
    lease_every_s: float = 2
    inbox_every_s: float = 0.5
    clock_every_s: float = 1
    health_every_s: float = 1
    health_path: Path | None = None
    """Where the health file goes; nowhere without it."""


class Waiting(NamedTuple):
    """The ways to wait."""

    sleep: Sleep = asyncio.sleep
    """In seconds of the machine, as the intervals of tasks are."""
    receipt_sleep: Sleep = asyncio.sleep
    """In seconds of receipt time, as timers are: shorter where a simulation runs fast."""
    monotonic_ns: Callable[[], int] = time.monotonic_ns


async def run_live(
    bot: Orchestrator,
    feed: Feed,
    clock: ReceiptClock,
    settings: TradingSettings,
    stop: StopRequest,
    *,
    keep_lease: Callable[[], None] | None = None,
    commands: Commands | None = None,
    tasks: Sequence[BackgroundTask] = (),
    options: LiveOptions | None = None,
    waiting: Waiting | None = None,
) -> Stopped:
    """Run a session until `stop` is asked, or the feed ends. `tasks` run beside the runner's own.

    `bot` must have been made with this `clock`. Says which tasks ended in time. Raises the StoppedError after which
    the bot could not go on: LogRefusedError, LogDamagedError or TurnFailedError; and SupervisionError for `tasks` that
    cannot be.
    """
    session = _Session(
        bot,
        feed,
        clock,
        stop,
        keep_lease=keep_lease,
        commands=commands,
        options=options or LiveOptions(),
        waiting=waiting or Waiting(),
    )
    for task in (*session.background_tasks(), *tasks):
        session.supervisor.register(task)
    return await session.run(settings)


class _Session:
    def __init__(
        self,
        bot: Orchestrator,
        feed: Feed,
        clock: ReceiptClock,
        stop: StopRequest,
        *,
        keep_lease: Callable[[], None] | None,
        commands: Commands | None,
        options: LiveOptions,
        waiting: Waiting,
    ) -> None:
        self._bot = bot
        self._feed = feed
        self._clock = clock
        self._stop = stop
        self._keep_lease = keep_lease
        self._commands = commands
        self._options = options
        self._waiting = waiting
        self._ended = ""
        self._turns = Turns(bot, clock, sleep=waiting.sleep, receipt_sleep=waiting.receipt_sleep)
        self.supervisor = Supervisor(
            self._crashed,
            sleep=waiting.sleep,
            monotonic_ns=waiting.monotonic_ns,
            stop_within_s=options.stop_within_s,
        )

    def background_tasks(self) -> list[BackgroundTask]:
        """Those of the runner; a lease and a health file are looked after where there are some."""
        options = self._options
        tasks = [
            BackgroundTask("feed", self._hear),
            BackgroundTask("timers", self._fire),
            BackgroundTask("flush", self._turns.flush, options.flush_every_s),
            BackgroundTask("clock", self._look_at_clock, options.clock_every_s),
        ]
        if self._commands is not None:
            tasks.append(BackgroundTask("inbox", self._obey, options.inbox_every_s))
        if self._keep_lease is not None:
            tasks.append(BackgroundTask("lease", self._keep, options.lease_every_s))
        if options.health_path is not None:
            tasks.append(BackgroundTask("health", self._report, options.health_every_s))
        return tasks

    async def run(self, settings: TradingSettings) -> Stopped:
        """From the start of the session to its end."""
        serving = asyncio.create_task(self._serve(settings))
        asked = asyncio.create_task(self._stop.wait())
        try:
            await asyncio.wait((serving, asked), return_when=asyncio.FIRST_COMPLETED)
            stopped = await self._wind_down(serving)
            await self._turns.stop(self._stop.reason)
        except StoppedError as error:
            self._stop.ask(f"{type(error).__name__}: {error}")
            _logger.critical("the bot stopped: %s", error, exc_info=isinstance(error, TurnFailedError))
            raise
        finally:
            asked.cancel()
            serving.cancel()
            await asyncio.gather(asked, serving, return_exceptions=True)
            await self._report_last()
        return stopped

    async def _serve(self, settings: TradingSettings) -> None:
        self._clock.begin(self._bot.state.at_ns)
        await self._turns.start(settings, self.supervisor.names)
        if not self._stop.reason:
            await self.supervisor.run()

    async def _wind_down(self, serving: "asyncio.Task[None]") -> Stopped:
        """Let nothing new come in, and let the turn in progress end, both in the time allowed."""
        monotonic_ns, within_s = self._waiting.monotonic_ns, self._options.stop_within_s
        deadline_ns = monotonic_ns() + int(within_s * SECOND_NS)
        stopped = await self.supervisor.stop(within_s)
        if not await self._turns.close(max(0, deadline_ns - monotonic_ns()) / SECOND_NS):
            _logger.error("a turn did not end within %g s: the next session settles what is open", within_s)
        await asyncio.wait((serving,))
        if not serving.cancelled():
            serving.result()
        return stopped

    async def _hear(self) -> None:
        while (message := await self._feed.next()) is not None:
            await self._turns.observe(message)
        self._stop.ask(FEED_ENDED)

    async def _fire(self) -> None:
        while True:
            due_ns = await self._turns.fire_due()
            wait_s = max(0, due_ns - self._clock.now_ns()) / SECOND_NS
            await self._turns.earlier.wait(min(wait_s, LOOK_S_MAX))

    async def _obey(self) -> None:
        if self._commands is not None:
            for command in self._commands(self._bot.state.inbox_version):
                await self._turns.observe(command)

    async def _keep(self) -> None:
        if self._keep_lease is not None:
            self._keep_lease()

    async def _look_at_clock(self) -> None:
        jump_ns = self._clock.jump()
        if jump_ns:
            await self._turns.observe(ClockJumped(jump_ns=jump_ns))

    async def _crashed(self, crash: Crash) -> None:
        await self._turns.observe(
            TaskCrashed(
                task=crash.task,
                error=crash.error,
                crashes=crash.crashes,
                restart_after_ns=crash.restart_after_ns,
            )
        )

    async def _report(self) -> None:
        if self._options.health_path is not None:
            told = health(
                self._bot.state,
                self.supervisor.status(),
                at_ns=self._clock.now_ns(),
                monotonic_ns=self._waiting.monotonic_ns(),
                stopped=self._ended,
            )
            write_health(self._options.health_path, told)

    async def _report_last(self) -> None:
        self._ended = self._stop.reason
        try:
            await self._report()
        except OSError as error:
            _logger.error("the health file could not be written: %s", error)
