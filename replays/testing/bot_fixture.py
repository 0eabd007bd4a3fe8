"""The pytest fixture `perptape_bot`, where pytest-asyncio is there to run it, in whichever mode."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

if TYPE_CHECKING:
    from perptape.replays.scenarios.runner.bot import Bots


@pytest_asyncio.fixture
async def perptape_bot(request: pytest.FixtureRequest, tmp_path: Path) -> "AsyncIterator[Bots]":
    """Starts bots on temporary stores and simulated exchanges, in virtual time, and shuts all down after the test.

    bot = await perptape_bot(SCENARIO), or of settings: await perptape_bot(canary(...), market=..., exchange=...).
    Then `await bot.until(60)`, `bot.position("BTC-PERP")`, `await bot.act(Operator("halt"))`, `await bot.end()`.
    What the bots leave is proved: a tape that does not verify or replay is an error of the test.
    """
    from perptape.replays.scenarios.language.errors import UnprovedError  # noqa: PLC0415 - pytest starts without it
    from perptape.replays.scenarios.runner.bot import Bots  # noqa: PLC0415 - pytest starts without it

    bots = Bots(tmp_path, (request.path.parent, request.config.rootpath))
    try:
        yield bots
    finally:
        try:
            await bots.aclose()
        except UnprovedError as fault:
            pytest.fail(f"the bot's tape is invalid: {fault}", pytrace=False)
