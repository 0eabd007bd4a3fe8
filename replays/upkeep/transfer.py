"""Recordings into stores and out again, byte for byte."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from perptape.core.codec import Line
from perptape.eventstore.envelope import Envelope, body
from perptape.eventstore.errors import ImportUnfinishedError, StreamExistsError, StreamNotFoundError
from perptape.eventstore.store import EventStore
from perptape.replays.tape.errors import SourceError
from perptape.replays.tape.fold import check_canonical, decoded_batches
from perptape.replays.tape.header import HASH, TAIL_BYTES, form_of
from perptape.replays.tape.reader import Progress, open_recording
from perptape.replays.tape.source import stored_header
from perptape.replays.tape.writer import RecordingWriter

FileCheck = Callable[[Path], None]
"""Looks at the finished file before it gets its name; whatever it raises, the file is gone."""
_DATA = b',"data":'
_TOLD_EVERY = 1_000


class Moved(Struct, frozen=True):
    """What was exported or imported."""

    stream: str
    file: str
    events: int
    last_hash: str


def moved_json(moved: Moved) -> dict[str, Any]:
    """What `store export` and `store import` print with --json."""
    return {"stream": moved.stream, "file": moved.file, "events": moved.events, "last_hash": moved.last_hash}


def export_stream(
    store: EventStore, name: str, path: Path, progress: Progress | None = None, written: FileCheck | None = None
) -> Moved:
    """Write a stream or a segment as a recording; the file appears whole and durable, or not at all.

    `progress` is told the version reached. Raises SourceError and EventStoreError.
    """
    try:
        stream = store.stream(name)
    except StreamNotFoundError as error:
        raise SourceError(f"{name}: the store has no such stream") from error
    header = stored_header(stream)
    scratch = path.with_name(f".{path.name}.part{path.suffix}")
    try:
        with RecordingWriter(scratch, header) as writer:
            for envelope in store.read(name, upto=stream.head.version):
                writer.write(body(envelope.version, envelope[1:6]))
                if progress is not None and envelope.version % _TOLD_EVERY == 0:
                    progress(envelope.version)
        _make_durable(scratch)
        if written is not None:
            written(scratch)
        scratch.replace(path)
        _make_durable(path.parent)
    except OSError as error:
        raise SourceError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        scratch.unlink(missing_ok=True)
    return Moved(name, str(path), stream.head.version - stream.first_version + 1, stream.head.hash.decode())


def import_recording(store: EventStore, path: Path, progress: Progress | None = None) -> Moved:
    """Make a stream of a recording; all of it or nothing. What a killed import stored is kept, and need not be again.

    Raises DamageError, NotARecordingError, SourceError, EventStoreError.
    """
    with open_recording(path) as recording:
        header = recording.header
        try:
            head = store.import_stream(
                header.stream,
                header.nonce,
                msgspec.json.encode(header),
                _envelopes(decoded_batches(recording, progress)),
                first_version=header.first_version,
                previous_hash=None if header.first_version == 1 else header.previous_hash.encode(),
                format_name=form_of(header),
            )
        except ImportUnfinishedError:
            raise
        except StreamExistsError as error:
            raise SourceError(
                f"{path}: the store already has a stream {header.stream!r}; nothing was imported"
            ) from error
    return Moved(header.stream, str(path), head.version - header.first_version + 1, head.hash.decode())


def _envelopes(batches: Iterator[tuple[list[bytes], list[Line]]]) -> Iterator[Envelope]:
    for lines, events in batches:
        for line, event in zip(lines, events, strict=True):
            check_canonical(line, event)
            data = line[line.index(_DATA) + len(_DATA) : -TAIL_BYTES]  # as written, whatever its schema
            name = type(event.data).__name__
            yield Envelope(event.version, name, event.schema, event.at_ns, event.cause, data, line[HASH])


def _make_durable(path: Path) -> None:
    """What was written to the file, or which files the folder holds, outlives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
