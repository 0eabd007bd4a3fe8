"""Where events come from: a recording on file or a stream in a store, read the same way."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from perptape.core.codec import Line, decode_line
from perptape.core.errors import CodecError, NewerSchemaError
from perptape.core.events import ConfigurationLoaded, OpeningState
from perptape.core.settings import TradingSettings
from perptape.eventstore.envelope import line as envelope_line
from perptape.eventstore.errors import StreamNotFoundError
from perptape.eventstore.store import EventStore
from perptape.eventstore.stream import Stream
from perptape.replays.tape.errors import DamageError, SourceError
from perptape.replays.tape.fold import check_places, decoded_batches
from perptape.replays.tape.header import UNREADABLE, Header
from perptape.replays.tape.reader import Progress, open_recording
from perptape.replays.tape.stored import stored_envelopes

_BATCH = 500
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTEGER = re.compile(r"[0-9]{1,18}")
_RFC3339 = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)[Tt ](?P<time>\d\d:\d\d:\d\d)(\.(?P<fraction>\d+))?(?P<offset>[Zz]|[+-]\d\d:\d\d)?",
    re.ASCII,
)


_Batches = Iterator[tuple[list[bytes], list[Line]]]


class _WithSettings(Struct):
    settings: TradingSettings


class Source(Struct):
    """Events in order, a batch at a time, with the chain checked on the way."""

    name: str
    header: Header
    batches: Iterator[tuple[list[bytes], list[Line]]]
    """Whole lines (newline included) and their events. Raises DamageError."""


def is_file(name: str) -> bool:
    """Whether a command's argument names a recording rather than a stream."""
    return name.endswith((".jsonl", ".zst", ".json")) or "/" in name or Path(name).exists()


def file_size(name: str) -> int | None:
    """Bytes of the file, for progress; None when it is not one."""
    try:
        return Path(name).stat().st_size
    except OSError:
        return None


@contextmanager
def open_source(name: str, store_url: str, progress: Progress | None = None) -> Iterator[Source]:
    """Open a recording or a stream; no code that it names is run.

    Raises NotARecordingError, SourceError, DamageError and EventStoreError.
    """
    if is_file(name):
        with open_file(Path(name), progress) as source:
            yield source
        return
    with EventStore.open(store_url) as store:
        header = stored_header(find_stream(store, name))
        yield Source(name, header, _under_settings(header, _stored_batches(store, name)))


@contextmanager
def open_file(path: Path, progress: Progress | None = None) -> Iterator[Source]:
    """Open a recording; no code that it names is run. Raises NotARecordingError and DamageError."""
    with open_recording(path) as recording:
        header = recording.header
        yield Source(str(path), header, _under_settings(header, decoded_batches(recording, progress)))


def find_stream(store: EventStore, name: str) -> Stream:
    """The stream of this name. Raises SourceError, which names those that there are."""
    try:
        return store.stream(name)
    except StreamNotFoundError as error:
        known = ", ".join(stream.name for stream in store.streams()) or "none"
        raise SourceError(f"{name}: neither a file nor a stream in {store.name} (streams there: {known})") from error


def stored_header(stream: Stream) -> Header:
    """The header of a stream's recording. Raises SourceError for a stream that no bot wrote."""
    try:
        return msgspec.json.decode(stream.metadata, type=Header)
    except UNREADABLE as error:
        raise SourceError(
            f"stream {stream.name!r} was not written by a bot: its metadata is not a recording header"
        ) from error


def _under_settings(header: Header, batches: _Batches) -> _Batches:
    """The batches, once the first settings on the tape were found to be those of the header. Raises DamageError."""
    for lines, events in batches:
        first = next((event for event in events if isinstance(event.data, ConfigurationLoaded | OpeningState)), None)
        if first is not None:
            _require_settings(header, first)
        yield lines, events
        if first is not None:
            yield from batches


def _require_settings(header: Header, first: Line) -> None:
    try:
        stated = msgspec.json.decode(bytes(header.trading), type=TradingSettings)
        if isinstance(first.data, OpeningState):
            taped = msgspec.json.decode(first.data.state, type=_WithSettings).settings
        else:
            taped = first.data.settings
    except UNREADABLE as error:
        raise DamageError(0, f"the settings in the header cannot be read: {error}") from error
    if stated != taped:
        raise DamageError(0, f"the settings in the header differ from those that version {first.version} sets")


def _stored_batches(store: EventStore, name: str) -> Iterator[tuple[list[bytes], list[Line]]]:
    stream = store.stream(name)
    lines: list[bytes] = []
    events: list[Line] = []
    before = stream.first_version - 1
    for envelope in stored_envelopes(store, name, stream):
        line = envelope_line(envelope) + b"\n"
        lines.append(line)
        try:
            events.append(decode_line(line))
        except NewerSchemaError as error:
            raise SourceError(f"{name}: version {envelope.version} was written by a newer release: {error}") from error
        except (CodecError, *UNREADABLE) as error:
            raise DamageError(envelope.version, f"not a known event: {error}") from error
        if len(lines) == _BATCH:
            check_places(events, before, stream.first_version)
            yield lines, events
            lines, events, before = [], [], envelope.version
    if lines:
        check_places(events, before, stream.first_version)
        yield lines, events


class TapePoint(Struct, frozen=True):
    """A place on the tape: a version, or the last event not later than a time."""

    version: int | None = None
    at_ns: int | None = None


def parse_point(text: str) -> TapePoint:
    """An integer is a version; anything else an RFC 3339 time with its offset. Raises SourceError."""
    if _INTEGER.fullmatch(text):
        return TapePoint(version=int(text))
    found = _RFC3339.fullmatch(text)
    try:
        if found is None:
            raise ValueError(text)
        moment = datetime.fromisoformat(f"{found['date']}T{found['time']}{(found['offset'] or 'Z').upper()}")
    except ValueError as error:
        raise SourceError(
            f"--at {text[:80]}: neither a version (an integer) nor an RFC 3339 time such as 2025-04-07T00:00:00Z"
        ) from error
    if not found["offset"]:
        raise SourceError(f"--at {text[:80]}: the time needs an offset, for example {text[:80]}Z for UTC")
    since = moment - _EPOCH
    fraction = (found["fraction"] or "")[:9].ljust(9, "0")
    return TapePoint(at_ns=(since.days * 86_400 + since.seconds) * 1_000_000_000 + int(fraction))


__all__ = ["Source", "TapePoint", "file_size", "is_file", "open_source", "parse_point"]
