"""Reading a chain alone: a recording's or a stream's hashes, whoever wrote the events and whatever they mean."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
from msgspec import Struct

from perptape.eventstore.checkpoint_proof import Pinned
from perptape.eventstore.store import EventStore
from perptape.eventstore.stream import Stream
from perptape.eventstore.verification import FirstBad
from perptape.replays.tape.errors import DamageError
from perptape.replays.tape.header import HASH, Header, form_name, form_of
from perptape.replays.tape.reader import Progress, open_recording
from perptape.replays.tape.source import find_stream, is_file
from perptape.replays.tape.stored import stored_envelopes


class ChainRead(NamedTuple):
    """A chain read to its end, or to where it is damaged."""

    pinned: Pinned
    """With the hashes of the wanted versions that were reached, and of the last one."""
    at_ns: int
    """Time of the last event read; 0 without events."""
    damage: FirstBad | None


class _Link(NamedTuple):
    version: int
    hash: bytes
    at_ns: int


class _Timed(Struct):
    at_ns: int


def read_chain(name: str, store_url: str, wanted: Collection[int], progress: Progress | None = None) -> ChainRead:
    """Compute the chain of a recording or stream again, keeping the hashes of the wanted versions.

    Raises NotARecordingError, SourceError, DamageError (the header) and EventStoreError.
    """
    if is_file(name):
        with open_recording(Path(name)) as recording:
            batches = recording.batches(progress)
            return _read(_of_header(recording.header), _file_links(recording.header, batches, wanted), wanted)
    with EventStore.open(store_url) as store:
        stream = find_stream(store, name)
        return _read(_of_stream(stream), _stream_links(store, name, stream), wanted)


def _read(start: Pinned, links: Iterator[_Link], wanted: Collection[int]) -> ChainRead:
    hashes: dict[int, bytes] = {}
    last = _Link(start.first_version - 1, start.opening_hash, 0)
    damage: FirstBad | None = None
    try:
        for last in links:
            if last.version in wanted:
                hashes[last.version] = last.hash
    except DamageError as found:
        damage = FirstBad(found.version, found.reason)
    hashes[last.version] = last.hash
    return ChainRead(start._replace(last_version=last.version, hashes=hashes), last.at_ns, damage)


def _file_links(header: Header, batches: Iterator[list[bytes]], wanted: Collection[int]) -> Iterator[_Link]:
    """The links that are wanted and the last of each batch: to read the time of every line would cost more."""
    version = header.first_version - 1
    for lines in batches:
        last = version + len(lines)
        for at in sorted({at for at in wanted if version < at < last} | {last}):
            line = lines[at - version - 1]
            yield _Link(at, line[HASH], _time(line, at))
        version = last


def _stream_links(store: EventStore, name: str, stream: Stream) -> Iterator[_Link]:
    for envelope in stored_envelopes(store, name, stream):
        yield _Link(envelope.version, envelope.hash, envelope.at_ns)


def _time(line: bytes, version: int) -> int:
    try:
        return msgspec.json.decode(line, type=_Timed).at_ns
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DamageError(version, f"not an event: {error}") from error


def _of_header(header: Header) -> Pinned:
    form = form_name(form_of(header))
    opening = header.previous_hash.encode()
    return Pinned(header.stream, form, header.first_version, opening, header.first_version - 1, {})


def _of_stream(stream: Stream) -> Pinned:
    first = stream.first_version
    return Pinned(stream.name, form_name(stream.format_name), first, stream.opening_hash, first - 1, {})
