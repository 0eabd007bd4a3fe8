"""The log on the event store: the only place where the bot meets its storage."""

from collections.abc import Iterator, Sequence

from core.errors import LogDamagedError, LogRefusedError
from core.ports import LoggedEvent, LogRecord, Snapshot
from eventstore.errors import DamagedError, EventStoreError
from eventstore.port import Store
from eventstore.snapshot import Snapshot as StoredSnapshot


class StoreLog:
    """One stream of an event store as the bot's log. Claims the stream, so that an earlier writer is fenced off."""

    def __init__(self, store: Store, stream: str) -> None:
        self._store = store
        self._stream = stream
        self._nonce = store.stream(stream).nonce
        self._epoch = store.claim(stream).epoch

    @property
    def nonce(self) -> str:
        """The nonce the stream was created with."""
        return self._nonce

    def append(self, expected_version: int, records: Sequence[LogRecord]) -> None:
        """Make the records durable after `expected_version`."""
        try:
            self._store.append(self._stream, expected_version, records, epoch=self._epoch)
        except EventStoreError as error:
            raise LogRefusedError(f"the log did not take version {expected_version + 1}: {error}") from error

    def read(self, after_version: int) -> Iterator[LoggedEvent]:
        """The stored events after a version."""
        try:
            for envelope in self._store.read(self._stream, after_version):
                yield LoggedEvent._make(envelope[:6])
        except DamagedError as error:
            raise LogDamagedError(str(error)) from error

    def head_version(self) -> int:
        """Version of the last stored event."""
        return self._store.head(self._stream).version

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot."""
        self._store.save_snapshot(self._stream, StoredSnapshot._make(snapshot))

    def newest_snapshot(self, behaviour: str, upto: int | None = None) -> Snapshot | None:
        """The newest sound snapshot of this behaviour."""
        found = self._store.newest_snapshot(self._stream, behaviour, upto)
        return Snapshot._make(found) if found is not None else None

    def set_aside_snapshot(self, snapshot: Snapshot, reason: str) -> None:
        """Stop using a snapshot."""
        self._store.set_aside_snapshot(self._stream, snapshot.version, snapshot.behaviour, reason)
