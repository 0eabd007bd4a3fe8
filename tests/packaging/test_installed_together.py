"""A user's project installed in the same environment: no file is shared, each is removed without harm to the other."""

from pathlib import Path

import pytest

from tests.packaging.environment import Environment, build
from tests.packaging.project import OWN_TEST, PROJECT, PYPROJECT, write


@pytest.fixture(scope="module")
def installed_together(installed: Environment, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Their wheel too: it ships cli.py, core/errors.py, core/settings.py and replays/; its script is `cli:main`."""
    folder = tmp_path_factory.mktemp("together")
    environment = installed.copy(folder / "environment")
    environment.install(build("wheel", write(folder / "theirs", PROJECT), folder / "wheel"))
    return environment


@pytest.fixture
def together(installed_together: Environment, tmp_path: Path) -> Environment:
    """A copy of it, to remove something from."""
    return installed_together.copy(tmp_path / "environment")


def contents(environment: Environment) -> dict[str, bytes]:
    """Every file of perptape that its RECORD lists, with what it holds; but for RECORD itself and scripts."""
    files = {path for path in environment.files("perptape") if path.is_relative_to(environment.site / "perptape")}
    return {path.relative_to(environment.site).as_posix(): path.read_bytes() for path in files}


def test_their_wheel_and_perptape_share_no_file(installed: Environment, together: Environment, user: Path) -> None:
    assert {path.name for path in together.files("theirs")} >= {"cli.py", "errors.py", "settings.py"}
    assert together.files("theirs") & together.files("perptape") == set()
    assert contents(together) == contents(installed)
    assert together.run("theirs", user).stdout == "theirs\n"
    assert together.run("perptape --version", user).stdout.startswith("perptape ")


def test_perptape_outlives_their_wheel(installed: Environment, together: Environment, user: Path) -> None:
    together.uninstall("theirs")
    assert contents(together) == contents(installed)
    assert together.run("theirs", user).returncode == 127
    done = together.run("perptape golden check recordings", user)
    assert (done.returncode, "bad.jsonl" in done.stdout, "good.jsonl" in done.stdout) == (1, True, True)


def test_their_wheel_outlives_perptape(together: Environment, tmp_path: Path) -> None:
    together.uninstall("perptape")
    assert together.run("theirs", tmp_path).stdout == "theirs\n"
    assert together.run("python -c 'import cli, core.errors, core.settings, replays'", tmp_path).returncode == 0
    assert not (together.site / "perptape" / "core" / "__init__.py").exists()


def test_their_project_in_place_keeps_its_own_settings(installed: Environment, tmp_path: Path) -> None:
    project = write(tmp_path / "theirs", {**PROJECT, "tests/test_own.py": OWN_TEST})
    environment = installed.copy(tmp_path / "environment")
    environment.install(build("wheel:editable", project, tmp_path / "wheel"))
    assert "1 passed" in environment.run("pytest -q", project).stdout
    where = environment.run("python -c 'import core.settings as s; print(s.__file__)'", tmp_path).stdout
    assert where == f"{project}/core/settings.py\n"


def test_a_shared_file_would_be_seen(installed: Environment, tmp_path: Path) -> None:
    """What `pip check` does not see: a wheel that overwrites a file of perptape."""
    pyproject = PYPROJECT.replace('["core", "replays", "cli.py"]', '["cli.py", "perptape"]')
    files = {**PROJECT, "pyproject.toml": pyproject, "perptape/cli.py": 'OWN = "theirs"\n'}
    environment = installed.copy(tmp_path / "environment")
    environment.install(build("wheel", write(tmp_path / "theirs", files), tmp_path / "wheel"))
    assert environment.run("python -m pip check", tmp_path).stdout.startswith("No broken requirements")
    assert environment.files("theirs") & environment.files("perptape") == {environment.site / "perptape" / "cli.py"}
    assert contents(environment) != contents(installed)
