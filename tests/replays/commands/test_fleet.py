"""Many replays: every file is replayed, in the order given, whatever the others hold."""

from pathlib import Path

import pytest

from perptape.replays.commands.fleet import replay_files
from perptape.replays.proof.strategy_code import Trust
from tests.replays.surgery import Tape


@pytest.fixture
def fleet(short: Tape, short_file: Path, tmp_path: Path) -> list[Path]:
    """A sound one, one that is none, a damaged one, and a sound one again."""
    (tmp_path / "none.jsonl").write_text("nothing\n")
    damaged = short._replace(trailer=b"").write(tmp_path / "damaged.jsonl")
    return [short_file, tmp_path / "none.jsonl", damaged, short_file]


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_file_is_replayed_in_the_order_given(fleet: list[Path], jobs: int) -> None:
    results, faults = replay_files(
        fleet, jobs=jobs, go_on=False, quiet=True, store_url="sqlite:///none.sqlite", trust=Trust()
    )
    assert [result.file for result in results] == [str(fleet[0]), str(fleet[2]), str(fleet[3])]
    assert [result.divergence and result.divergence.version for result in results] == [None, 81, None]
    [fault] = faults
    assert fault == f"{fleet[1]}: not a perptape recording: the first line is not a recording header"
    assert results[0].state_digest == results[2].state_digest
