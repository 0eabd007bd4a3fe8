"""The simulated exchange at the pace of a clock: its broker and its feed for a bot that runs in wall-clock time."""

import asyncio
import time
from collections.abc import Callable, Sequence

from perptape.core.durations import SECOND_NS
from perptape.core.edge.simulation.exchange import SimulatedExchange
from perptape.core.edge.time.bell import Bell, Sleep
from perptape.core.events import Observation, ReconnectRequested, VenueRequest
from perptape.core.ports import VenueTraits


class Pace:
    """Time of a session that runs at a speed: so many of its seconds pass in one second of the machine."""

    def __init__(
        self,
        speed: float = 1,
        *,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._start_ns = 0
        self._speed = speed
        self._monotonic_ns = monotonic_ns
        self._sleep = sleep
        self._origin_ns = monotonic_ns()

    def begin(self, start_ns: int) -> None:
        """From now on time counts from `start_ns`, ns since the epoch."""
        self._start_ns = start_ns
        self._origin_ns = self._monotonic_ns()

    def now_ns(self) -> int:
        """The session's time, ns since the epoch."""
        return self._start_ns + int((self._monotonic_ns() - self._origin_ns) * self._speed)

    async def sleep(self, seconds: float) -> None:
        """Wait for so many of the session's seconds."""
        await self._sleep(seconds / self._speed)


class PacedExchange:
    """A `Venue`: messages come when their virtual time has come, and calls happen at the time of the clock.

    Virtual time never passes a message that was not taken yet: a call that comes before it happens before it.
    """

    def __init__(self, exchange: SimulatedExchange, now_ns: Callable[[], int], sleep: Sleep = asyncio.sleep) -> None:
        """`now_ns` and `sleep` are in the exchange's own time (`Pace`)."""
        self._exchange = exchange
        self._now_ns = now_ns
        self._bell = Bell(sleep)

    @property
    def traits(self) -> VenueTraits:
        """What the venue promises."""
        return self._exchange.traits

    async def next(self) -> Observation | None:
        """The next message, when it is due."""
        while (due_ns := self._exchange.peek_ns()) is not None:
            wait_ns = due_ns - self._now_ns()
            if wait_ns <= 0:
                return self._exchange.take()
            await self._bell.wait(wait_ns / SECOND_NS)
        return None

    async def call(self, request: VenueRequest) -> Sequence[Observation]:
        """Ask the exchange, at the time of the clock. Connecting always works."""
        if not isinstance(request, ReconnectRequested):
            self._catch_up()
        return await self._exchange.call(request)

    def _catch_up(self) -> None:
        """Let virtual time come as near to the clock as what waits to be taken allows."""
        now_ns, due_ns = self._now_ns(), self._exchange.peek_ns()
        self._exchange.advance_to(now_ns if due_ns is None else min(now_ns, due_ns))
        # What is asked may make a message that comes before the one that `next` waits for.
        self._bell.ring()
