"""A bot and everything around it, in memory."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from perptape.core.codec import decode_data, log_record
from perptape.core.decide import decide
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    InstrumentUpdated,
    Observation,
)
from perptape.core.evolve import evolve
from perptape.core.money import arithmetic
from perptape.core.orchestrator import Orchestrator
from perptape.core.ports import LogRecord
from perptape.core.settings import OrderSettings, StrategySettings, TradingSettings
from perptape.core.state import State
from tests.core.builders import NOW_NS, instrument
from tests.core.facts import quote, settings
from tests.core.fakes import ManualClock, MemoryLog, NotedAlerts, ScriptedBroker

BEHAVIOUR = "behaviour"
RESTING = OrderSettings(entry_type="limit")


class World(NamedTuple):
    """A bot and everything around it."""

    bot: Orchestrator
    log: MemoryLog
    broker: ScriptedBroker
    alerts: NotedAlerts
    clock: ManualClock

    async def send(self, *observations: Observation) -> None:
        for observation in observations:
            self.clock.now += SECOND_NS
            await self.bot.observe(observation)


def world(log: MemoryLog | None = None, broker: ScriptedBroker | None = None, **options: Any) -> World:
    log, broker, alerts = log or MemoryLog(), broker or ScriptedBroker(), NotedAlerts()
    clock = ManualClock(NOW_NS)
    return World(Orchestrator(log, broker, alerts, clock, behaviour=BEHAVIOUR, **options), log, broker, alerts, clock)


async def begun(*strategies: StrategySettings, options: dict[str, Any] | None = None, **changes: object) -> World:
    """A bot that is ready to trade BTC-PERP, last quoted at 99."""
    made = world(**(options or {}))
    await made.bot.start(settings(*strategies, **changes))  # type: ignore[arg-type]
    await made.send(InstrumentUpdated(seq=1, instrument=instrument()), quote(99, seq=2))
    return made


async def restarted(
    before: World, trading: TradingSettings | None = None, broker: ScriptedBroker | None = None
) -> World:
    """The process was killed; the next one starts on the same store."""
    made = world(MemoryLog(before.log.store), broker)
    made.clock.now = before.clock.now
    await made.bot.start(trading or before.bot.state.settings)
    return made


def refolded(log: MemoryLog) -> State:
    state = State()
    with arithmetic():
        for event in log.read(0):
            evolve(state, decode_data(event.type, event.schema, event.data), event.version, event.at_ns)
    return state


def replayed(log: MemoryLog) -> Sequence[LogRecord]:
    """What today's code makes of the observations alone."""
    state, records = State(), []
    with arithmetic():
        for event in log.read(0):
            if event.cause is not None:
                continue
            observation = decode_data(event.type, event.schema, event.data)
            cause = state.version + 1
            evolve(state, observation, cause, event.at_ns)
            records.append(log_record(observation, event.at_ns, None))
            for decision in decide(state, observation):
                evolve(state, decision, state.version + 1, event.at_ns)
                records.append(log_record(decision, event.at_ns, cause))
    return records


def stored(log: MemoryLog) -> Sequence[LogRecord]:
    return [LogRecord._make(event[1:6]) for event in log.read(0)]
