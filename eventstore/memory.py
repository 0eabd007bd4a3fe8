"""The event store in memory: for tests, and for sessions that nobody wants to keep."""

from bisect import insort
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import time_ns

from perptape.eventstore.archive_file import archive_of
from perptape.eventstore.chain import FORMAT_NAME
from perptape.eventstore.envelope import Envelope, RecordLike
from perptape.eventstore.errors import (
    ConflictError,
    DamagedError,
    FencedError,
    InvalidStreamError,
    StreamExistsError,
    StreamNotFoundError,
    VersionNotFoundError,
)
from perptape.eventstore.lease import Lease, fenced_by, renewed, require_free, time_to_live_ns
from perptape.eventstore.linking import BrokenLink, checked_for_storing, linked
from perptape.eventstore.memory_stream import StreamInMemory
from perptape.eventstore.segment import (
    Beginning,
    Begun,
    Segment,
    address,
    open_name,
    require_stream_name,
    segment_named,
)
from perptape.eventstore.snapshot import DAMAGED, Snapshot, SnapshotEntry, state_digest
from perptape.eventstore.snapshot_retention import DatedSnapshot, Retention, expired
from perptape.eventstore.stream import Head, Stream, new_stream
from perptape.eventstore.subscription import PATIENCE_S, Subscription
from perptape.eventstore.verification import Verification, verify_envelopes
from perptape.eventstore.watch import Changes


class MemoryStore:
    """A `Store` that lasts as long as the object."""

    def __init__(self, clock: Callable[[], int] = time_ns) -> None:
        self.held: dict[str, StreamInMemory] = {}
        self._clock = clock
        self._changes = Changes()

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
        require_stream_name(name)
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

    def heads(self) -> dict[str, Head]:
        """Where each stream ends."""
        return {name: held.stream.head for name, held in self.held.copy().items()}

    def subscribe(
        self, cursors: Mapping[str, int] | None = None, *, new_streams: bool = False, patience_s: float = PATIENCE_S
    ) -> Subscription:
        """Follow streams from these cursors on."""
        return Subscription(self, self._changes.watch, cursors or {}, new_streams=new_streams, patience_s=patience_s)

    def claim(self, stream: str) -> Head:
        """Raise the stream's epoch."""
        held = self._held(stream)
        head = held.stream.head
        return self._move_head(held, head._replace(epoch=head.epoch + 1))

    def acquire(self, stream: str, holder: str, ttl_s: float, *, take_over: bool | Lease = False) -> Lease:
        """Become the stream's only writer."""
        ttl_ns = time_to_live_ns(holder, ttl_s)
        held = self._held(stream)
        now_ns = self._clock()
        require_free(held.lease_in_force, take_over, now_ns)
        held.lease = Lease(stream, holder, self.claim(stream).epoch, now_ns, ttl_ns, now_ns + ttl_ns)
        return held.lease

    def renew(self, lease: Lease) -> Lease:
        """Begin the lease's time anew."""
        held = self._held(lease.stream)
        held.lease = renewed(lease, held.lease_in_force, self._clock())
        return held.lease

    def release(self, lease: Lease) -> None:
        """Give the stream back."""
        held = self._held(lease.stream)
        if held.lease_in_force is not None and held.lease_in_force.epoch == lease.epoch:
            self.claim(lease.stream)

    def lease(self, stream: str) -> Lease | None:
        """Who writes to the stream."""
        return self._held(stream).lease_in_force

    def append(
        self, stream: str, expected_version: int, records: Sequence[RecordLike], *, epoch: int | None = None
    ) -> Head:
        """Add the records after `expected_version`."""
        if stream not in self.held:
            stream = open_name(self._whole(stream).segments, stream, expected_version)
        held = self._held(stream)
        head = held.stream.head
        if held.sealed:
            return self._repeated(held, expected_version, records)
        if epoch is not None and epoch != head.epoch:
            raise fenced_by(FencedError(stream, epoch, head.epoch), held.lease_in_force)
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
        return map(held.envelopes.__getitem__, range(start, held.index(last) + 1))

    def read_backward(self, stream: str, before_version: int | None = None, down_to: int = 0) -> Iterator[Envelope]:
        """The events before a version, or all, newest first, down to another one."""
        held = self._held(stream)
        end = held.stream.head.version + 1
        before = end if before_version is None else min(before_version, end)
        first = max(held.index(down_to), 0)
        return map(held.envelopes.__getitem__, range(held.index(before) - 1, first - 1, -1))

    def version_at(self, stream: str, at_ns: int) -> int | None:
        """The last version whose `at_ns` is not later."""
        newest_first = reversed(self._held(stream).envelopes)
        return next((envelope.version for envelope in newest_first if envelope.at_ns <= at_ns), None)

    def between(self, stream: str, from_ns: int, to_ns: int) -> Iterator[Envelope]:
        """The events at a time or later and before another one."""
        return (envelope for envelope in self.read(stream) if from_ns <= envelope.at_ns < to_ns)

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
        require_stream_name(name)
        if name in self.held:
            raise StreamExistsError(name)
        try:
            stored = list(checked_for_storing(stream.head.hash, stream.head.version, envelopes))
        except BrokenLink as broken:
            raise DamagedError(name, broken.version, broken.reason) from broken
        held = self.held[name] = StreamInMemory(stream, stored)
        return self._move_head(held, Head(stored[-1].version, stored[-1].hash, 0)) if stored else stream.head

    def segments(self, stream: str) -> list[Segment]:
        """The parts of the stream between its seals."""
        found = self._whole(stream).segments
        return found if address(stream).number is None else [segment_named(found, stream)]

    def seal(self, stream: str, *, epoch: int | None = None) -> Head:
        """Close the stream's last segment for ever."""
        held = self._held(stream)
        self._require_epoch(held, epoch)
        held.sealed = True
        return held.stream.head

    def continue_stream(
        self, stream: str, expected_version: int, beginning: Beginning, *, epoch: int | None = None
    ) -> Head:
        """Seal the stream's last segment and begin the next one with its opening."""
        held = self._held(stream)
        nonce, metadata, opening = beginning
        head = held.stream.head
        if held.begun and held.begun[-1].first_version == expected_version + 1:
            envelopes = linked(held.begun[-1].previous_hash, expected_version, [opening])
            if envelopes[0] == held.envelopes[held.index(expected_version + 1)]:
                return head._replace(version=expected_version + 1, hash=envelopes[0][-1])
        self._require_epoch(held, epoch)
        if expected_version != head.version:
            raise ConflictError(stream, expected_version, head.version)
        if head.version < held.segments[-1].stream.first_version:
            raise InvalidStreamError(f"stream {stream!r} has no events yet: nothing to continue")
        [(*_, digest)] = envelopes = linked(head.hash, head.version, [opening])
        held.begun.append(Begun(len(held.begun) + 2, nonce, metadata, head.version + 1, head.hash))
        held.sealed = False
        held.envelopes += (Envelope(*fields) for fields in envelopes)
        return self._move_head(held, Head(head.version + 1, digest, head.epoch))

    def archive(self, segment: str, file: Path) -> Segment:
        """Remember the file of a sealed segment. Its events stay: they are gone with this store anyway."""
        held = self._whole(segment)
        found = segment_named(held.segments, segment)
        if found.archive is None:
            held.archives.append(archive_of(None, found, file))
        return segment_named(held.segments, segment)

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

    def prune_snapshots(self, stream: str, retention: Retention) -> list[SnapshotEntry]:
        """Delete the snapshots that need not be kept."""
        held = self._held(stream)
        dated = [DatedSnapshot(entry, held.at_ns(entry.version)) for entry, _ in held.snapshots]
        entries = expired(dated, held.at_ns(held.stream.head.version) or 0, retention)
        for entry in entries:
            self._drop_snapshot(held, entry.version, entry.behaviour)
        return entries

    def _held(self, name: str) -> StreamInMemory:
        if name in self.held:
            return self.held[name]
        held = self._whole(name)
        return held.part(segment_named(held.segments, name))

    def _whole(self, name: str) -> StreamInMemory:
        """The stream that a name means, or means a segment of."""
        try:
            return self.held[address(name).stream]
        except KeyError:
            raise StreamNotFoundError(name) from None

    @staticmethod
    def _require_epoch(held: StreamInMemory, epoch: int | None) -> None:
        if epoch is not None and epoch != held.stream.head.epoch:
            raise fenced_by(FencedError(held.stream.name, epoch, held.stream.head.epoch), held.lease_in_force)

    def _move_head(self, held: StreamInMemory, head: Head) -> Head:
        held.stream = held.stream._replace(head=head)
        self._changes.add()
        return head

    def _repeated(self, held: StreamInMemory, expected: int, records: Sequence[RecordLike]) -> Head:
        name, head = held.stream.name, held.stream.head
        start = held.index(expected + 1)
        if records and start >= 0 and expected + len(records) <= head.version:
            again = linked(self.hash_at(name, expected), expected, records)
            if again == held.envelopes[start : start + len(again)]:
                last = held.envelopes[start + len(again) - 1]
                return Head(last.version, last.hash, head.epoch)
        open_name(held.segments, name, expected)
        raise ConflictError(name, expected, head.version)

    @staticmethod
    def _drop_snapshot(held: StreamInMemory, version: int, behaviour: str) -> None:
        held.snapshots = [
            (entry, state)
            for entry, state in held.snapshots
            if (entry.version, entry.behaviour) != (version, behaviour)
        ]
