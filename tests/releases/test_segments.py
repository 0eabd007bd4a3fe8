"""A segment that a released version sealed: it opens with the whole state, in that version's form."""

import hashlib
import json
from pathlib import Path
from typing import Any

from perptape.replays.proof.player import replay_file
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.proof.verify import verify
from perptape.replays.tape.source import TapePoint

RELEASE = Path(__file__).parent / "0.1.0"
SEALED = RELEASE / "segments" / "sealed.jsonl.zst"
DIGEST = "943db1900db2cfa56fa22534331d2b721dfeac78501764d4300db36f5ec20ee3"


def test_the_segment_is_the_one_that_was_left() -> None:
    assert hashlib.sha256(SEALED.read_bytes()).hexdigest() == DIGEST


def test_it_is_verified_and_replayed() -> None:
    assert verify(str(SEALED), "").ok
    assert replay_file(SEALED).divergence is None


def state_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(bytes(rebuild(str(path), "", TapePoint()).state))
    return found


def test_it_opens_with_the_state_that_the_recording_before_it_ends_with() -> None:
    opened, whole = state_of(SEALED), state_of(RELEASE / "eventful.jsonl.zst")
    assert opened.pop("version") == whole.pop("version") + 1
    assert opened == whole
