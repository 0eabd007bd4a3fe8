"""Time that passes when the test says so: monotonic clock, wall clock and sleep in one, for code on an event loop."""

import asyncio
from heapq import heappop, heappush

from perptape.core.durations import SECOND_NS

TURNS_OF_THE_LOOP = 100
"""So many turns let everything come to rest that waits for nothing but others of the test."""


class ManualTime:
    """Both clocks in ns, and a sleep that wakes its sleepers in the order of their times."""

    def __init__(self, wall_ns: int = 1_767_268_800 * SECOND_NS) -> None:
        self.monotonic = 0
        self.wall = wall_ns
        self._sleepers: list[tuple[int, int, asyncio.Future[None]]] = []
        self._ordinal = 0

    def monotonic_ns(self) -> int:
        return self.monotonic

    def wall_ns(self) -> int:
        return self.wall

    async def sleep(self, seconds: float) -> None:
        self._ordinal += 1
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self._sleepers, (self.monotonic + round(seconds * SECOND_NS), self._ordinal, woken))
        await woken

    async def passes(self, seconds: float) -> None:
        """Let time pass; whoever is due on the way wakes up at its own time."""
        until_ns = self.monotonic + round(seconds * SECOND_NS)
        await self.rests()
        while self._sleepers and self._sleepers[0][0] <= until_ns:
            due_ns, _, woken = heappop(self._sleepers)
            self._move_to(max(due_ns, self.monotonic))
            if not woken.done():
                woken.set_result(None)
                await self.rests()
        self._move_to(until_ns)

    async def rests(self) -> None:
        """Let everybody act who need not wait for time."""
        for _ in range(TURNS_OF_THE_LOOP):
            await asyncio.sleep(0)

    def _move_to(self, at_ns: int) -> None:
        self.wall += at_ns - self.monotonic
        self.monotonic = at_ns
