"""The tutorial of docs/scenarios.md, followed to the letter in an empty folder, perptape installed from a wheel."""

from pathlib import Path

import pytest

from tests.packaging.environment import Environment
from tests.replays.tutorial import PAGE, Command, Edit, File, steps

INSTALL = ("python3 -m venv .venv", ". .venv/bin/activate", "pip install ../perptape pytest pytest-asyncio")
"""What the reader does first; a test does the same without a network."""


def test_a_newcomer_gets_what_the_tutorial_says(tmp_path: Path, installed: Environment) -> None:
    told = list(steps(PAGE.read_text(encoding="utf-8")))
    assert tuple(step.line for step in told[:3] if isinstance(step, Command)) == INSTALL
    folder = tmp_path / "project"
    folder.mkdir()
    where = installed.run("python -c 'from perptape import cli; print(cli.__file__)'", folder)
    assert Path(where.stdout.strip()).is_relative_to(installed.site)
    for step in told[3:]:
        if isinstance(step, Command):
            done = installed.run(step.line, folder)
            assert step.differs(done.stdout) == ""
            assert done.returncode == step.status, step.line
        else:
            step.do(folder)


def test_the_tutorial_is_taken_apart_as_it_is_meant() -> None:
    told = list(steps(PAGE.read_text(encoding="utf-8")))
    assert [step.name for step in told if isinstance(step, File)] == [
        "breakout.py",
        "breakout_scenario.py",
        "pyproject.toml",
        "pytest.ini",
        "test_breakout.py",
    ]
    assert [step.name for step in told if isinstance(step, Edit)] == [
        "breakout.py",
        "breakout.py",
        "breakout_scenario.py",
    ]
    assert sum(isinstance(step, Command) for step in told) > 15


@pytest.mark.parametrize(
    ("said", "found", "same"),
    [
        ("a\nb", "a\nb", True),
        ("a\nb", "a\nc", False),
        ("a", "a\nb", False),
        ("a\n  …\nb", "a\nx\ny\nb", True),
        ("a\n…\nb", "a\nb", True),
        ("a\n…\nb", "a\nx", False),
        ("1 passed, 0.04 s", "1 passed, 12.31 s", True),
        ("1 passed in 0.50s", "2 passed in 0.50s", False),
        ("state …", "state 4711", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_lines_are_compared_but_for_times_and_what_is_left_out(said: str, found: str, same: bool) -> None:
    assert (Command("x", tuple(said.splitlines())).differs(found) == "") == same
