"""A user's own modules with ordinary names, on the path: each side imports its own, and the gate checks.

The user's folder holds a recording that matches its golden and one that does not: both must be reported.
"""

from pathlib import Path

import pytest

from perptape.cli import VERSION
from tests.packaging.environment import Done, Environment
from tests.packaging.project import CORE, OWN_TEST, THEIRS, write

GATES = ["perptape golden check recordings", "python -m perptape.cli golden check recordings"]
LEAVE_A_TRACE = 'from pathlib import Path\nPath("was-run").touch()\n'
NAMES = """\
import sys
names = sys.argv[1].split()
found = {name: __import__(name, fromlist=["NAME"]) for name in names}
print(found["core.settings"].NAME, found["perptape"].TradingSettings.__module__, found["perptape.cli"].VERSION)
"""


def checks(done: Done) -> bool:
    """Whether the gate checked both recordings."""
    lines = done.stdout.splitlines()
    good, bad = (any(line.startswith(f"recordings/{name}.jsonl: ") for line in lines) for name in ("good", "bad"))
    return done.returncode == 1 and good and bad and "theirs" not in done.stdout


@pytest.mark.parametrize("gate", GATES)
def test_the_gate_checks_beside_an_own_cli_module(installed: Environment, user: Path, gate: str) -> None:
    write(user, {"cli.py": THEIRS})
    assert checks(installed.run(gate, user, PYTHONPATH="."))


def test_pytest_starts_beside_an_own_package_replays(installed: Environment, user: Path) -> None:
    own = 'import replays\n\ndef test_own():\n    assert replays.NAME == "theirs"\n'
    write(user, {"replays/__init__.py": 'NAME = "theirs"\n', "test_own.py": own})
    assert "1 failed, 2 passed" in installed.run("python -m pytest -q", user).stdout


def test_own_tests_of_an_own_package_core_run_beside_the_recordings(installed: Environment, user: Path) -> None:
    write(user, {**CORE, "test_own.py": OWN_TEST})
    assert "1 failed, 2 passed" in installed.run("python -m pytest -q", user).stdout


@pytest.mark.parametrize("command", ["perptape", "python -m perptape.cli"])
def test_a_store_is_made_without_running_an_own_migrations_env(
    installed: Environment, tmp_path: Path, command: str
) -> None:
    write(tmp_path, {"migrations/__init__.py": "", "migrations/env.py": LEAVE_A_TRACE, "env.py": LEAVE_A_TRACE})
    done = installed.run(f"{command} store init --store sqlite:///tape.sqlite", tmp_path, PYTHONPATH=".")
    assert done.returncode == 0, done.stdout
    assert (tmp_path / "tape.sqlite").exists()
    assert not (tmp_path / "was-run").exists()


def test_a_store_is_read_beside_an_own_module_eventstore(installed: Environment, tmp_path: Path) -> None:
    write(tmp_path, {"eventstore.py": LEAVE_A_TRACE})
    both = "perptape store init --store sqlite:///a && perptape store streams --store sqlite:///a"
    done = installed.run(both, tmp_path, PYTHONPATH=".")
    assert done.returncode == 0, done.stdout
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("names", ["core.settings perptape perptape.cli", "perptape.cli perptape core.settings"])
def test_the_order_of_imports_does_not_matter(installed: Environment, tmp_path: Path, names: str) -> None:
    write(tmp_path, {**CORE, "names.py": NAMES})
    done = installed.run(f"python names.py '{names}'", tmp_path)
    assert done.stdout.split() == ["theirs", "perptape.core.settings", VERSION]


def test_a_perptape_module_in_the_working_folder_hides_nothing_from_the_command(
    installed: Environment, user: Path
) -> None:
    write(user, {"perptape.py": THEIRS})
    assert checks(installed.run("perptape golden check recordings", user))


@pytest.mark.parametrize("gate", [*GATES, "python -m pytest -q"])
def test_another_perptape_before_it_on_the_path_is_an_error_and_never_a_pass(
    installed: Environment, user: Path, gate: str
) -> None:
    """Python takes the first `perptape` on the path; what matters is that the gate does not pass unchecked."""
    write(user, {"perptape.py": THEIRS})
    done = installed.run(gate, user, PYTHONPATH=".")
    assert done.returncode != 0
    assert "ModuleNotFoundError" in done.stdout
    assert "passed" not in done.stdout
