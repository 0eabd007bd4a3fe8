"""The event store on a database, by URL: SQLite or PostgreSQL. Durable, and safe between threads and processes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from perptape.eventstore import schema
from perptape.eventstore.appending import stored_append
from perptape.eventstore.chain import FORMAT_NAME
from perptape.eventstore.condition import Condition, condition_of, data_bytes
from perptape.eventstore.database import Database
from perptape.eventstore.driver_sql import reading_sql
from perptape.eventstore.envelope import Envelope, RecordLike
from perptape.eventstore.errors import (
    ConflictError,
    FencedError,
    SealedError,
    StreamExistsError,
    StreamNotFoundError,
    VersionNotFoundError,
)
from perptape.eventstore.guards import check_catalogue, check_guards
from perptape.eventstore.importing import import_stream, refuse_unfinished
from perptape.eventstore.lease import Lease, fenced_by
from perptape.eventstore.lease_rows import Leases
from perptape.eventstore.reading import Source
from perptape.eventstore.segment import Beginning, Segment, require_stream_name
from perptape.eventstore.segmenting import Segmenting
from perptape.eventstore.snapshot import DAMAGED, Snapshot, SnapshotEntry, state_digest
from perptape.eventstore.snapshot_retention import Retention
from perptape.eventstore.snapshot_rows import list_snapshots, newest_active, prune, put_snapshot, set_aside
from perptape.eventstore.spanning import SpanningReader
from perptape.eventstore.stream import Head, Stream, new_stream
from perptape.eventstore.stream_rows import all_heads, all_streams, find_stream, insert_stream, raise_epoch
from perptape.eventstore.subscription import PATIENCE_S, Subscription
from perptape.eventstore.verification import Verification


class EventStore:
    """A `Store` on a database; what the methods promise is said there. Open it with `EventStore.open`.

    A context manager: it closes its connections at the end.
    """

    def __init__(self, database: Database, clock: Callable[[], int] | None = None) -> None:
        self._database = database
        self._leases = Leases(database, clock)
        self._sql = reading_sql(database.engine.dialect)
        self._segmenting = Segmenting(database, database.backend.archives)

    @classmethod
    def open(
        cls,
        url: str,
        create: bool = False,
        *,
        busy_timeout_ms: int = 5_000,
        clock: Callable[[], int] | None = None,
        guarded: bool = True,
    ) -> Self:
        """Open the store at a URL (`perptape.eventstore.backends`); with `create`, make it first if there is none.

        `busy_timeout_ms` is how long a write waits for another process's. Leases go by `clock` (nanoseconds since the
        epoch, UTC) instead of the database's own if there is one. `guarded` is False only for looking at a store that
        has lost a guard. Raises StoreUrlError, StoreMissingError, NotAStoreError, StoreOutdatedError,
        StoreTooNewError, GuardsMissingError and the rest of StoreUnavailableError, each with one line for the user.
        """
        if create:
            schema.initialise(url)
        database = Database(url, busy_timeout_ms)
        try:
            database.backend.require_store()
            with database.reading() as connection:
                schema.require_current(connection, database.backend)
                if guarded:
                    check_catalogue(connection, database.backend)
            with database.reading() as connection:
                database.backend.settle(connection)
        except BaseException:  # whatever it was, nothing may stay open or half done
            database.close()
            raise
        return cls(database, clock)

    @property
    def name(self) -> str:
        """The store's URL without credentials: what to print."""
        return self._database.name

    def close(self) -> None:
        """Close the store's connections; it cannot be used afterwards."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def condition(self) -> Condition:
        """Which database this is, how big, and what about it is worrying."""
        with self._database.reading() as connection:
            return condition_of(connection, self._database.backend, schema.REVISIONS[-1])

    def data_bytes(self, stream: str) -> int:
        """The bytes of all data in a stream's events, without envelopes and indexes. Reads through the stream."""
        stream_id, found = self._find(stream)
        with self._database.reading() as connection:
            return data_bytes(connection, stream_id, found.first_version - 1, found.head.version)

    def check_guards(self) -> None:
        """Prove that stored events cannot be changed, by trying. Raises GuardsMissingError. Takes the write lock."""
        check_guards(self._database)

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
        try:
            with self._database.writing() as connection:
                insert_stream(connection, stream)
        except StreamExistsError as refusal:
            raise refuse_unfinished(self._database, name, refusal) from None
        return stream

    def streams(self) -> list[Stream]:
        """Every stream, by name."""
        with self._database.reading() as connection:
            return all_streams(connection)

    def stream(self, name: str) -> Stream:
        """One stream's identity and head."""
        return self._find(name)[1]

    def head(self, stream: str) -> Head:
        """Where the stream ends."""
        return self._find(stream)[1].head

    def heads(self) -> dict[str, Head]:
        """Where each stream ends."""
        with self._database.reading() as connection:
            return all_heads(connection)

    def subscribe(
        self, cursors: Mapping[str, int] | None = None, *, new_streams: bool = False, patience_s: float = PATIENCE_S
    ) -> Subscription:
        """Follow streams from these cursors on."""
        return Subscription(self, self._database.watch, cursors or {}, new_streams=new_streams, patience_s=patience_s)

    def claim(self, stream: str) -> Head:
        """Raise the stream's epoch."""
        with self._database.writing() as connection:
            return raise_epoch(connection, stream)

    def acquire(self, stream: str, holder: str, ttl_s: float, *, take_over: bool | Lease = False) -> Lease:
        """Become the stream's only writer."""
        return self._leases.acquire(stream, holder, ttl_s, take_over)

    def renew(self, lease: Lease) -> Lease:
        """Begin the lease's time anew."""
        return self._leases.renew(lease)

    def release(self, lease: Lease) -> None:
        """Give the stream back."""
        self._leases.release(lease)

    def lease(self, stream: str) -> Lease | None:
        """Who writes to the stream."""
        return self._leases.find(stream)

    def append(
        self, stream: str, expected_version: int, records: Sequence[RecordLike], *, epoch: int | None = None
    ) -> Head:
        """Add the records after `expected_version`; durable when it returns."""
        try:
            return self._database.append(stream, expected_version, records, epoch=epoch)
        except FencedError as refusal:
            raise fenced_by(refusal, self.lease(stream)) from None
        except (ConflictError, SealedError, StreamNotFoundError):
            stored = stored_append(self._database, self._sql, stream, expected_version, records)
            if stored is not None:
                return stored
            name = self._segmenting.open_name(stream, expected_version)  # raises SealedError with the successor
            if name == stream:
                raise
            return self.append(name, expected_version, records, epoch=epoch)

    def read(self, stream: str, after_version: int = 0, upto: int | None = None) -> Iterator[Envelope]:
        """The events after a version, up to another one or the head."""
        stream_id, found = self._find(stream)
        after = max(after_version, found.first_version - 1)
        last = found.head.version if upto is None else min(upto, found.head.version)
        return self._reader(stream_id, found).read(after, last)

    def read_backward(self, stream: str, before_version: int | None = None, down_to: int = 0) -> Iterator[Envelope]:
        """The events before a version, or all, newest first, down to another one."""
        stream_id, found = self._find(stream)
        end = found.head.version + 1
        before = end if before_version is None else min(before_version, end)
        first = max(down_to, found.first_version)
        return self._reader(stream_id, found).read_backward(before, first)

    def version_at(self, stream: str, at_ns: int) -> int | None:
        """The last version whose `at_ns` is not later."""
        stream_id, found = self._find(stream)
        return self._reader(stream_id, found).version_at(found.first_version - 1, found.head.version, at_ns)

    def between(self, stream: str, from_ns: int, to_ns: int) -> Iterator[Envelope]:
        """The events at a time or later and before another one."""
        stream_id, found = self._find(stream)
        reader = self._reader(stream_id, found)
        return reader.between(found.first_version - 1, found.head.version, from_ns, to_ns)

    def hash_at(self, stream: str, version: int) -> bytes:
        """The hash of the event at a version, or the opening hash just before the first."""
        found = self.stream(stream)
        if version == found.first_version - 1:
            return found.opening_hash
        envelope = next(self.read(stream, version - 1, version), None)
        if envelope is None or envelope.version != version:
            raise VersionNotFoundError(stream, version, found.first_version, found.head.version)
        return envelope.hash

    def verify(self, stream: str) -> Verification:
        """Compute the whole chain again and compare."""
        stream_id, found = self._find(stream)
        return self._reader(stream_id, found).verify(found, lambda: self.stream(found.name))

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
        try:
            return import_stream(self._database, self._sql, stream, envelopes)
        except StreamExistsError as refusal:
            raise refuse_unfinished(self._database, name, refusal) from None

    def segments(self, stream: str) -> list[Segment]:
        """The parts of the stream between its seals."""
        return self._segmenting.segments(stream)

    def seal(self, stream: str, *, epoch: int | None = None) -> Head:
        """Close the stream's last segment for ever."""
        with self._leases.naming_holders():
            return self._segmenting.seal(stream, epoch)

    def continue_stream(
        self, stream: str, expected_version: int, beginning: Beginning, *, epoch: int | None = None
    ) -> Head:
        """Seal the stream's last segment and begin the next one with its opening."""
        with self._leases.naming_holders():
            return self._segmenting.continue_stream(stream, expected_version, beginning, epoch)

    def archive(self, segment: str, file: Path) -> Segment:
        """Leave the events of a sealed segment to a file."""
        return self._segmenting.archive(segment, file)

    @property
    def archives(self) -> Path | None:
        """The folder of this store's archives; None when nobody said where."""
        return self._database.backend.archives

    def save_snapshot(self, stream: str, snapshot: Snapshot) -> None:
        """Keep a snapshot."""
        with self._database.writing() as connection:
            stream_id, found = find_stream(connection, stream)
            first, last = found.first_version, found.head.version
            if not first - 1 <= snapshot.version <= last:
                raise VersionNotFoundError(stream, snapshot.version, first, last)
            put_snapshot(connection, stream_id, snapshot)

    def newest_snapshot(self, stream: str, behaviour: str, upto: int | None = None) -> Snapshot | None:
        """The newest sound snapshot of this behaviour."""
        stream_id, found = self._find(stream)
        last = found.head.version if upto is None else min(upto, found.head.version)
        while True:
            with self._database.reading() as connection:
                newest = newest_active(connection, stream_id, behaviour, last)
            if newest is None:
                return None
            snapshot, digest = newest
            if state_digest(snapshot.state) == digest:
                return snapshot
            self.set_aside_snapshot(stream, snapshot.version, behaviour, DAMAGED)

    def snapshots(self, stream: str) -> list[SnapshotEntry]:
        """Every snapshot of the stream."""
        stream_id, _ = self._find(stream)
        with self._database.reading() as connection:
            return list_snapshots(connection, stream_id)

    def set_aside_snapshot(self, stream: str, version: int, behaviour: str, reason: str) -> None:
        """Stop using a snapshot."""
        with self._database.writing() as connection:
            stream_id, _ = find_stream(connection, stream)
            set_aside(connection, stream_id, version, behaviour, reason)

    def prune_snapshots(self, stream: str, retention: Retention) -> list[SnapshotEntry]:
        """Delete the snapshots that need not be kept."""
        with self._database.writing() as connection:
            stream_id, found = find_stream(connection, stream)
            return prune(connection, stream_id, found.head.version, retention)

    def _reader(self, stream_id: int, stream: Stream) -> SpanningReader:
        return SpanningReader(Source(self._database, self._sql, stream_id, stream.name), self.archives)

    def _find(self, name: str) -> tuple[int, Stream]:
        with self._database.reading() as connection:
            return find_stream(connection, name)
