# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""A strategy that raises stops, and the bot does not; the tape says so before the turn that it failed in (T18)."""

from decimal import Decimal

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.errors import LogRefusedError
from perptape.core.events import (
    DECISIONS,
    OrderRequested,
    StrategyFailed,
)
from perptape.core.opening import snapshot_bytes
from perptape.core.wording import alert_title
from tests.core.builders import BTC
from tests.core.facts import command, filled, quote
from tests.core.puppet import puppet
from tests.core.world import RESTING, begun, refolded, replayed, stored


@pytest.mark.parametrize("string", ["choke", "stumble", "babble"])
@pytest.mark.parametrize("trigger", ["quote", "cycle"])
async def test_a_strategy_that_raises_is_stopped_and_the_bot_goes_on(string: str, trigger: str) -> None:
    made = await begun(puppet("bad", trigger=trigger, **{string: 100}), puppet("good", trigger=trigger, buy=100))
    await made.send(quote(100, seq=3))
    made.clock.now += 20 * SECOND_NS
    await made.bot.fire_due(made.clock.now)
    types = made.log.types
    failed = types.index("StrategyFailed")
    assert types[failed : failed + 2] == ["StrategyFailed", "AlertRaised"]
    assert types[failed + 2] == ("QuoteUpdated" if trigger == "quote" else "TimerFired")
    assert types.count("StrategyFailed") == 1
    bad, good = made.bot.state.markets[BTC].sleeves
    assert bad.stopped
    assert not good.stopped
    assert [order.strategy for order in made.bot.state.orders.values()] == ["good"]
    assert len(made.broker.of(OrderRequested)) == 1
    made.bot.flush()
    assert snapshot_bytes(made.bot.state) == snapshot_bytes(refolded(made.log))


async def test_replaying_a_tape_does_not_run_the_call_that_raised() -> None:
    made = await begun(puppet("bad", choke=100), puppet("worse", stumble=100), puppet("good", buy=100))
    await made.send(quote(98, seq=3), quote(100, seq=4), quote(101, seq=5), quote(100, seq=6))
    made.bot.flush()
    assert made.log.types.count("StrategyFailed") == 2
    assert replayed(made.log) == stored(made.log)


async def test_the_trailing_stop_of_a_strategy_that_raised_still_sells() -> None:
    made = await begun(puppet("bad", buy=100, choke=101, trailing_stop="0.1"))
    await made.send(quote(100, seq=3))
    [order] = made.bot.state.orders.values()
    await made.send(filled(order, 100, seq=4), quote(101, seq=5))
    assert alert_title(made.alerts.delivered[0]) == "strategy bad stopped"
    await made.send(quote("90.9", seq=6))
    [*_, exit_order] = made.broker.of(OrderRequested)
    assert isinstance(exit_order, OrderRequested)
    assert (exit_order.side, exit_order.size, exit_order.purpose) == ("sell", Decimal(5), "trailing_stop")


async def test_a_log_that_refuses_what_came_before_a_failure_leaves_a_sound_state() -> None:
    made = await begun(puppet("bad", choke=100))
    made.bot.flush()
    head = made.log.head_version()
    await made.send(quote(98, seq=3))
    made.log.refusals = 1
    with pytest.raises(LogRefusedError):
        await made.send(quote(100, seq=4))
    assert made.bot.state.version == made.log.head_version() == head
    assert snapshot_bytes(made.bot.state) == snapshot_bytes(refolded(made.log))
    assert made.alerts.delivered == []


async def test_every_stored_turn_is_an_observation_followed_by_its_decisions() -> None:
    made = await begun(puppet("bad", choke=98), puppet(buy=100), orders=RESTING)
    await made.send(quote(98, seq=3), quote(100, seq=4), command("flatten"))
    made.bot.flush()
    decisions = {kind.__name__ for kind in DECISIONS}
    cause = 0
    for event in made.log.read(0):
        if event.type in decisions:
            assert event.cause == cause
        else:
            assert event.cause is None
            cause = event.version
    assert StrategyFailed.__name__ in made.log.types
