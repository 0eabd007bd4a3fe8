"""The simulated exchange at the pace of a clock: no message before its time, no call after it."""

import asyncio
from collections.abc import Sequence

from perptape.core.durations import SECOND_NS
from perptape.core.edge.simulation.exchange import ExchangeSettings, SimulatedExchange
from perptape.core.edge.simulation.paced_exchange import Pace, PacedExchange
from perptape.core.events import (
    ConnectionRestored,
    InstrumentUpdated,
    Observation,
    OrderAccepted,
    QuoteUpdated,
    ReconciliationRequested,
    ReconnectRequested,
)
from perptape.core.events.reason import Reason
from tests.core.edge.live.manual_time import ManualTime
from tests.core.edge.simulation.exchange.desk import START_NS, order, price


class Paced:
    """A market with a price at these seconds, played at a speed, to one who notes when what comes."""

    def __init__(self, *seconds: int, speed: float = 1, latency_ms: int = 0) -> None:
        points = [price(second, 50_000) for second in seconds]
        self.exchange = SimulatedExchange.open(
            None,
            lambda: iter(points),
            ExchangeSettings(request_latency_ms=latency_ms, report_latency_ms=latency_ms),
        )
        self.time = ManualTime()
        self.pace = Pace(speed, monotonic_ns=self.time.monotonic_ns, sleep=self.time.sleep)
        self.pace.begin(START_NS)
        self.venue = PacedExchange(self.exchange, self.pace.now_ns, self.pace.sleep)
        self.heard: list[tuple[float, Observation]] = []
        self.over = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while (message := await self.venue.next()) is not None:
            self.heard.append((self.time.monotonic / SECOND_NS, message))

    def seconds_of(self, kind: type[Observation]) -> Sequence[float]:
        return [second for second, message in self.heard if isinstance(message, kind)]


async def test_messages_come_when_their_time_has_come() -> None:
    paced = Paced(0, 2, 5)
    await paced.time.passes(4)
    assert paced.seconds_of(QuoteUpdated) == [0, 2]
    assert paced.seconds_of(InstrumentUpdated) == [0, 0]
    await paced.time.passes(1)
    assert paced.seconds_of(QuoteUpdated) == [0, 2, 5]
    await paced.over


async def test_at_ten_times_the_speed_they_come_in_a_tenth_of_the_time() -> None:
    paced = Paced(0, 2, 5, speed=10)
    await paced.time.passes(0.5)
    assert paced.seconds_of(QuoteUpdated) == [0, 0.2, 0.5]
    assert paced.pace.now_ns() == START_NS + 5 * SECOND_NS
    await paced.over


async def test_a_call_happens_at_the_time_of_the_clock() -> None:
    paced = Paced(0, 10)
    await paced.time.passes(4)
    [accepted] = await paced.venue.call(order())
    assert isinstance(accepted, OrderAccepted)
    assert accepted.venue_at_ns == START_NS + 4 * SECOND_NS
    paced.over.cancel()


async def test_what_a_call_causes_is_heard_before_the_next_price() -> None:
    paced = Paced(0, 10, latency_ms=500)
    await paced.time.passes(4)
    assert not await paced.venue.call(order())
    await paced.time.passes(1)
    assert paced.seconds_of(OrderAccepted) == [5]
    paced.over.cancel()


async def test_a_call_that_comes_before_a_due_message_was_taken_happens_before_it() -> None:
    paced = Paced(0, 2)
    await paced.time.passes(1)
    paced.over.cancel()
    await paced.time.passes(4)
    await paced.venue.call(ReconciliationRequested("reconciliation-1", 0, Reason("scheduled")))
    assert paced.exchange.now_ns == START_NS + 2 * SECOND_NS


async def test_connecting_again_always_works() -> None:
    paced = Paced(0)
    assert await paced.venue.call(ReconnectRequested("market", 1)) == (ConnectionRestored("market"),)
    await paced.over
