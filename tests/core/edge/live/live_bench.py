"""A bot that lives in virtual time: feed, clocks and venue are the test's, everything else is real."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from perptape.core.codec import decode_data
from perptape.core.durations import SECOND_NS
from perptape.core.edge.live.background_task import BackgroundTask
from perptape.core.edge.live.runner import LiveOptions, Waiting, run_live
from perptape.core.edge.live.stop_request import StopRequest
from perptape.core.edge.live.supervisor import Stopped
from perptape.core.edge.time.receipt_clock import ReceiptClock
from perptape.core.events import Observation, OrderRejected, OrderRequested
from perptape.core.orchestrator import Orchestrator
from perptape.core.ports import LoggedEvent
from perptape.core.settings import StrategySettings, TradingSettings
from tests.core.edge.live.hesitant_broker import HesitantBroker
from tests.core.edge.live.manual_time import ManualTime
from tests.core.facts import settings
from tests.core.fakes import MemoryLog, NotedAlerts

START_NS = 1_767_268_800 * SECOND_NS
"""A whole minute."""


class QueuedFeed:
    """Says what the test puts into it; None ends it, an error is raised."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[Observation | Exception | None] = asyncio.Queue()

    def say(self, *messages: Observation | Exception | None) -> None:
        for message in messages:
            self.messages.put_nowait(message)

    async def next(self) -> Observation | None:
        message = await self.messages.get()
        if isinstance(message, Exception):
            raise message
        return message


class LiveBench:
    """A bot, its world, and what came of its session."""

    def __init__(self, log: MemoryLog | None = None, wall_ns: int = START_NS) -> None:
        self.time = ManualTime(wall_ns)
        self.log = log or MemoryLog()
        self.broker = HesitantBroker()
        self.alerts = NotedAlerts()
        self.feed = QueuedFeed()
        self.stop = StopRequest()
        self.clock = ReceiptClock(self.time.wall_ns, self.time.monotonic_ns)
        self.bot = Orchestrator(self.log, self.broker, self.alerts, self.clock, behaviour="test")

    async def live(self, trading: TradingSettings, options: LiveOptions, tasks: Sequence[BackgroundTask]) -> Stopped:
        return await run_live(
            self.bot,
            self.feed,
            self.clock,
            trading,
            self.stop,
            tasks=tasks,
            options=options,
            waiting=Waiting(self.time.sleep, self.time.sleep, self.time.monotonic_ns),
        )

    @asynccontextmanager
    async def living(
        self,
        *strategies: StrategySettings,
        options: LiveOptions | None = None,
        tasks: Sequence[BackgroundTask] = (),
        **changes: Any,
    ) -> AsyncIterator["asyncio.Task[Stopped]"]:
        """The bot runs; at the end of the block it is stopped if the test has not done so."""
        life = asyncio.create_task(self.live(settings(*strategies, **changes), options or LiveOptions(), tasks))
        await self.time.rests()
        yield life
        if not life.done():
            self.stop.ask("the test is over")
            await self.time.passes(20)
            await life

    async def send(self, *messages: Observation | Exception | None) -> None:
        """The venue says it, and everybody acts who need not wait for time."""
        self.feed.say(*messages)
        await self.time.rests()

    @property
    def tape(self) -> list[LoggedEvent]:
        """What is durable."""
        return list(self.log.read(0))

    def events(self, kind: type[Any]) -> list[Any]:
        """The durable events of a type."""
        return [decode_data(line.type, line.schema, line.data) for line in self.tape if line.type == kind.__name__]

    def seconds_of(self, kind: type[Any], **fields: Any) -> list[float]:
        """When, in seconds of receipt time since the start, such an event came."""
        return [
            (line.at_ns - START_NS) / SECOND_NS
            for line in self.tape
            if line.type == kind.__name__
            and all(
                getattr(decode_data(line.type, line.schema, line.data), name) == value for name, value in fields.items()
            )
        ]


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
