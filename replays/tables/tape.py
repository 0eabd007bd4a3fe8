"""The tape behind the tables: a recording or a stream, read from its start as often as it is asked for."""

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from perptape.core.codec import Line
from perptape.eventstore.store import EventStore
from perptape.replays.tape import Header, open_recording
from perptape.replays.tape.reader import Progress
from perptape.replays.tape.source import find_stream, is_file, open_file, open_source, stored_header


class FileTape(Struct, frozen=True):
    """A recording."""

    path: Path
    header: Header

    @property
    def span(self) -> tuple[int, int]:
        """Bytes, from where to where progress goes."""
        return 0, self.path.stat().st_size

    def batches(self, progress: Progress | None = None) -> Iterator[list[Line]]:
        """The events, a few hundred at a time, the chain checked on the way. `progress` is told bytes."""
        with open_file(self.path, progress) as source:
            for _lines, events in source.batches:
                yield events


class StreamTape(Struct, frozen=True):
    """A stream as it was when it was opened; what is appended later is not seen."""

    name: str
    store_url: str
    header: Header
    last_version: int

    @property
    def span(self) -> tuple[int, int]:
        """Versions, from where to where progress goes."""
        return self.header.first_version - 1, self.last_version

    def batches(self, progress: Progress | None = None) -> Iterator[list[Line]]:
        """The events up to `last_version`, the chain checked on the way. `progress` is told versions."""
        with open_source(self.name, self.store_url) as source:
            for _lines, events in source.batches:
                last = events[-1].version
                yield events if last <= self.last_version else [e for e in events if e.version <= self.last_version]
                if progress is not None:
                    progress(last)
                if last > self.last_version:
                    return


Tape = FileTape | StreamTape


def open_tape(source: str | Path, store_url: str) -> Tape:
    """Find a recording or a stream. Raises NotARecordingError, SourceError, DamageError(0), EventStoreError."""
    if isinstance(source, Path) or is_file(source):
        path = Path(source)
        with open_recording(path) as recording:
            return FileTape(path, recording.header)
    with EventStore.open(store_url) as store:
        stream = find_stream(store, source)
        return StreamTape(source, store_url, stored_header(stream), stream.head.version)
