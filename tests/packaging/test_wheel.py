"""What the wheel holds: one top-level name, recordings compressed, and the same bytes from the sdist."""

import subprocess
import tarfile
import zipfile
from pathlib import Path

from perptape.replays.scenarios.catalogue import scenarios
from perptape.replays.tape.decompression import whole_content
from tests.house.layout import PACKAGES, ROOT
from tests.packaging.environment import Environment, build

RECORDINGS = Path("replays", "scenarios", "recordings")


def names(environment: Environment) -> list[str]:
    with zipfile.ZipFile(environment.wheel) as archive:
        return archive.namelist()


def test_it_holds_the_packages_and_the_command_line_only(installed: Environment) -> None:
    tops = {name.partition("/")[0] for name in names(installed)}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"perptape"}
    inner = {name.split("/")[1] for name in names(installed) if name.startswith("perptape/")}
    assert inner == {*PACKAGES, "cli.py", "__init__.py", "py.typed"}


def test_every_source_file_is_in_it(installed: Environment) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *PACKAGES, "cli.py"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    sources = {name for name in listed.stdout.splitlines() if not Path(name).is_relative_to(RECORDINGS)}
    shipped = {name.removeprefix("perptape/") for name in names(installed)}
    assert sources - shipped == {"core/py.typed", "replays/public.py"}  # they are at the top


def test_recordings_are_compressed_and_otherwise_those_of_the_repository(installed: Environment) -> None:
    kept = installed.site / "perptape" / RECORDINGS
    shipped = {path.relative_to(kept).as_posix(): whole_content(path) for path in kept.rglob("*.*")}
    sources = ROOT / RECORDINGS
    assert shipped == {
        f"{path.relative_to(sources).as_posix()}.zst": path.read_bytes() for path in sources.rglob("*.jsonl")
    }
    assert len(shipped) == len(scenarios())


def test_scenarios_are_held_against_them(installed: Environment, tmp_path: Path) -> None:
    done = installed.run("perptape scenarios run T01", tmp_path)
    assert (done.returncode, "T01" in done.stdout) == (0, True), done.stdout


def test_a_scenario_that_is_not_as_recorded_is_found(installed: Environment, tmp_path: Path) -> None:
    copy = installed.copy(tmp_path / "environment")
    trading = copy.site / "perptape" / RECORDINGS / "trading"
    one, other, *_ = sorted(trading.iterdir())
    content = other.read_bytes()
    one.unlink()
    one.write_bytes(content)
    done = copy.run("perptape scenarios run T01", tmp_path)
    assert done.returncode == 1
    assert "recording it again differs from T01_signal_to_position.jsonl.zst at version" in done.stdout.replace(
        "\n", " "
    )


def test_the_sdist_builds_the_same_wheel(installed: Environment, tmp_path: Path) -> None:
    with tarfile.open(build("sdist", ROOT, tmp_path / "sdist")) as archive:
        archive.extractall(tmp_path, filter="data")
    [sources] = tmp_path.glob("perptape-*")
    assert build("wheel", sources, tmp_path / "wheel").read_bytes() == installed.wheel.read_bytes()
