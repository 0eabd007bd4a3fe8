"""Layouts grow by a field, and what was recorded before is read, verified, rebuilt and replayed as it was."""

import json
from pathlib import Path

import pytest

from tests.house.layout import ROOT, copy_package
from tests.replays.mutations import Mutation, mutate
from tests.replays.test_mutations import run_in

GROWN = [
    Mutation(
        "a field of the state",
        "core/state.py",
        '    inbox_version: int = 0\n    """The last command of the inbox that is in the state."""\n',
        '    inbox_version: int = 0\n    """The last command of the inbox that is in the state."""\n'
        "    spare: int = 7\n",
    ),
    Mutation(
        "a limit that is off",
        "core/settings.py",
        "    cash_max: Annotated[Decimal,",
        '    spare_max: Annotated[Decimal | None, _doc("A new limit.")] = None\n    cash_max: Annotated[Decimal,',
    ),
]
OLD = ROOT / "tests" / "releases" / "0.1.0" / "eventful.jsonl.zst"
GOLDEN = ROOT / "replays" / "scenarios" / "recordings" / "trading" / "T03_daily_loss_reduce_only.jsonl"


RESTART = """
import sys
from perptape.core.edge.storage.log import StoreLog
from perptape.core.restore import restore
from perptape.eventstore.store import EventStore
with EventStore.open(sys.argv[1]) as store, StoreLog(store, "bot") as log:
    print(restore(log, "the later release").state.version == log.head_version())
"""
"""What a bot does first when it starts again: restoring the state from the log."""


@pytest.fixture(params=GROWN, ids=lambda grown: grown.name, scope="module")
def later(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a later release, one field larger."""
    tree = copy_package(tmp_path_factory.mktemp("later"))
    mutate(tree, request.param)
    return tree


def test_recordings_of_before_hold_and_no_golden_has_to_be_made_anew(later: Path, session_file: Path) -> None:
    for recording in (OLD, session_file):
        for command in ("verify", "rebuild", "replay"):
            done = run_in(later, "-m", "perptape.cli", command, str(recording), "--json")
            assert (done.returncode, done.stderr) == (0, ""), command
    checked = run_in(later, "-m", "perptape.cli", "golden", "check", str(GOLDEN), "--json")
    assert (checked.returncode, checked.stderr) == (0, "")
    [found] = json.loads(checked.stdout)
    assert found["not_compared"].startswith("states not compared")


def test_the_catalogue_is_recorded_again_as_it_was(later: Path) -> None:
    done = run_in(later, "-m", "perptape.cli", "scenarios", "run", "T03", "S02", "B01")
    assert (done.returncode, done.stdout.splitlines()[-1][:18]) == (0, "3 passed, 0 failed")


@pytest.mark.parametrize("sealed", [False, True])
def test_a_stream_of_before_is_read_and_starts_again(
    later: Path, session_file: Path, tmp_path: Path, sealed: bool
) -> None:
    url = f"sqlite:///{tmp_path / 'tape.sqlite'}"
    today = ROOT / "build" / "dev" / "perptape"
    for words in (["import", str(session_file)], *([["archive", "bot", "--seal"]] if sealed else [])):
        assert run_in(today, "-m", "perptape.cli", "store", *words, "--store", url).returncode == 0
    assert run_in(later, "-c", RESTART, url).stdout == "True\n"
    for command in ("verify", "rebuild", "replay", "status"):
        done = run_in(later, "-m", "perptape.cli", command, "bot", "--store", url, "--json")
        assert (done.returncode, done.stderr) == (0, ""), command
