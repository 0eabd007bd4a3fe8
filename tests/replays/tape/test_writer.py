"""Writing: what was read and written again is the same, and a file that was not finished is not taken for whole."""

from pathlib import Path

import pytest

from perptape.replays.tape import RecordingWriter, open_recording
from perptape.replays.tape.errors import DamageError
from tests.replays.surgery import TAIL, Tape


def copied(source: Path, target: Path) -> None:
    with open_recording(source) as recording, RecordingWriter(target, recording.header) as writer:
        for line in recording.lines():
            writer.write(line[:-TAIL])


@pytest.mark.parametrize("name", ["copy.jsonl", "copy.jsonl.zst"])
def test_a_copy_holds_the_same_lines(session_file: Path, session: Tape, name: str, tmp_path: Path) -> None:
    copied(session_file, tmp_path / name)
    with open_recording(tmp_path / name) as recording:
        assert tuple(recording.lines()) == session.events
    back = tmp_path / "back.jsonl"
    copied(tmp_path / name, back)
    assert back.read_bytes() == session.content


@pytest.mark.parametrize("name", ["cut.jsonl", "cut.jsonl.zst"])
def test_a_writer_that_fails_leaves_no_whole_recording(
    short_file: Path, short: Tape, name: str, tmp_path: Path
) -> None:
    def failing() -> None:
        with open_recording(short_file) as recording, RecordingWriter(tmp_path / name, recording.header) as writer:
            writer.write(short.events[0][:-TAIL])
            raise KeyError("meanwhile")

    with pytest.raises(KeyError):
        failing()
    with open_recording(tmp_path / name) as recording, pytest.raises(DamageError) as damage:
        list(recording.lines())
    assert damage.value.version == 2
