"""A bot on the simulated exchange in wall-clock time, as a process of its own: for paper trading and for drills."""

import asyncio
import sys
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from perptape.core.edge.alerts import TapeAlerts
from perptape.core.edge.live.background_task import BackgroundTask
from perptape.core.edge.live.runner import LiveOptions, Waiting, run_live
from perptape.core.edge.live.stop_request import StopRequest, asked_by_signals
from perptape.core.edge.live.supervisor import Stopped
from perptape.core.edge.simulation.exchange import ExchangeSettings, SimulatedExchange
from perptape.core.edge.simulation.exchange.run import PointsFactory
from perptape.core.edge.simulation.paced_exchange import Pace, PacedExchange
from perptape.core.edge.storage.behaviour import behaviour_digest
from perptape.core.edge.storage.log import StoreLog, opened_log
from perptape.core.edge.time.receipt_clock import ReceiptClock
from perptape.core.edge.venue.port import Venue
from perptape.core.errors import LogDamagedError, PerptapeError
from perptape.core.orchestrator import Orchestrator
from perptape.core.ports import Alerts
from perptape.core.settings import TradingSettings

TIME_IS_UP = "the time is up"


@dataclass(frozen=True, slots=True)
class SimulatedLife:
    """What a process runs, and for how long."""

    store_url: str
    stream: str
    trading: TradingSettings
    exchange: ExchangeSettings
    points: PointsFactory
    """The whole market path from its start, each time it is called."""
    metadata: bytes | None = None
    form: str = ""
    """With metadata: the name of the stream's chain."""
    """The recording header of the stream, with which store and stream are made if there are none."""
    nonce: str = ""
    """Of a stream that is made; random without one."""
    journal_path: Path | None = None
    """The exchange's own journal, by which the next process finds it as it was; in memory without it."""
    input_digest: str = ""
    """Of the market path, so that a journal is not taken up with another one."""
    speed: float = 1
    """So many seconds of the market pass in one of the machine. The bot's receipt time is the market's."""
    duration_s: float | None = None
    """Seconds of the machine after which the session ends; without it, when the market does."""
    tasks: tuple[BackgroundTask, ...] = ()
    """Background tasks beside the runner's own."""
    alerts: Alerts = field(default_factory=TapeAlerts)
    options: LiveOptions = field(default_factory=LiveOptions)


def run_process(life: SimulatedLife) -> int:
    """Run it until SIGTERM, SIGINT, the end of the time or of the market; the process's exit status.

    0: the session has ended in good order, and the tape's last event says why. 1: the log is damaged. 2: the bot could
    not go on, or not begin. The reason is on stderr.
    """
    try:
        with opened_log(life.store_url, life.stream, metadata=life.metadata, form=life.form, nonce=life.nonce) as log:
            _run(_live(life, log))
    except PerptapeError as error:
        print(f"perptape: {error}", file=sys.stderr)
        return 1 if isinstance(error, LogDamagedError) else 2
    return 0


def _run(main: Coroutine[Any, Any, Stopped]) -> Stopped:
    """As `asyncio.run`, but for waiting for what ignores its cancellation: that was given its time."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


async def _live(life: SimulatedLife, log: StoreLog) -> Stopped:
    exchange = SimulatedExchange.open(life.journal_path, life.points, life.exchange, life.input_digest)
    try:
        pace = Pace(life.speed)
        venue: Venue = PacedExchange(exchange, pace.now_ns, pace.sleep)
        # Receipt time is the market's: both sources run at its pace.
        clock = ReceiptClock(pace.now_ns, pace.now_ns)
        bot = Orchestrator(log, venue, life.alerts, clock, behaviour=behaviour_digest())
        exchange.resume(bot.state.feed_seq)
        pace.begin(max(bot.state.at_ns, exchange.now_ns))
        stop = StopRequest()
        if life.duration_s is not None:
            asyncio.get_running_loop().call_later(life.duration_s, stop.ask, TIME_IS_UP)
        with asked_by_signals(stop):
            return await run_live(
                bot,
                venue,
                clock,
                life.trading,
                stop,
                keep_lease=log.keep,
                commands=log.commands,
                tasks=life.tasks,
                options=life.options,
                waiting=Waiting(receipt_sleep=pace.sleep),
            )
    finally:
        exchange.close()
