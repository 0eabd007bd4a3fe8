"""Whatever a released version recorded is read, verified, rebuilt and replayed for ever."""

import hashlib
from pathlib import Path

import pytest

from perptape.cli import VERSION
from perptape.core.money import arithmetic
from perptape.core.opening import state_digest
from perptape.core.state import State
from perptape.eventstore.store import EventStore
from perptape.replays.proof.player import replay_file
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.proof.verify import verify
from perptape.replays.tape.fold import fold_recording
from perptape.replays.tape.reader import open_recording
from perptape.replays.tape.source import TapePoint
from perptape.replays.upkeep.transfer import export_stream, import_recording

RELEASES = Path(__file__).parent
RECORDINGS = sorted(RELEASES.glob("*/*.jsonl.zst"))
every_recording = pytest.mark.parametrize(
    "recording", RECORDINGS, ids=lambda path: f"{path.parent.name}/{path.name.partition('.')[0]}"
)
DIGESTS = {
    "0.1.0/canary.jsonl.zst": "bfb56be65ec4df5b88b6db37db465f4564b1e04e9122422bbdd57bd45d761c22",
    "0.1.0/eventful.jsonl.zst": "b3031a725e840871a18279a410f6190b82eeb33079c054bb9bb4e443f5b00e1e",
}
"""SHA-256 of each file: evidence is not rewritten."""


def test_the_recordings_are_the_ones_that_were_left() -> None:
    found = {
        path.relative_to(RELEASES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in RECORDINGS
    }

    assert found == DIGESTS


def test_this_release_has_left_its_own() -> None:
    assert VERSION in {path.parent.name for path in RECORDINGS}


@every_recording
def test_it_says_which_release_wrote_it_and_holds_a_session_worth_keeping(recording: Path) -> None:
    with open_recording(recording) as opened:
        assert opened.header.provenance.release == recording.parent.name
        kinds = {line.partition(b'"type":"')[2].partition(b'"')[0] for line in opened.lines()}

    assert {b"SessionStarted", b"QuoteUpdated", b"SignalGenerated", b"OrderRequested", b"OrderFilled"} <= kinds


@every_recording
def test_it_is_verified(recording: Path) -> None:
    verified = verify(str(recording), "")

    assert verified.first_bad is None
    assert verified.ok
    assert {warm.state_digest for warm in verified.warm} == {verified.cold}
    assert len(verified.warm) >= 3


@every_recording
def test_it_is_rebuilt_as_recorded_and_replayed_to_the_same_state(recording: Path) -> None:
    replay = replay_file(recording)
    with open_recording(recording) as opened, arithmetic():
        folded = state_digest(fold_recording(opened, State()))

    assert replay.divergences == []
    assert replay.reproduced == replay.decisions > 0
    assert replay.state_digest == folded == rebuild(str(recording), "", TapePoint()).state_digest


@every_recording
def test_it_goes_into_a_store_and_comes_out_again_to_the_byte(recording: Path, tmp_path: Path) -> None:
    with open_recording(recording) as opened:
        lines = list(opened.lines())
        name = opened.header.stream
    store_url = f"sqlite:///{tmp_path / 'tape.db'}"
    with EventStore.open(store_url, create=True) as store:
        import_recording(store, recording)
        export_stream(store, name, tmp_path / "out.jsonl.zst")

    with open_recording(tmp_path / "out.jsonl.zst") as exported:
        assert list(exported.lines()) == lines
    assert verify(name, store_url).ok
