"""The fixture `perptape_bot`, as a user's project has it: in both modes of pytest-asyncio, and without it."""

import pytest

from perptape.eventstore.store import EventStore
from perptape.replays.proof.verify import verify
from tests.replays.scenarios.small import FICKLE

pytest_plugins = ("pytester",)

TESTS = """
import pytest
from perptape.replays.scenarios import BTC, Bots, Scenario, canary, scripted

SETTINGS = canary(scripted("puppet", f"{BTC} 10 buy"))

async def test_it_buys(perptape_bot: Bots) -> None:
    bot = await perptape_bot(SETTINGS)
    await bot.until(60)
    assert bot.position(BTC) > 0

async def test_it_fails(perptape_bot: Bots) -> None:
    bot = await perptape_bot(SETTINGS)
    await bot.until(60)
    assert bot.position(BTC) == 5

def test_of_something_else() -> None:
    assert True
"""


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    scope = "--override-ini=asyncio_default_fixture_loop_scope=function"
    return pytester.runpytest_subprocess("-p", "no:cacheprovider", scope, *arguments)


def test_in_auto_mode_it_is_there_without_a_word(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=TESTS)
    result = run(pytester, "--asyncio-mode=auto", "-W", "error", f"--basetemp={pytester.path / 'kept'}")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*assert Decimal('0.01') == 5*"])
    left = sorted((pytester.path / "kept").rglob("bot-1.sqlite"))
    assert len(left) == 2
    for url in (f"sqlite:///{path}" for path in left):
        assert verify("bot", url).ok
        with EventStore.open(url) as store:
            last = list(store.read("bot"))[-2]
        assert (last.type, b"the test ended" in last.data) == ("SessionStopped", True)


def test_in_strict_mode_it_serves_the_tests_that_are_marked(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=TESTS.replace("async def", "@pytest.mark.asyncio\nasync def"))
    run(pytester, "--asyncio-mode=strict", "-W", "error").assert_outcomes(passed=2, failed=1)


def test_without_pytest_asyncio_it_says_what_is_missing_and_other_tests_go_on(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_own=TESTS)
    result = run(pytester, "-p", "no:asyncio")
    result.assert_outcomes(passed=1, errors=2)
    result.stdout.fnmatch_lines(["*perptape_bot is async and needs pytest-asyncio: pip install pytest-asyncio*"])


def test_a_tape_that_does_not_replay_is_an_error_of_the_test_that_left_it(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        fickle=FICKLE,
        test_own="""
from perptape.replays.scenarios import canary, strategy

async def test_of_a_fickle_strategy(perptape_bot):
    bot = await perptape_bot(canary(strategy("fickle", "fickle.py:Fickle", trigger="quote")))
    await bot.until(10)
""",
    )
    result = run(pytester, "--asyncio-mode=auto")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["the bot's tape is invalid: replay diverges at version *"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_it_is_told_by_pytest_itself(pytester: pytest.Pytester) -> None:
    result = run(pytester, "--fixtures")
    result.stdout.fnmatch_lines(["perptape_bot*", "*Starts bots on temporary stores and simulated exchanges*"])


def test_collecting_imports_nothing_heavy(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_own="""
import sys

def test_what_is_imported():
    assert not [name for name in sys.modules if name.partition(".")[0] in ("sqlalchemy", "typer")]
    assert not [name for name in sys.modules if name.startswith("perptape.replays.scenarios")]
"""
    )
    run(pytester).assert_outcomes(passed=1)
