"""The log on the event store: the only place where the bot meets its storage."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from secrets import token_hex
from time import monotonic_ns
from types import TracebackType
from typing import Self

from perptape.core.edge.storage.holder import is_known_dead, this_process
from perptape.core.edge.storage.inbox import received
from perptape.core.errors import LogDamagedError, LogRefusedError
from perptape.core.events import OperatorCommandReceived
from perptape.core.ports import LoggedEvent, LogRecord, Snapshot
from perptape.eventstore.chain import FORMAT_NAME
from perptape.eventstore.errors import DamagedError, EventStoreError, LeaseLostError, StreamExistsError
from perptape.eventstore.port import Store
from perptape.eventstore.snapshot import Snapshot as StoredSnapshot
from perptape.eventstore.snapshot_retention import Retention
from perptape.eventstore.store import EventStore

LEASE_S = 30
"""How long a writer that vanished keeps another one waiting, in seconds."""

_EVENTS_BETWEEN = 1_024
"""So many events are read between two looks at the clock."""


class StoreLog:
    """One stream of an event store as the bot's log, under a lease: this process alone appends to it.

    The lease is taken over at once from a process that surely ended, and from anybody with `take_over`. It is renewed
    by the way, when an append or a read finds that a third of its time has passed (on `clock`, in nanoseconds); a
    quiet log's lease runs out, and is this log's still until somebody takes it, unless somebody calls `keep` by and by.
    A context manager: the lease is given back at the end.

    Making one raises StreamNotFoundError, and LeaseHeldError while another writer holds the stream.
    """

    def __init__(
        self,
        store: Store,
        stream: str,
        retention: Retention | None = None,
        *,
        command: str = "perptape",
        take_over: bool = False,
        clock: Callable[[], int] = monotonic_ns,
    ) -> None:
        self._store = store
        self._stream = stream
        self._clock = clock
        self._retention = retention or Retention()
        self._nonce = store.stream(stream).nonce
        found = store.lease(stream)
        dead = found if found is not None and is_known_dead(found.holder) else False
        self._renewed_ns = clock()
        self._lease = store.acquire(stream, this_process(command), LEASE_S, take_over=take_over or dead)

    def close(self) -> None:
        """Give the stream back; a store that cannot be reached any more does so when the lease expires."""
        with suppress(EventStoreError):
            self._store.release(self._lease)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def nonce(self) -> str:
        """The nonce the stream was created with."""
        return self._nonce

    def append(self, expected_version: int, records: Sequence[LogRecord]) -> None:
        """Make the records durable after `expected_version`."""
        try:
            self._keep_lease()
            self._store.append(self._stream, expected_version, records, epoch=self._lease.epoch)
        except EventStoreError as error:
            raise LogRefusedError(f"the log did not take version {expected_version + 1}: {error}") from error

    def read(self, after_version: int) -> Iterator[LoggedEvent]:
        """The stored events after a version."""
        try:
            for number, envelope in enumerate(self._store.read(self._stream, after_version)):
                if number % _EVENTS_BETWEEN == 0:
                    self._keep_lease()
                yield LoggedEvent._make(envelope[:6])
        except DamagedError as error:
            raise LogDamagedError(str(error)) from error
        except LeaseLostError as error:
            raise LogRefusedError(f"the log is read-only now: {error}") from error

    def commands(self, after_version: int) -> Iterator[OperatorCommandReceived]:
        """What operators have put into the bot's inbox after a version of it."""
        return received(self._store, self._stream, after_version)

    def head_version(self) -> int:
        """Version of the last stored event."""
        return self._store.head(self._stream).version

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot, and drop those that need not be kept any longer."""
        self._store.save_snapshot(self._stream, StoredSnapshot._make(snapshot))
        self._store.prune_snapshots(self._stream, self._retention)

    def newest_snapshot(self, behaviour: str, upto: int | None = None) -> Snapshot | None:
        """The newest sound snapshot of this behaviour."""
        found = self._store.newest_snapshot(self._stream, behaviour, upto)
        return Snapshot._make(found) if found is not None else None

    def set_aside_snapshot(self, snapshot: Snapshot, reason: str) -> None:
        """Stop using a snapshot."""
        self._store.set_aside_snapshot(self._stream, snapshot.version, snapshot.behaviour, reason)

    def keep(self) -> None:
        """Renew the lease when a third of its time has passed, for a log that nothing is appended to.

        Raises LogRefusedError when another writer took it, and EventStoreError when the store cannot be reached just
        now: the lease lasts a while yet.
        """
        try:
            self._keep_lease()
        except LeaseLostError as error:
            raise LogRefusedError(f"the log is read-only now: {error}") from error

    def _keep_lease(self) -> None:
        now_ns = self._clock()
        if now_ns - self._renewed_ns >= self._lease.ttl_ns // 3:
            self._lease = self._store.renew(self._lease)
            self._renewed_ns = now_ns


@contextmanager
def opened_log(
    url: str,
    stream: str,
    *,
    metadata: bytes | None = None,
    form: str = "",
    nonce: str = "",
    command: str = "perptape",
) -> Iterator[StoreLog]:
    """The log of a stream in the store at this URL, for as long as the block lasts.

    With `metadata` (the recording header of the stream, and `form`, its chain's name) store and stream are made if
    there are none, the stream with this nonce or, without one, a random one. Raises LogRefusedError when the store
    cannot be opened, has no such stream, or another process writes there.
    """
    with ExitStack() as held:
        try:
            store = held.enter_context(EventStore.open(url, create=metadata is not None))
            if metadata is not None:
                with suppress(StreamExistsError):
                    store.create_stream(stream, nonce or token_hex(16), metadata, format_name=form or FORMAT_NAME)
            log = held.enter_context(StoreLog(store, stream, command=command))
        except EventStoreError as error:
            raise LogRefusedError(str(error)) from error
        yield log
