"""One turn after the other, whoever brings the observation.

The orchestrator is not re-entrant. A turn waits for the venue while its effects are carried out, and what the venue
answers is observed before anything else; a second observation that came in between would be folded into a turn that is
not its own. So the feed, the timers, the clock and every other task bring theirs here, and a lock takes them in the
order in which they came. (A lock rather than a queue: whoever brings an observation goes on when its turn is over, so
that a slow bot makes its feed wait instead of filling memory.)

A turn runs in an asyncio task of its own: canceling whoever brought the observation does not cut an order in half.
"""

import asyncio
from collections.abc import Awaitable, Callable

from perptape.core.edge.time.bell import Bell, Sleep
from perptape.core.errors import StoppedError, TurnFailedError
from perptape.core.events import Observation
from perptape.core.orchestrator import Orchestrator
from perptape.core.ports import Clock
from perptape.core.settings import TradingSettings
from perptape.core.waiting import next_timer

CUT_OFF_WITHIN_S = 1
"""A turn that is canceled has so long to give up."""


class Turns:
    """The turns of one session. Nothing else may use the orchestrator meanwhile, but to read its state."""

    def __init__(
        self, bot: Orchestrator, clock: Clock, *, sleep: Sleep = asyncio.sleep, receipt_sleep: Sleep = asyncio.sleep
    ) -> None:
        """`sleep` is in seconds of the machine, `receipt_sleep` in seconds of the clock."""
        self._bot = bot
        self._clock = clock
        self._sleep = sleep
        self._lock = asyncio.Lock()
        self._taking: set[asyncio.Task[None]] = set()
        self._failure: StoppedError | None = None
        self._closed = False
        self._awaited_ns = 0
        self.earlier = Bell(receipt_sleep)
        """Rings when a timer is due before the one that `fire_due` has told last. It waits in receipt time."""

    async def start(self, settings: TradingSettings, tasks: tuple[str, ...]) -> None:
        """Begin the session."""
        await self._take(lambda: self._bot.start(settings, tasks))

    async def observe(self, observation: Observation) -> None:
        """Take the observation in, after the timers that are due before it; back when its turn is over.

        Raises the StoppedError after which no turn is taken any more: LogRefusedError, LogDamagedError, or
        TurnFailedError for everything that is not foreseen.
        """
        await self._take(lambda: self._observe(observation))

    async def fire_due(self) -> int:
        """Fire every timer that is due; says when the next one is."""
        await self._take(self._fire_due)
        self._awaited_ns, _ = next_timer(self._bot.state)
        return self._awaited_ns

    async def flush(self) -> None:
        """Make all turns so far durable."""
        await self._take(self._flush)

    async def close(self, within_s: float) -> bool:
        """Take in nothing more, and wait for the turns that were brought already.

        After the time allowed they are cut off where they wait for the venue, as by a crash there: the next session
        settles what is open. Says whether all came to their end. Raises the StoppedError of one of them, and
        TurnFailedError when one cannot be cut off.
        """
        self._closed = True
        left = set(self._taking)
        if left:
            everything = asyncio.ensure_future(asyncio.wait(left))
            sleeping = asyncio.ensure_future(self._sleep(within_s))
            await asyncio.wait((everything, sleeping), return_when=asyncio.FIRST_COMPLETED)
            sleeping.cancel()
            everything.cancel()
            left = {taking for taking in left if not taking.done()}
        for taking in left:
            taking.cancel()
        stuck = (await asyncio.wait(left, timeout=CUT_OFF_WITHIN_S))[1] if left else ()
        if self._failure is None and stuck:
            self._failure = TurnFailedError("a turn ignores that it is cut off: the next session settles what is open")
        if self._failure is not None:
            raise self._failure
        return not left

    async def stop(self, reason: str) -> None:
        """End the session in good order, once closed: the last event says why, and everything is durable.

        Raises LogRefusedError, and TurnFailedError when what a cut-off turn has left still waits for the venue.
        """
        try:
            async with asyncio.timeout(CUT_OFF_WITHIN_S):
                await self._bot.stop(reason)
        except TimeoutError:
            raise TurnFailedError("the venue does not answer: the session's end is not on the tape") from None

    async def _take(self, turn: Callable[[], Awaitable[None]]) -> None:
        if self._closed:
            raise StoppedError("the session ends: nothing more is observed")
        taking = asyncio.create_task(self._one(turn))
        self._taking.add(taking)
        taking.add_done_callback(self._done)
        await asyncio.shield(taking)

    async def _one(self, turn: Callable[[], Awaitable[None]]) -> None:
        async with self._lock:
            if self._failure is not None:
                raise self._failure
            try:
                await turn()
            except StoppedError as stopped:
                self._failure = stopped
                raise
            except Exception as error:  # whatever it is, the state may hold half a turn: no other may follow
                told = f"{type(error).__name__}: {error}"
                self._failure = TurnFailedError(f"a turn failed ({told}): start again, from what the log holds")
                raise self._failure from error

    def _done(self, taking: "asyncio.Task[None]") -> None:
        self._taking.discard(taking)
        if not taking.cancelled():
            taking.exception()  # whoever brought it may be gone; `_failure` keeps it

    async def _observe(self, observation: Observation) -> None:
        await self._fire_due()
        await self._bot.observe(observation)
        if next_timer(self._bot.state)[0] < self._awaited_ns:
            self.earlier.ring()

    async def _fire_due(self) -> None:
        while await self._bot.fire_due(self._clock.now_ns()):
            pass

    async def _flush(self) -> None:
        self._bot.flush()
