"""The event store on a database, by URL: SQLite or PostgreSQL. Durable, and safe between threads and processes."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from types import TracebackType
from typing import Self

from eventstore import schema
from eventstore.appending import import_envelopes, stored_append
from eventstore.chain import FORMAT_NAME
from eventstore.database import Database
from eventstore.driver_sql import reading_sql
from eventstore.envelope import Envelope, RecordLike
from eventstore.errors import ConflictError, VersionNotFoundError
from eventstore.guards import check_catalogue, check_guards
from eventstore.reading import Source, pages, version_not_later, version_outside, whole_pages
from eventstore.snapshot import DAMAGED, Snapshot, SnapshotEntry, state_digest
from eventstore.snapshot_rows import list_snapshots, newest_active, put_snapshot, set_aside
from eventstore.stream import Head, Stream, new_stream
from eventstore.stream_rows import all_streams, find_stream, insert_stream, raise_epoch
from eventstore.verification import FirstBad, Verification, verify_envelopes


class EventStore:
    """A `Store` on a database; what the methods promise is said there. Open it with `EventStore.open`.

    A context manager: it closes its connections at the end.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sql = reading_sql(database.engine.dialect)

    @classmethod
    def open(cls, url: str, create: bool = False, *, busy_timeout_ms: int = 5_000) -> Self:
        """Open the store at a URL (its forms: `eventstore.backends`); with `create`, make it first if there is none.

        `busy_timeout_ms` is how long a write waits for another process's. Raises StoreUrlError, StoreMissingError,
        NotAStoreError, StoreOutdatedError, StoreTooNewError, GuardsMissingError and the rest of
        StoreUnavailableError, each with one line for the user.
        """
        if create:
            schema.initialise(url)
        database = Database(url, busy_timeout_ms)
        try:
            database.backend.require_store()
            with database.reading() as connection:
                schema.require_current(connection, database.backend)
                check_catalogue(connection, database.backend)
            with database.reading() as connection:
                database.backend.settle(connection)
        except BaseException:  # whatever it was, nothing may stay open or half done
            database.close()
            raise
        return cls(database)

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
        with self._database.writing() as connection:
            insert_stream(connection, stream)
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

    def claim(self, stream: str) -> Head:
        """Raise the stream's epoch."""
        with self._database.writing() as connection:
            return raise_epoch(connection, stream)

    def append(
        self, stream: str, expected_version: int, records: Sequence[RecordLike], *, epoch: int | None = None
    ) -> Head:
        """Add the records after `expected_version`; durable when it returns."""
        try:
            return self._database.append(stream, expected_version, records, epoch=epoch)
        except ConflictError:
            stored = stored_append(self._database, self._sql, stream, expected_version, records)
            if stored is None:
                raise
            return stored

    def read(self, stream: str, after_version: int = 0, upto: int | None = None) -> Iterator[Envelope]:
        """The events after a version, up to another one or the head."""
        stream_id, found = self._find(stream)
        after = max(after_version, found.first_version - 1)
        last = found.head.version if upto is None else min(upto, found.head.version)
        return chain.from_iterable(whole_pages(self._source(stream_id, found), after, last))

    def version_at(self, stream: str, at_ns: int) -> int | None:
        """The last version whose `at_ns` is not later."""
        stream_id, _ = self._find(stream)
        with self._database.reading() as connection:
            return version_not_later(connection, stream_id, at_ns)

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
        first, last = found.first_version, found.head.version
        stored = pages(self._source(stream_id, found), first - 1, last)
        verification = verify_envelopes(found, chain.from_iterable(stored))
        if not verification.ok:
            return verification
        with self._database.reading() as connection:
            # The head may have moved on since: what counts is that the bounds and the events agree now.
            _, now = find_stream(connection, stream)
            outside = version_outside(connection, stream_id, first, now.head.version)
        if outside is None:
            return verification
        return Verification(verification.events, FirstBad(outside, f"it lies outside the stream, {first} to {last}"))

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
        with self._database.writing() as connection:
            return import_envelopes(self._database, connection, stream, envelopes)

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

    def _source(self, stream_id: int, stream: Stream) -> Source:
        return Source(self._database, self._sql, stream_id, stream.name)

    def _find(self, name: str) -> tuple[int, Stream]:
        with self._database.reading() as connection:
            return find_stream(connection, name)
