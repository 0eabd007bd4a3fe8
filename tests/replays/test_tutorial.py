"""The tutorial of docs/scenarios.md, followed to the letter in an empty folder, perptape installed from a wheel."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.house.layout import ROOT
from tests.replays.tutorial import PAGE, Command, Edit, File, steps

INSTALL = ("python3 -m venv .venv", ". .venv/bin/activate", "pip install ../perptape pytest pytest-asyncio")
"""What the reader does first; a test does the same without a network."""
PYTEST = "#!{python}\nimport sys\nimport pytest\nsys.exit(pytest.main())\n"


def installed(folder: Path) -> Path:
    """A virtual environment with the wheel of these sources; dependencies are those that run this test."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    home = folder / "venv"
    venv.create(home, symlinks=True, with_pip=False)
    python = home / "bin" / "python"
    install = ["install", "-q", "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel)]
    subprocess.run([sys.executable, "-m", "pip", "--python", str(python), *install], check=True)
    [site] = home.glob("lib/python*/site-packages")
    (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n{sysconfig.get_path('platlib')}\n")
    script = home / "bin" / "pytest"
    script.write_text(PYTEST.format(python=python))
    script.chmod(0o755)
    return home / "bin"


def run(command: str, folder: Path, programs: Path) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "PYTEST", "COV_"))}
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**kept, "PATH": f"{programs}:{kept['PATH']}", "PYTHONUNBUFFERED": "1", "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_a_newcomer_gets_what_the_tutorial_says(tmp_path: Path) -> None:
    told = list(steps(PAGE.read_text(encoding="utf-8")))
    assert tuple(step.line for step in told[:3] if isinstance(step, Command)) == INSTALL
    programs = installed(tmp_path)
    folder = tmp_path / "project"
    folder.mkdir()
    where = run("python -c 'from perptape import cli; print(cli.__file__)'", folder, programs)
    assert Path(where.stdout.strip()).is_relative_to(programs.parent)
    for step in told[3:]:
        if isinstance(step, Command):
            done = run(step.line, folder, programs)
            assert step.differs(done.stdout) == ""
            assert done.returncode == step.status, step.line
        else:
            step.do(folder)


def test_the_tutorial_is_taken_apart_as_it_is_meant() -> None:
    told = list(steps(PAGE.read_text(encoding="utf-8")))
    assert [step.name for step in told if isinstance(step, File)] == [
        "breakout.py",
        "breakout_scenario.py",
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
