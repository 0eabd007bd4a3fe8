"""A recording that is killed at any moment, and started again, keeps every promise.

Never two orders for one intent at the exchange, never a lost acknowledged event, and in the end the same positions,
cash, working orders and strategy memory as a session that was not killed; the file replays and verifies, and nothing
else is left behind. (`promises.py` says how each is checked.)
"""

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import msgspec
import pytest

from tests.replays.crash.sessions import SHORT
from tests.replays.crash.trials import Kill, Outcome

ROOT = Path(__file__).parents[3]
BATCH = 60


def tried(session: str, trials: Sequence[Sequence[Kill]] = ()) -> Outcome:
    """The outcome of these trials, made by a process of their own."""
    command = [sys.executable, "-m", "tests.replays.crash.trials", session]
    command += [",".join(map(str, kills)) for kills in trials]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    outcome = msgspec.json.decode(result.stdout, type=Outcome)
    assert not outcome.failures, "\n".join(outcome.failures) + "\n" + result.stderr.decode()
    return outcome


def sample(moments: Sequence[str], wanted: str, count: int, seed: str) -> list[list[int]]:
    """Some of the moments of this name, the same ones each time."""
    numbers = [number for number, name in enumerate(moments) if name.startswith(wanted)]
    return [[number] for number in sorted(Random(seed).sample(numbers, min(count, len(numbers))))]


@pytest.mark.parametrize("session", ["market", "partial_fills", "slow_cancels"])
def test_a_session_killed_around_appends_and_broker_calls_ends_like_one_that_was_not(session: str) -> None:
    moments = tried(session).moments
    kills = [
        kill
        for name in ("append begins", "append committed", "call received", "call journaled", "call answered")
        for kill in sample(moments, name, 1, f"{session} {name}")
    ]

    assert tried(session, kills).killed == len(kills) == 5


def test_a_session_killed_while_it_makes_or_clears_its_files_ends_like_one_that_was_not() -> None:
    moments = tried("market").moments
    kills = [[number] for number, name in enumerate(moments) if name.startswith(("os.", "shutil"))]

    assert tried("market", kills).killed == len(kills) >= 8


def test_a_session_killed_before_its_first_configuration_is_configured_afterwards() -> None:
    configuring = tried("default_settings").moments.index("call answered") + 1

    assert tried("default_settings", [[configuring]]).killed == 1


def test_a_session_killed_again_and_again_ends_like_one_that_was_not() -> None:
    kills = [[40, 12, 90], [75, 9, 11, 10]]

    assert tried("lost_answers", kills).killed == 7


def test_a_long_session_killed_at_random_moments_ends_like_one_that_was_not() -> None:
    kills = sorted(Random("long").sample(range(3_000), 4), reverse=True)

    assert tried("long", [kills]).killed == 4


@pytest.mark.sweep
def test_a_long_session_killed_at_each_of_fifty_random_moments_ends_like_one_that_was_not() -> None:
    kills = [[moment] for moment in Random("fifty").sample(range(len(tried("long").moments)), 50)]

    assert tried("long", kills).killed == 50


@pytest.mark.sweep
def test_a_long_session_killed_from_outside_at_random_times_ends_like_one_that_was_not() -> None:
    draw = Random("outside")
    trials = [[draw.uniform(0.001, 0.5) for _ in range(3)] for _ in range(25)]

    assert tried("long", trials).killed >= 25


@pytest.mark.sweep
@pytest.mark.parametrize("session", SHORT)
def test_a_session_killed_at_each_of_its_moments_ends_like_one_that_was_not(session: str) -> None:
    moments = len(tried(session).moments)
    for first in range(0, moments, BATCH):
        kills = [[moment] for moment in range(first, min(first + BATCH, moments))]
        assert tried(session, kills).killed == len(kills)


@pytest.mark.sweep
@pytest.mark.parametrize("session", SHORT)
def test_a_session_killed_twice_and_thrice_at_random_ends_like_one_that_was_not(session: str) -> None:
    draw = Random(session)
    moments = len(tried(session).moments)
    trials = [[draw.randrange(moments) for _ in range(draw.choice((2, 3)))] for _ in range(20)]

    assert tried(session, trials).killed >= len(trials)
