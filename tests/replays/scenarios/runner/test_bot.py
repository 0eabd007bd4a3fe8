"""A bot step by step: time passes and things happen when the test says, and the tape is as if played at once."""

import asyncio
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from perptape.core.errors import SimulationError, StrategyLoadError
from perptape.core.events import CommandApplied, SessionStarted, SessionStopped
from perptape.eventstore.store import EventStore
from perptape.replays.proof.player import replay_stream
from perptape.replays.proof.verify import verify
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Bots,
    LogRefuses,
    Operator,
    Restart,
    Scenario,
    Transfer,
    UnmetError,
    canary,
    market,
    play,
    prices,
    scripted,
    strategy,
    thin,
)
from perptape.replays.scenarios.catalogue import scenarios
from perptape.replays.scenarios.language.errors import UnprovedError
from perptape.replays.scenarios.runner.bot import STOPPED
from perptape.replays.scenarios.runner.session import ENDED
from tests.replays.scenarios.small import FICKLE, SMALL, small

NONE, BOUGHT = Decimal(0), Decimal("0.01")
BUYS_AND_CLOSES = canary(scripted("puppet", f"{BTC} 10 buy; {BTC} 40 close"))


async def test_time_passes_when_the_test_says_so(perptape_bot: Bots) -> None:
    bot = await perptape_bot(SMALL)
    assert (bot.second, bot.running, bot.position(BTC)) == (Decimal(0), True, NONE)
    await bot.until(Decimal("9.9"))
    assert (bot.second, bot.position(BTC)) == (Decimal("9.9"), NONE)
    await bot.until(10)
    assert (bot.second, bot.position(BTC)) == (Decimal(10), BOUGHT)
    assert (bot.order(1).status, bot.position(ETH)) == ("filled", NONE)
    with pytest.raises(UnmetError, match="expected an order of intent 2, found none; intents: 1"):
        bot.order(2)
    run = await bot.end()
    assert (bot.second, bot.running) == (Decimal(120), False)
    assert run.line(SessionStopped).event.reason == ENDED
    assert bot.position(BTC) == run.position(BTC) == BOUGHT
    run.agrees_with_venue()


async def test_a_second_that_has_passed_or_never_comes_is_refused(perptape_bot: Bots) -> None:
    bot = await perptape_bot(SMALL)
    await bot.until(20)
    with pytest.raises(SimulationError, match="second 19 has passed: the bot is at second 20"):
        await bot.until(19)
    with pytest.raises(SimulationError, match="the market ends at second 120, before second 121: extend it"):
        await bot.until(121)
    await bot.until(20)


async def test_settings_are_enough_and_fields_can_be_others(perptape_bot: Bots) -> None:
    bot = await perptape_bot(BUYS_AND_CLOSES, exchange=thin("100"), market=market(prices(BTC, {0: 40_000, 60: 40_000})))
    await bot.until(10)
    assert bot.run().fills(1)[0].price == Decimal(40004)
    assert len(bot.run().fills(1)) > 1
    calm = await perptape_bot(BUYS_AND_CLOSES)
    await calm.until(3_600)
    assert (calm.order(1).status, calm.order(2).status, calm.position(BTC)) == ("filled", "filled", NONE)


async def test_what_an_act_leads_to_at_once_has_happened(perptape_bot: Bots) -> None:
    bot = await perptape_bot(SMALL)
    await bot.until(30)
    cash = bot.state.account.cash
    await bot.act(Transfer(Decimal(500)))
    assert bot.state.account.cash == cash + 500
    await bot.act(Operator("halt", actor="eve", reason="enough", flatten=True))
    assert (bot.state.mode, bot.position(BTC)) == ("halted", NONE)
    await bot.act(Operator("resume"))
    assert bot.state.mode == "normal"
    applied = bot.run().line(CommandApplied, command="halt")
    assert (bot.run().second(applied.at_ns), applied.event.actor) == (Decimal(30), "eve")


async def test_a_process_that_is_killed_is_followed_by_another_one(perptape_bot: Bots) -> None:
    bot = await perptape_bot(SMALL)
    await bot.until(20)
    await bot.act(Restart(kill=True, away_s=15))
    await bot.until(34)
    assert (bot.running, bot.state.session) == (False, 1)
    await bot.until(35)
    assert bot.running
    assert [event.session for event in bot.run().all(SessionStarted)] == [1, 2]
    assert bot.position(BTC) == BOUGHT


async def test_several_bots_have_stores_of_their_own(perptape_bot: Bots) -> None:
    one, other = await perptape_bot(SMALL), await perptape_bot(small(seed=8))
    await one.until(50)
    await other.until(5)
    assert (one.second, other.second) == (Decimal(50), Decimal(5))
    assert one.store_url != other.store_url
    assert (one.position(BTC), other.position(BTC)) == (BOUGHT, NONE)


async def test_closing_stops_every_bot_and_leaves_tapes_that_verify_and_replay(tmp_path: Path) -> None:
    bots = Bots(tmp_path, (tmp_path,))
    away, running, ended, refused = [await bots(SMALL) for _ in range(4)]
    await away.until(20)
    await away.act(Restart(kill=True, away_s=15))
    await running.until(20)
    await ended.end()
    await refused.act(LogRefuses(50))
    await bots.aclose()
    for bot, last in ((away, None), (running, STOPPED), (ended, ENDED), (refused, None)):
        assert not bot.running
        verified = verify(bot.stream, bot.store_url)
        assert verified.ok
        assert replay_stream(bot.stream, bot.store_url).divergence is None
        with EventStore.open(bot.store_url) as store:
            end = list(store.read(bot.stream))[-2]
        assert (end.type == "SessionStopped") == (last is not None)
        assert last is None or last in bytes(end.data).decode()


async def test_a_bot_that_cannot_be_closed_does_not_keep_the_others(tmp_path: Path) -> None:
    (tmp_path / "fickle.py").write_text(FICKLE, encoding="utf-8")
    bots = Bots(tmp_path, (tmp_path,))
    first = await bots(SMALL)
    fickle = await bots(canary(strategy("fickle", "fickle.py:Fickle", trigger="quote")))
    await fickle.until(10)
    with pytest.raises(UnprovedError, match=r"replay diverges at version \d+: "):
        await bots.aclose()
    assert (first.running, fickle.running) == (False, False)


async def test_strategies_are_found_in_the_first_folder_that_has_them(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "fickle.py").write_text(FICKLE, encoding="utf-8")
    bots = Bots(tmp_path, (tmp_path / "below", tmp_path))
    bot = await bots(canary(strategy("fickle", "fickle.py:Fickle", trigger="quote")))
    assert bot.running
    with pytest.raises(StrategyLoadError, match=r"gone\.py:Gone: .*below.*gone\.py does not exist"):
        await bots(canary(strategy("gone", "gone.py:Gone")))
    await bots.aclose()


def stepped(row: Scenario, folder: Path) -> list[bytes]:
    """The event data and times of a row played step by step, a drawn time each."""
    draw = Random(row.id)

    async def steps() -> list[bytes]:
        bots = Bots(folder, (folder,))
        bot = await bots(row)
        end = (max(point.at_ns for point in row.market(row.start_ns)) - row.start_ns) // 10**9
        second = 0
        while (second := second + draw.randint(1, 40)) < end:
            await bot.until(second)
        run = await bot.end()
        await bots.aclose()
        return [repr(line).encode() for line in run.tape]

    return asyncio.run(steps())


@pytest.mark.parametrize("row", Random(5).sample(scenarios(), 6), ids=lambda row: row.title)
def test_a_sample_of_rows_is_the_same_in_steps(row: Scenario, tmp_path: Path) -> None:
    assert stepped(row, tmp_path) == [repr(line).encode() for line in play(row).run.tape]


@pytest.mark.sweep
@pytest.mark.parametrize("row", scenarios(), ids=lambda row: row.title)
def test_every_row_is_the_same_in_steps(row: Scenario, tmp_path: Path) -> None:
    assert stepped(row, tmp_path) == [repr(line).encode() for line in play(row).run.tape]
