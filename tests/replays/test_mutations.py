"""No change of behaviour goes unnoticed: each mutation of the code makes the replay of a session fail.

`python -m tests.replays.test_mutations` prints the table of mutations and the first decisions that they change.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from perptape.replays.record import record
from tests.house.layout import copy_package
from tests.replays.mutations import MUTATIONS, Mutation, OutdatedMutationError, mutate
from tests.replays.session import plan

AREAS = ("guard", "sizing", "orders", "PnL", "strategy", "aggregation", "timers")


def run_in(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with `tree`, a copy of the package, before the one that is installed."""
    environment = {**os.environ, "PYTHONPATH": str(tree.parent)}
    return subprocess.run(
        [sys.executable, *arguments], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )


def replay_in(tree: Path, recording: Path) -> tuple[int, dict[str, Any]]:
    """The exit status and the result of `perptape replay` by the code in `tree`."""
    done = run_in(tree, "-m", "perptape.cli", "replay", "--json", str(recording))
    assert done.stderr == ""
    [result] = json.loads(done.stdout)
    return done.returncode, result


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_package(tmp_path_factory.mktemp("copy"))


@pytest.fixture
def restored(tree: Path, mutation: Mutation) -> Iterator[Path]:
    """The copy, as it was again afterwards."""
    source = (tree / mutation.file).read_bytes()
    yield tree
    (tree / mutation.file).write_bytes(source)
    for compiled in (tree / mutation.file).parent.glob("__pycache__/*.pyc"):
        compiled.unlink()


def test_every_area_has_its_mutations() -> None:
    assert {mutation.name.partition(":")[0] for mutation in MUTATIONS} == set(AREAS)
    assert len(MUTATIONS) >= 12


def test_the_code_that_recorded_reproduces_the_session(tree: Path, session_file: Path) -> None:
    imported = run_in(
        tree,
        "-c",
        "from perptape.core import codec; from perptape.replays.proof import player; "
        "print(codec.__file__, player.__file__)",
    )
    assert imported.stdout.split() == [str(tree / "core/codec.py"), str(tree / "replays/proof/player.py")]
    status, result = replay_in(tree, session_file)
    assert (status, result["divergence"], result["reproduced"]) == (0, None, result["decisions"])


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_changes_a_decision(restored: Path, mutation: Mutation, session_file: Path) -> None:
    mutate(restored, mutation)
    status, result = replay_in(restored, session_file)
    assert status == 1
    assert result["divergence"]["kind"] in ("different", "missing", "extra")
    assert result["divergence"]["recorded"] != result["divergence"]["replayed"]


def test_a_mutation_that_no_longer_fits_fails_loudly(tree: Path) -> None:
    with pytest.raises(OutdatedMutationError, match="holds 'no such text' 0 times, not once"):
        mutate(tree, Mutation("stale", "core/ids.py", "no such text", ""))


def main() -> None:
    """Print the table."""
    with TemporaryDirectory() as folder:
        recording = record(plan(), Path(folder) / "session.jsonl").path
        for number, mutation in enumerate(MUTATIONS):
            tree = copy_package(Path(folder) / str(number))
            try:
                mutate(tree, mutation)
            except OutdatedMutationError as error:
                print(f"| {mutation.name} | OUTDATED: {error} |")
                continue
            status, result = replay_in(tree, recording)
            divergence = result["divergence"] or {"version": "-", "kind": "none", "reason": "NOT NOTICED"}
            print(f"| {mutation.name} | {status} | {divergence['version']} | {divergence['reason']} |")


if __name__ == "__main__":
    main()
