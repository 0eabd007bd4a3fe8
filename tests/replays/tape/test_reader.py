"""Reading: lines in batches, in memory that does not grow with the file."""

import tracemalloc
from itertools import islice
from pathlib import Path

import pytest
import zstandard

from perptape.core.settings import TradingSettings
from perptape.replays.tape import open_recording
from perptape.replays.tape.errors import DamageError, NotARecordingError
from tests.replays.session import TRADING
from tests.replays.surgery import Tape


def test_batches_hold_every_line_in_order(session: Tape, session_file: Path) -> None:
    with open_recording(session_file) as recording:
        batches = list(recording.batches())
    assert len(batches) > 3
    assert [line for batch in batches for line in batch] == list(session.events)


def test_the_settings_in_force_are_in_the_header(session_file: Path) -> None:
    with open_recording(session_file) as recording:
        assert isinstance(recording.settings, TradingSettings)
        assert recording.settings == TRADING


def test_progress_tells_bytes_of_the_file(session: Tape, session_file: Path) -> None:
    told: list[int] = []
    with open_recording(session_file) as recording:
        for _ in recording.batches(told.append):
            pass
    assert told == sorted(told)
    assert 0 < told[0] <= told[-1] <= len(session.content)


def test_every_line_before_the_damage_is_given(session: Tape, tmp_path: Path) -> None:
    bad = 900
    path = session.with_line(bad, session.events[bad - 1].replace(b"1", b"2", 1)).write(tmp_path / "s.jsonl")
    read: list[bytes] = []
    with open_recording(path) as recording:
        lines = recording.lines()
        read += islice(lines, bad - 1)
        with pytest.raises(DamageError) as damage:
            next(lines)
    assert damage.value.version == bad
    assert tuple(read) == session.events[: bad - 1]


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (b'{"version":12,"type', "expected version 9, found '12': a line was removed, added or moved"),
        (b'{"version":9,"type', "hash mismatch: the line was changed"),
        (b"what is this", "hash mismatch: the line was changed"),
    ],
)
def test_the_reason_says_what_most_likely_happened(short: Tape, found: bytes, reason: str, tmp_path: Path) -> None:
    path = short.with_line(9, found + b"\n").write(tmp_path / "s.jsonl")
    with open_recording(path) as recording, pytest.raises(DamageError, match=reason):
        list(recording.lines())


def test_the_file_is_closed_when_it_is_no_recording(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("nothing\n")
    with pytest.raises(NotARecordingError):
        open_recording(path)


@pytest.mark.parametrize("compressed", [False, True])
def test_memory_does_not_grow_with_the_file(session: Tape, compressed: bool, tmp_path: Path) -> None:
    many = session._replace(events=session.events * 40).rechained()
    path = tmp_path / "s.jsonl"
    path.write_bytes(zstandard.compress(many.content) if compressed else many.content)
    tracemalloc.start()
    try:
        with open_recording(path) as recording:
            lines = sum(len(batch) for batch in recording.batches())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert lines == 40 * len(session.events)
    assert peak < 4_000_000 < len(many.content) // 3
