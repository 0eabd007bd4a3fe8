"""Recordings go into stores and out again without a byte changing, or not at all."""

from pathlib import Path

import pytest
import zstandard

from perptape.eventstore.store import EventStore
from perptape.replays.tape.errors import DamageError, NotARecordingError, SourceError
from perptape.replays.upkeep.transfer import Moved, export_stream, import_recording
from tests.replays.surgery import Tape


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'store.sqlite'}"


def streams(url: str) -> list[str]:
    with EventStore.open(url) as store:
        return [stream.name for stream in store.streams()]


def imported(url: str, path: Path) -> Moved:
    with EventStore.open(url, create=True) as store:
        return import_recording(store, path)


def exported(url: str, path: Path) -> Moved:
    with EventStore.open(url) as store:
        return export_stream(store, "bot", path)


def test_out_of_the_store_comes_what_went_in(session: Tape, session_file: Path, url: str, tmp_path: Path) -> None:
    went_in = imported(url, session_file)
    came_out = exported(url, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == session.content
    last_hash = session.at(len(session.events))["hash"]
    assert went_in == Moved("bot", str(session_file), len(session.events), last_hash)
    assert came_out == Moved("bot", str(tmp_path / "out.jsonl"), len(session.events), last_hash)


def test_compression_changes_nothing_inside(session: Tape, session_file: Path, url: str, tmp_path: Path) -> None:
    imported(url, session_file)
    packed = tmp_path / "out.jsonl.zst"
    exported(url, packed)
    with zstandard.open(packed, "rb") as content:
        assert content.read() == session.content
    assert packed.stat().st_size < len(session.content) / 3
    again = f"sqlite:///{tmp_path / 'again.sqlite'}"
    imported(again, packed)
    exported(again, tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == session.content


def test_an_empty_recording_makes_the_round_too(short: Tape, url: str, tmp_path: Path) -> None:
    empty = short._replace(events=()).rechained()
    assert imported(url, empty.write(tmp_path / "in.jsonl")).events == 0
    exported(url, tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == empty.content


@pytest.mark.parametrize("version", [1, 40, 79])
def test_a_damaged_recording_leaves_nothing_behind(short: Tape, url: str, version: int, tmp_path: Path) -> None:
    line = short.events[version - 1]
    path = short.with_line(version, line.replace(b'"at_ns":1', b'"at_ns":2')).write(tmp_path / "s.jsonl")
    with pytest.raises(DamageError) as damage:
        imported(url, path)
    assert damage.value.version == version
    assert streams(url) == []


def test_a_cut_recording_leaves_nothing_behind(short: Tape, url: str, tmp_path: Path) -> None:
    path = short._replace(trailer=b"").write(tmp_path / "s.jsonl")
    with pytest.raises(DamageError, match="trailer is missing"):
        imported(url, path)
    assert streams(url) == []


@pytest.mark.parametrize("lie", ["NaN", "1E+3", 7])
def test_a_line_that_no_codec_writes_leaves_nothing_behind(short: Tape, url: str, lie: object, tmp_path: Path) -> None:
    quote = next(version for version in range(20, 99) if short.at(version)["type"] == "QuoteUpdated")
    path = short.changed(quote, bid=lie).write(tmp_path / "s.jsonl")
    with pytest.raises(DamageError) as damage:
        imported(url, path)
    assert damage.value.version == quote
    assert streams(url) == []


def test_a_stream_is_imported_once(short_file: Path, url: str) -> None:
    imported(url, short_file)
    with pytest.raises(SourceError, match="already has a stream 'bot'; nothing was imported"):
        imported(url, short_file)
    assert streams(url) == ["bot"]


def test_a_file_that_is_no_recording_is_not_imported(url: str, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text("{}\n")
    with pytest.raises(NotARecordingError):
        imported(url, path)
    assert streams(url) == []


def test_what_cannot_be_exported_leaves_no_file(short_file: Path, url: str, tmp_path: Path) -> None:
    imported(url, short_file)
    with EventStore.open(url) as store:
        store.create_stream("inbox", "nonce", b"not a header")
        with pytest.raises(SourceError, match="'inbox' was not written by a bot"):
            export_stream(store, "inbox", tmp_path / "out" / "s.jsonl")
        with pytest.raises(SourceError, match="nobody: the store has no such stream"):
            export_stream(store, "nobody", tmp_path / "s.jsonl")
        with pytest.raises(SourceError, match="cannot be written: No such file or directory"):
            export_stream(store, "bot", tmp_path / "out" / "s.jsonl")
        (tmp_path / "folder.jsonl").mkdir()
        with pytest.raises(SourceError, match="cannot be written: Is a directory"):
            export_stream(store, "bot", tmp_path / "folder.jsonl")
    assert sorted(path.name for path in tmp_path.iterdir() if "store" not in path.name) == ["folder.jsonl"]


def test_an_export_replaces_what_was_there_at_once(short: Tape, short_file: Path, url: str, tmp_path: Path) -> None:
    imported(url, short_file)
    path = tmp_path / "out.jsonl"
    path.write_text("something else")
    exported(url, path)
    assert path.read_bytes() == short.content
