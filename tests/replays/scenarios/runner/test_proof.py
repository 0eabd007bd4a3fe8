"""A committed recording is compared by its events: a setting that it does not have yet has its default."""

from pathlib import Path

import pytest

from perptape.replays.scenarios.runner.play import play
from perptape.replays.scenarios.runner.proof import not_the_same
from tests.replays.scenarios.small import SMALL


@pytest.mark.parametrize(
    ("old", "new", "differs"),
    [
        (b"", b"", False),
        (b'"depth_min":null,', b"", False),
        (b'"slippage_max":"0.01",', b'"slippage_max":"0.02",', True),
        (b'"purpose":"entry"', b'"purpose":"exit"', True),
    ],
    ids=["itself", "a setting that is off is absent", "a setting is another", "a decision is another"],
)
def test_what_was_recorded_before_a_setting_existed_is_the_same(
    old: bytes, new: bytes, differs: bool, tmp_path: Path
) -> None:
    played, path = play(SMALL), tmp_path / "s.jsonl"
    played.write(path)
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))
    assert bool(not_the_same(played, path)) == differs
