"""A writer killed between any two statements, or at any moment, leaves what it was told is safe, and nothing twice."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.eventstore.places import Place

ROOT = Path(__file__).parents[3]


def kills(place: Place, *arguments: str) -> int:
    """How many writers the drill killed; it fails when one left anything wrong behind."""
    command = [sys.executable, "-m", "tests.eventstore.drills.kills", place.url, "bot", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


@pytest.mark.usefixtures("in_place")
def test_a_writer_killed_at_every_boundary_of_its_statements(place: Place) -> None:
    assert kills(place, "boundaries", "3") > 10


@pytest.mark.usefixtures("in_place")
@pytest.mark.parametrize("seed", [1])
def test_writers_killed_at_random_moments(place: Place, seed: int) -> None:
    assert kills(place, "random", "20", str(seed)) == 20


@pytest.mark.sweep
@pytest.mark.usefixtures("in_place")
@pytest.mark.parametrize("seed", [2, 3, 4])
def test_hundreds_of_writers_killed_at_random_moments(place: Place, seed: int) -> None:
    assert kills(place, "random", "150", str(seed)) == 150
