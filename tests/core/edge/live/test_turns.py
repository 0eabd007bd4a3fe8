"""One turn after the other, whoever brings the observation, and none after one that failed."""

import asyncio

import pytest

from perptape.core.edge.live.turns import Turns
from perptape.core.errors import LogRefusedError, StoppedError, TurnFailedError
from perptape.core.events import InstrumentUpdated
from perptape.core.timer_id import RECONCILE
from tests.core.builders import instrument
from tests.core.edge.live.hesitant_broker import HesitantBroker
from tests.core.edge.live.manual_time import ManualTime
from tests.core.facts import quote
from tests.core.puppet import puppet
from tests.core.world import World, begun


class Told:
    """A bot that buys at 100, and its turns."""

    def __init__(self, world: World, broker: HesitantBroker) -> None:
        self.world = world
        self.broker = broker
        self.time = ManualTime()
        self.turns = Turns(world.bot, world.clock, sleep=self.time.sleep, receipt_sleep=self.time.sleep)
        self.may_answer = asyncio.Event()
        broker.before_order = self._hesitate

    async def _hesitate(self) -> None:
        await self.may_answer.wait()

    async def buying(self) -> "asyncio.Task[None]":
        """A turn that waits for the venue."""
        task = asyncio.create_task(self.turns.observe(quote(100, seq=3)))
        await self.time.rests()
        return task

    @property
    def seq(self) -> int:
        return self.world.bot.state.feed_seq


async def told() -> Told:
    broker = HesitantBroker()
    return Told(await begun(puppet(buy=100), options={"broker": broker}), broker)


async def test_a_second_turn_begins_when_the_first_is_over() -> None:
    bot = await told()
    first = await bot.buying()
    others = [asyncio.create_task(bot.turns.observe(quote(98, seq=seq))) for seq in (4, 5)]
    await bot.time.rests()
    assert (bot.seq, first.done()) == (3, False)
    bot.may_answer.set()
    await asyncio.gather(first, *others)
    assert bot.seq == 5


async def test_canceling_who_brought_it_does_not_cut_a_turn_off() -> None:
    bot = await told()
    first = await bot.buying()
    first.cancel()
    second = asyncio.create_task(bot.turns.observe(quote(98, seq=4)))
    await bot.time.rests()
    assert first.cancelled()
    assert (bot.seq, second.done()) == (3, False)
    bot.may_answer.set()
    await second
    assert bot.seq == 4


async def test_every_due_timer_fires_and_the_next_is_told() -> None:
    bot = await told()
    due_ns = bot.world.bot.state.timers[RECONCILE]
    bot.world.clock.now = due_ns
    assert await bot.turns.fire_due() > due_ns
    bot.world.bot.flush()
    assert bot.world.log.types.count("TimerFired") == 3


async def test_after_a_turn_that_the_log_refused_none_is_taken() -> None:
    bot = await told()
    bot.world.log.refusals = 1
    with pytest.raises(LogRefusedError):
        await bot.turns.observe(quote(100, seq=3))
    with pytest.raises(LogRefusedError, match="the disk is full"):
        await bot.turns.observe(quote(98, seq=4))
    with pytest.raises(LogRefusedError, match="the disk is full"):
        await bot.turns.close(1)


async def test_a_turn_that_waits_its_turn_is_not_taken_after_one_that_failed() -> None:
    bot = await told()

    async def breaks() -> None:
        await bot.may_answer.wait()
        raise KeyError("a bug")

    bot.broker.before_order = breaks
    first = await bot.buying()
    second = asyncio.create_task(bot.turns.observe(InstrumentUpdated(4, instrument())))
    bot.may_answer.set()
    await bot.time.rests()
    for turn in (first, second):
        with pytest.raises(TurnFailedError, match="KeyError: 'a bug'"):
            await turn
    assert bot.seq == 3


async def test_a_failure_that_nobody_waited_for_is_told_at_the_end() -> None:
    bot = await told()

    async def breaks() -> None:
        await bot.may_answer.wait()
        raise KeyError("a bug")

    bot.broker.before_order = breaks
    (await bot.buying()).cancel()
    bot.may_answer.set()
    await bot.time.rests()
    with pytest.raises(TurnFailedError):
        await bot.turns.close(1)


async def test_at_the_end_nothing_more_is_taken() -> None:
    bot = await told()
    assert await bot.turns.close(1)
    with pytest.raises(StoppedError, match="nothing more is observed"):
        await bot.turns.observe(quote(98, seq=3))
    assert bot.seq == 2


async def test_at_the_end_what_was_brought_is_waited_for() -> None:
    bot = await told()
    await bot.buying()
    second = asyncio.create_task(bot.turns.observe(quote(98, seq=4)))
    await bot.time.rests()
    closing = asyncio.create_task(bot.turns.close(2))
    await bot.time.passes(1.9)
    assert not closing.done()
    bot.may_answer.set()
    assert await closing
    await second
    assert bot.seq == 4


async def test_a_turn_that_waits_too_long_is_cut_off_and_the_session_can_end() -> None:
    bot = await told()
    first = await bot.buying()
    closing = asyncio.create_task(bot.turns.close(2))
    await bot.time.passes(2)
    assert not await closing
    assert first.cancelled()
    await bot.turns.stop("SIGTERM")
    assert bot.world.log.types[-3:] == ["OrderRequested", "SessionStopped", "StateDigestRecorded"]


async def test_a_turn_that_ignores_being_cut_off_is_no_good_end() -> None:
    bot = await told()

    async def stubborn() -> None:
        while not bot.may_answer.is_set():
            try:
                await bot.may_answer.wait()
            except asyncio.CancelledError:
                continue

    bot.broker.before_order = stubborn
    await bot.buying()
    closing = asyncio.create_task(bot.turns.close(2))
    await bot.time.passes(2)
    with pytest.raises(TurnFailedError, match="ignores that it is cut off"):
        await closing
    bot.may_answer.set()
    await bot.time.rests()
