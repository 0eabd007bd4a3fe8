"""A user's project installed in the same environment: no file is shared, each is removed without harm to the other."""

from pathlib import Path

import pytest

from tests.packaging.environment import Environment
from tests.packaging.project import OWN_TEST, PROJECT, PYPROJECT, write


@pytest.fixture
def copy(installed: Environment, tmp_path: Path) -> Environment:
    """An environment to install into."""
    return installed.copy(tmp_path / "environment")


def test_their_wheel_and_perptape_share_no_file_and_part_again(
    copy: Environment, tmp_path: Path, user: Path, failing: Path
) -> None:
    """Their wheel ships cli.py, core/errors.py, core/settings.py and replays/; their script is `cli:main`."""
    before = contents(copy)
    copy.install(str(write(tmp_path / "theirs", PROJECT)))
    assert {path.name for path in copy.files("theirs")} >= {"cli.py", "errors.py", "settings.py"}
    assert copy.files("theirs") & copy.files("perptape") == set()
    assert copy.run("theirs", user).stdout == "theirs\n"
    assert copy.run("perptape --version", user).stdout.startswith("perptape ")
    assert contents(copy) == before
    copy.uninstall("theirs")
    assert contents(copy) == before
    assert copy.run("theirs", user).returncode == 127
    assert copy.run("perptape golden check recordings", user).returncode == 0
    assert copy.run("perptape golden check recordings", failing).returncode == 1


def test_their_project_in_place_keeps_its_own_settings(copy: Environment, tmp_path: Path) -> None:
    project = write(tmp_path / "theirs", {**PROJECT, "tests/test_own.py": OWN_TEST})
    copy.install("-e", str(project))
    done = copy.run("pytest -q", project)
    assert "1 passed" in done.stdout
    assert copy.run("cd / && python -c 'import core.settings as s; print(s.__file__)'", project).stdout == (
        f"{project}/core/settings.py\n"
    )


def test_their_project_outlives_perptape(copy: Environment, tmp_path: Path) -> None:
    copy.install(str(write(tmp_path / "theirs", PROJECT)))
    copy.uninstall("perptape")
    assert copy.run("theirs", tmp_path).stdout == "theirs\n"
    names = "import cli, core.errors, core.settings, replays"
    assert copy.run(f"python -c '{names}'", tmp_path).returncode == 0
    assert not (copy.site / "perptape" / "core").exists()


def test_a_shared_file_would_be_seen(copy: Environment, tmp_path: Path) -> None:
    """What `pip check` is blind to: a wheel that overwrites a file of perptape."""
    before = contents(copy)
    wheel = PYPROJECT.replace('["core", "replays", "cli.py"]', '["cli.py", "perptape"]')
    copy.install(str(write(tmp_path / "theirs", {**PROJECT, "pyproject.toml": wheel, "perptape/cli.py": "own = 1\n"})))
    assert copy.files("theirs") & copy.files("perptape") == {copy.site / "perptape" / "cli.py"}
    assert contents(copy) != before


def contents(environment: Environment) -> dict[Path, bytes]:
    """Every file of perptape that its RECORD lists, with what it holds."""
    return {path: path.read_bytes() for path in environment.files("perptape")}
