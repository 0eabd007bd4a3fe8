"""Every venue there is and every wrapper of one, behind one face for the contract's tests: another adds a factory."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple, Protocol

from perptape.core.durations import SECOND_NS
from perptape.core.edge.simulation.exchange import ExchangeSettings, FaultRule, SimulatedExchange
from perptape.core.edge.simulation.exchange.journal import MemoryJournal
from perptape.core.edge.simulation.network import Network, NetworkSettings
from perptape.core.edge.simulation.paced_exchange import Pace, PacedExchange
from perptape.core.edge.venue.budget import Budget
from perptape.core.edge.venue.port import Venue
from perptape.core.edge.venue.throttle import ThrottledBroker
from perptape.core.events import Observation
from perptape.core.ports import Broker
from perptape.replays.scenarios.runner.probes import WatchedBroker
from tests.core.edge.live.manual_time import ManualTime
from tests.core.edge.simulation.exchange.desk import at, price

LAST_S = 40
PRICE = 50_000


class Terms(NamedTuple):
    """What a test wants of a venue: a price a second for 40 s, an account of 10,000, and this."""

    idempotent_client_ids: bool = True
    settle_ms: int = 0
    faults: tuple[FaultRule, ...] = ()


class Bench(Protocol):
    """A venue and the time that it lives in. The bot knows nothing of it yet but that it is there."""

    @property
    def broker(self) -> Broker:
        """Its request side."""
        ...

    def now_ns(self) -> int:
        """The time at the bot."""
        ...

    async def passes(self, seconds: float) -> list[Observation]:
        """Let time pass: what the venue says unasked meanwhile, in order."""
        ...

    async def returns(self, after_seq: int) -> list[Observation]:
        """The bot was away and has kept everything up to this message: what it hears again up to the present."""
        ...


class VirtualBench:
    """The simulated exchange in virtual time."""

    def __init__(self, terms: Terms, latency_ms: int = 0) -> None:
        self._settings = _settings(terms, latency_ms)
        self._journal = MemoryJournal()
        self._exchange = _exchange(self._journal, self._settings)

    @property
    def broker(self) -> Broker:
        return self._exchange

    def now_ns(self) -> int:
        return self._exchange.now_ns

    async def passes(self, seconds: float) -> list[Observation]:
        return self._until(self.now_ns() + round(seconds * SECOND_NS))

    async def returns(self, after_seq: int) -> list[Observation]:
        now_ns = self.now_ns()
        self._exchange = _exchange(self._journal, self._settings)
        self._exchange.resume(after_seq)
        return self._until(now_ns)

    def _until(self, until_ns: int) -> list[Observation]:
        heard = []
        while (due_ns := self._exchange.peek_ns()) is not None and due_ns <= until_ns:
            heard.append(self._exchange.take())
        self._exchange.advance_to(until_ns)
        return heard


class NetworkBench:
    """The exchange at the other end of a network in which nothing goes wrong."""

    def __init__(self, terms: Terms) -> None:
        self._network = Network(_exchange(MemoryJournal(), _settings(terms)), NetworkSettings())

    @property
    def broker(self) -> Broker:
        return self._network

    def now_ns(self) -> int:
        return self._network.now_ns

    async def passes(self, seconds: float) -> list[Observation]:
        until_ns = self.now_ns() + round(seconds * SECOND_NS)
        heard: list[Observation] = []
        while (due_ns := self._network.peek_ns()) is not None and due_ns <= until_ns:
            heard += self._network.take()
        self._network.advance_to(until_ns)
        return heard

    async def returns(self, after_seq: int) -> list[Observation]:
        return [*self._network.begin_session(), *self._network.redelivered(after_seq)]


class PacedBench:
    """The exchange at the pace of a clock."""

    def __init__(self, terms: Terms) -> None:
        self._settings = _settings(terms)
        self._journal = MemoryJournal()
        self._time = ManualTime()
        self._pace = Pace(monotonic_ns=self._time.monotonic_ns, sleep=self._time.sleep)
        self._open(0, at(0))

    def _open(self, after_seq: int, start_ns: int) -> None:
        exchange = _exchange(self._journal, self._settings)
        exchange.resume(after_seq)
        self._pace.begin(start_ns)
        self._venue: Venue = PacedExchange(exchange, self._pace.now_ns, self._pace.sleep)

    @property
    def broker(self) -> Broker:
        return self._venue

    def now_ns(self) -> int:
        return self._pace.now_ns()

    async def passes(self, seconds: float) -> list[Observation]:
        heard: list[Observation] = []
        listening = asyncio.create_task(self._listen(heard))
        await self._time.passes(seconds)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        return heard

    async def returns(self, after_seq: int) -> list[Observation]:
        self._open(after_seq, self.now_ns())
        return await self.passes(0)

    async def _listen(self, heard: list[Observation]) -> None:
        while (message := await self._venue.next()) is not None:
            heard.append(message)


class WrappedBench:
    """A bench whose broker is wrapped; it is heard as without the wrapper."""

    def __init__(self, bench: Bench, wrap: Callable[[Broker, Callable[[], int]], Broker]) -> None:
        self._bench = bench
        self._wrap = wrap
        self._broker = wrap(bench.broker, bench.now_ns)

    @property
    def broker(self) -> Broker:
        return self._broker

    def now_ns(self) -> int:
        return self._bench.now_ns()

    async def passes(self, seconds: float) -> list[Observation]:
        return await self._bench.passes(seconds)

    async def returns(self, after_seq: int) -> list[Observation]:
        heard = await self._bench.returns(after_seq)
        self._broker = self._wrap(self._bench.broker, self._bench.now_ns)
        return heard


def throttled(broker: Broker, now_ns: Callable[[], int]) -> Broker:
    """A budget that no test of the contract passes by itself."""
    return ThrottledBroker(broker, Budget(1_000, 1_000), now_ns)


def watched(broker: Broker, now_ns: Callable[[], int]) -> Broker:
    return WatchedBroker(broker, [], now_ns)


OpenBench = Callable[[Terms], Bench]
BENCHES: dict[str, OpenBench] = {
    "exchange": VirtualBench,
    "exchange with latency": lambda terms: VirtualBench(terms, latency_ms=300),
    "network": NetworkBench,
    "paced exchange": PacedBench,
    "throttled exchange": lambda terms: WrappedBench(VirtualBench(terms), throttled),
    "watched exchange": lambda terms: WrappedBench(VirtualBench(terms), watched),
    "as scenarios have it": lambda terms: WrappedBench(WrappedBench(NetworkBench(terms), watched), throttled),
}


def _settings(terms: Terms, latency_ms: int = 0) -> ExchangeSettings:
    return ExchangeSettings(
        request_latency_ms=latency_ms,
        report_latency_ms=latency_ms,
        settle_ms=terms.settle_ms,
        idempotent_client_ids=terms.idempotent_client_ids,
        faults=terms.faults,
    )


def _exchange(journal: MemoryJournal, settings: ExchangeSettings) -> SimulatedExchange:
    return SimulatedExchange(journal, lambda: iter([price(second, PRICE) for second in range(LAST_S)]), settings)
