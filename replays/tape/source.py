"""Where events come from: a recording on file or a stream in a store, read the same way."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from perptape.core.codec import Line, decode_line
from perptape.core.config import register_strategies
from perptape.core.errors import CodecError, NewerSchemaError, StrategyLoadError
from perptape.core.settings import TradingSettings
from perptape.core.strategies import STRATEGIES
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
    """Open a recording or a stream. Raises NotARecordingError, SourceError, DamageError, EventStoreError."""
    if is_file(name):
        with open_file(Path(name), progress) as source:
            yield source
        return
    with EventStore.open(store_url) as store:
        try:
            stream = store.stream(name)
        except StreamNotFoundError as error:
            known = ", ".join(stream.name for stream in store.streams()) or "none"
            raise SourceError(
                f"{name}: neither a file nor a stream of {store.name} (streams there: {known})"
            ) from error
        header = stored_header(stream)
        load_strategies(header, Path.cwd())
        yield Source(name, header, _stored_batches(store, name))


@contextmanager
def open_file(path: Path, progress: Progress | None = None) -> Iterator[Source]:
    """Open a recording. Raises NotARecordingError and DamageError."""
    with open_recording(path) as recording:
        load_strategies(recording.header, path.absolute().parent)
        yield Source(str(path), recording.header, decoded_batches(recording, progress))


def stored_header(stream: Stream) -> Header:
    """The header of a stream's recording. Raises SourceError for a stream that no bot wrote."""
    try:
        return msgspec.json.decode(stream.metadata, type=Header)
    except UNREADABLE as error:
        raise SourceError(f"stream {stream.name!r} is not a bot's: its metadata is no recording's header") from error


def load_strategies(header: Header, folder: Path) -> None:
    """Register the user's strategies that the recorded settings name, by the files nearest to the recording.

    Their paths are looked for from its `folder` upwards, then from the working folder; what is found nowhere and is
    known already (a scenario's own) stays as it is. Raises StrategyLoadError, and DamageError(0).
    """
    try:
        settings = msgspec.json.decode(bytes(header.trading), type=TradingSettings)
    except UNREADABLE as error:
        raise DamageError(0, f"the settings in the header cannot be read: {error}") from error
    files = [kind.rpartition(":")[0] for kind in _kinds(settings) if ".py:" in kind]
    places = (folder, *folder.parents, Path.cwd())
    home = next((place for place in places if all((place / file).is_file() for file in files)), None)
    if home is None and all(kind in STRATEGIES for kind in _kinds(settings)):
        return
    for file in files:
        if not any((place / file).is_file() for place in places):
            raise StrategyLoadError(
                f"{file}: the recording's settings name this file, and it is neither in {folder}, "
                "nor in a folder above it, nor in the working folder"
            )
    register_strategies(settings, home or folder, STRATEGIES)


def _kinds(settings: TradingSettings) -> list[str]:
    return [strategy.kind for strategy in settings.strategies]


def _stored_batches(store: EventStore, name: str) -> Iterator[tuple[list[bytes], list[Line]]]:
    stream = store.stream(name)
    lines: list[bytes] = []
    events: list[Line] = []
    before = stream.first_version - 1
    for envelope in stored_envelopes(store, stream):
        line = envelope_line(envelope) + b"\n"
        lines.append(line)
        try:
            events.append(decode_line(line))
        except NewerSchemaError as error:
            raise SourceError(f"{name}: version {envelope.version} was written by a newer release: {error}") from error
        except (CodecError, *UNREADABLE) as error:
            raise DamageError(envelope.version, f"not an event of the vocabulary: {error}") from error
        if len(lines) == _BATCH:
            check_places(events, before, stream.first_version)
            yield lines, events
            lines, events, before = [], [], envelope.version
    if lines:
        check_places(events, before, stream.first_version)
        yield lines, events


class Moment(Struct, frozen=True):
    """A place on the tape: a version, or the last event not later than a time."""

    version: int | None = None
    at_ns: int | None = None


def parse_moment(text: str) -> Moment:
    """An integer is a version; anything else an RFC 3339 time with its offset. Raises SourceError."""
    if _INTEGER.fullmatch(text):
        return Moment(version=int(text))
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
        raise SourceError(f"--at {text[:80]}: the time needs its offset, for example {text[:80]}Z for UTC")
    since = moment - _EPOCH
    fraction = (found["fraction"] or "")[:9].ljust(9, "0")
    return Moment(at_ns=(since.days * 86_400 + since.seconds) * 1_000_000_000 + int(fraction))


__all__ = ["Moment", "Source", "file_size", "is_file", "open_source", "parse_moment"]
