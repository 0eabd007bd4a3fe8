"""A user's own modules with ordinary names in the working folder, on the path: theirs are theirs and perptape's its own."""

from pathlib import Path

import pytest

from tests.packaging.environment import Environment
from tests.packaging.project import CORE, OWN_TEST, THEIRS, write

GATES = ["perptape golden check recordings", "python -m perptape.cli golden check recordings"]
LEAVE_A_TRACE = 'from pathlib import Path\nPath("was-run").touch()\n'
NAMES = """\
import sys
names = sys.argv[1].split()
found = {name: __import__(name, fromlist=["NAME"]) for name in names}
print(found["core.settings"].NAME, found["perptape"].TradingSettings.__module__, found["perptape.cli"].VERSION)
"""


@pytest.mark.parametrize("gate", GATES)
def test_the_gate_checks_beside_an_own_cli_module(installed: Environment, user: Path, failing: Path, gate: str) -> None:
    for folder, status, said in ((user, 0, "good.jsonl"), (failing, 1, "bad.jsonl")):
        write(folder, {"cli.py": THEIRS})
        done = installed.run(gate, folder, PYTHONPATH=".")
        assert (done.returncode, said in done.stdout) == (status, True), done.stdout
        assert "theirs" not in done.stdout


def test_pytest_starts_beside_an_own_package_replays(installed: Environment, user: Path) -> None:
    own = 'import replays\n\ndef test_own():\n    assert replays.NAME == "theirs"\n'
    write(user, {"replays/__init__.py": 'NAME = "theirs"\n', "test_own.py": own})
    done = installed.run("python -m pytest -q", user)
    assert "2 passed" in done.stdout


def test_own_tests_of_an_own_package_core_run_beside_the_recordings(installed: Environment, user: Path) -> None:
    write(user, {**CORE, "test_own.py": OWN_TEST})
    done = installed.run("python -m pytest -q", user)
    assert "2 passed" in done.stdout


def test_a_differing_recording_fails_in_pytest_beside_all_of_them(installed: Environment, failing: Path) -> None:
    names = ("cli.py", "core/__init__.py", "eventstore.py", "migrations/__init__.py", "replays/__init__.py")
    write(failing, dict.fromkeys(names, ""))
    done = installed.run("python -m pytest -q", failing)
    assert done.returncode == 1
    assert "1 failed" in done.stdout


@pytest.mark.parametrize("command", ["perptape", "python -m perptape.cli"])
def test_a_store_is_made_without_running_an_own_migrations_env(
    installed: Environment, tmp_path: Path, command: str
) -> None:
    write(tmp_path, {"migrations/__init__.py": "", "migrations/env.py": LEAVE_A_TRACE, "env.py": LEAVE_A_TRACE})
    store = f"--store sqlite:///{tmp_path}/tape.sqlite"
    done = installed.run(f"{command} store init {store} && {command} store check {store}", tmp_path, PYTHONPATH=".")
    assert done.returncode == 0, done.stdout
    assert not (tmp_path / "was-run").exists()


def test_a_store_is_made_beside_an_own_module_eventstore(installed: Environment, tmp_path: Path) -> None:
    write(tmp_path, {"eventstore.py": LEAVE_A_TRACE})
    store = f"--store sqlite:///{tmp_path}/tape.sqlite"
    done = installed.run(f"perptape store init {store} && perptape store streams {store}", tmp_path, PYTHONPATH=".")
    assert done.returncode == 0, done.stdout
    assert not (tmp_path / "was-run").exists()


@pytest.mark.parametrize("names", ["core.settings perptape perptape.cli", "perptape.cli perptape core.settings"])
def test_the_order_of_imports_is_of_no_account(installed: Environment, tmp_path: Path, names: str) -> None:
    write(tmp_path, {**CORE, "names.py": NAMES})
    done = installed.run(f"python names.py '{names}'", tmp_path)
    assert done.stdout.split() == ["theirs", "perptape.core.settings", "0.1.0"]


def test_an_own_strategy_beside_an_own_package_core_uses_both(installed: Environment, tmp_path: Path) -> None:
    script = "from core.settings import NAME\nfrom perptape import BTC, Signal\nprint(NAME, BTC, Signal.__name__)\n"
    write(tmp_path, {**CORE, "own.py": script})
    assert installed.run("python own.py", tmp_path).stdout.split() == ["theirs", "BTC-PERP", "Signal"]


def test_a_working_folder_with_a_perptape_module_hides_nothing_from_the_command(
    installed: Environment, user: Path, failing: Path
) -> None:
    for folder, status in ((user, 0), (failing, 1)):
        write(folder, {"perptape.py": THEIRS})
        assert installed.run("perptape golden check recordings", folder).returncode == status


@pytest.mark.parametrize("gate", [*GATES, "python -m pytest -q"])
def test_a_perptape_module_on_the_path_in_its_place_is_an_error_and_never_a_pass(
    installed: Environment, user: Path, gate: str
) -> None:
    """Python takes the first `perptape` on the path; what matters is that the gate does not pass unchecked."""
    write(user, {"perptape.py": THEIRS})
    done = installed.run(gate, user, PYTHONPATH=".")
    assert done.returncode == 1
    assert "'perptape' is not a package" in done.stdout
