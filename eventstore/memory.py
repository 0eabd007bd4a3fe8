"""The event store in memory: for tests, and for sessions that nobody wants to keep."""

from bisect import insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from eventstore.chain import FORMAT_NAME
from eventstore.envelope import Envelope, RecordLike
from eventstore.errors import (
    ConflictError,
    DamagedError,
    FencedError,
    StreamExistsError,
    StreamNotFoundError,
    VersionNotFoundError,
)
from eventstore.linking import BrokenLink, checked_for_storing, linked
from eventstore.snapshot import DAMAGED, Snapshot, SnapshotEntry, state_digest
from eventstore.stream import Head, Stream, new_stream
from eventstore.verification import Verification, verify_envelopes


@dataclass(slots=True)
class StreamInMemory:
    """One stream's identity, events and snapshots, in plain lists."""

    stream: Stream
    envelopes: list[Envelope] = field(default_factory=list)
    snapshots: list[tuple[SnapshotEntry, bytes]] = field(default_factory=list)

    def index(self, version: int) -> int:
        """Where the event of a version lies in `envelopes`; below zero before the first."""
        return version - self.stream.first_version


class MemoryStore:
    """A `Store` that lasts as long as the object."""

    def __init__(self) -> None:
        self.held: dict[str, StreamInMemory] = {}

    def create_stream(
        self,
        name: str,
        nonce: str,
        metadata: bytes,
        *,
        first_version: int = 1,
        previous_hash: bytes | None = None,
        format_name: str = FORMAT_NAME,
    ) -> Stream:
        """Begin a stream."""
        stream = new_stream(
            name, nonce, metadata, format_name=format_name, first_version=first_version, previous_hash=previous_hash
        )
        if name in self.held:
            raise StreamExistsError(name)
        self.held[name] = StreamInMemory(stream)
        return stream

    def streams(self) -> list[Stream]:
        """Every stream, by name."""
        return [self.held[name].stream for name in sorted(self.held)]

    def stream(self, name: str) -> Stream:
        """One stream's identity and head."""
        return self._held(name).stream

    def head(self, stream: str) -> Head:
        """Where the stream ends."""
        return self._held(stream).stream.head

    def claim(self, stream: str) -> Head:
        """Raise the stream's epoch."""
        held = self._held(stream)
        head = held.stream.head
        return self._move_head(held, head._replace(epoch=head.epoch + 1))

    def append(
        self, stream: str, expected_version: int, records: Sequence[RecordLike], *, epoch: int | None = None
    ) -> Head:
        """Add the records after `expected_version`."""
        held = self._held(stream)
        head = held.stream.head
        if epoch is not None and epoch != head.epoch:
            raise FencedError(stream, epoch, head.epoch)
        if expected_version != head.version:
            return self._repeated(held, expected_version, records)
        envelopes = [Envelope(*fields) for fields in linked(head.hash, head.version, records)]
        if not envelopes:
            return head
        held.envelopes += envelopes
        return self._move_head(held, Head(envelopes[-1].version, envelopes[-1].hash, head.epoch))

    def read(self, stream: str, after_version: int = 0, upto: int | None = None) -> Iterator[Envelope]:
        """The events after a version, up to another one or the head."""
        held = self._held(stream)
        last = held.stream.head.version if upto is None else min(upto, held.stream.head.version)
        start = max(held.index(after_version + 1), 0)
        return islice(held.envelopes, start, max(held.index(last) + 1, start))

    def version_at(self, stream: str, at_ns: int) -> int | None:
        """The last version whose `at_ns` is not later."""
        newest_first = reversed(self._held(stream).envelopes)
        return next((envelope.version for envelope in newest_first if envelope.at_ns <= at_ns), None)

    def hash_at(self, stream: str, version: int) -> bytes:
        """The hash of the event at a version, or the opening hash just before the first."""
        held = self._held(stream)
        first, last = held.stream.first_version, held.stream.head.version
        if version == first - 1:
            return held.stream.opening_hash
        if not first <= version <= last:
            raise VersionNotFoundError(stream, version, first, last)
        return held.envelopes[held.index(version)].hash

    def verify(self, stream: str) -> Verification:
        """Compute the whole chain again and compare."""
        held = self._held(stream)
        return verify_envelopes(held.stream, held.envelopes)

    def import_stream(
        self,
        name: str,
        nonce: str,
        metadata: bytes,
        envelopes: Iterable[Envelope],
        *,
        first_version: int = 1,
        previous_hash: bytes | None = None,
        format_name: str = FORMAT_NAME,
    ) -> Head:
        """Make a stream of events that come with their hashes."""
        stream = new_stream(
            name, nonce, metadata, format_name=format_name, first_version=first_version, previous_hash=previous_hash
        )
        if name in self.held:
            raise StreamExistsError(name)
        try:
            stored = list(checked_for_storing(stream.head.hash, stream.head.version, envelopes))
        except BrokenLink as broken:
            raise DamagedError(name, broken.version, broken.reason) from broken
        held = self.held[name] = StreamInMemory(stream, stored)
        return self._move_head(held, Head(stored[-1].version, stored[-1].hash, 0)) if stored else stream.head

    def save_snapshot(self, stream: str, snapshot: Snapshot) -> None:
        """Keep a snapshot."""
        held = self._held(stream)
        first, last = held.stream.first_version, held.stream.head.version
        if not first - 1 <= snapshot.version <= last:
            raise VersionNotFoundError(stream, snapshot.version, first, last)
        self._drop_snapshot(held, snapshot.version, snapshot.behaviour)
        digest, size = state_digest(snapshot.state), len(snapshot.state)
        entry = SnapshotEntry(snapshot.version, snapshot.behaviour, digest, size, "active", None)
        insort(held.snapshots, (entry, snapshot.state))

    def newest_snapshot(self, stream: str, behaviour: str, upto: int | None = None) -> Snapshot | None:
        """The newest sound snapshot of this behaviour."""
        held = self._held(stream)
        last = held.stream.head.version if upto is None else min(upto, held.stream.head.version)
        for entry, state in reversed(held.snapshots[:]):
            if entry.behaviour != behaviour or entry.version > last or entry.status != "active":
                continue
            if state_digest(state) == entry.state_digest:
                return Snapshot(entry.version, behaviour, state)
            self.set_aside_snapshot(stream, entry.version, behaviour, DAMAGED)
        return None

    def snapshots(self, stream: str) -> list[SnapshotEntry]:
        """Every snapshot of the stream."""
        return [entry for entry, _ in self._held(stream).snapshots]

    def set_aside_snapshot(self, stream: str, version: int, behaviour: str, reason: str) -> None:
        """Stop using a snapshot."""
        held = self._held(stream)
        held.snapshots = [
            (entry._replace(status="set_aside", reason=reason), state)
            if (entry.version, entry.behaviour) == (version, behaviour)
            else (entry, state)
            for entry, state in held.snapshots
        ]

    def _held(self, name: str) -> StreamInMemory:
        try:
            return self.held[name]
        except KeyError:
            raise StreamNotFoundError(name) from None

    @staticmethod
    def _move_head(held: StreamInMemory, head: Head) -> Head:
        held.stream = held.stream._replace(head=head)
        return head

    def _repeated(self, held: StreamInMemory, expected: int, records: Sequence[RecordLike]) -> Head:
        name, head = held.stream.name, held.stream.head
        start = held.index(expected + 1)
        if records and start >= 0 and expected + len(records) <= head.version:
            again = linked(self.hash_at(name, expected), expected, records)
            if again == held.envelopes[start : start + len(again)]:
                last = held.envelopes[start + len(again) - 1]
                return Head(last.version, last.hash, head.epoch)
        raise ConflictError(name, expected, head.version)

    @staticmethod
    def _drop_snapshot(held: StreamInMemory, version: int, behaviour: str) -> None:
        held.snapshots = [
            (entry, state)
            for entry, state in held.snapshots
            if (entry.version, entry.behaviour) != (version, behaviour)
        ]
