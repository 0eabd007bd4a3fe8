"""The rows of the table `leases`, and what is done to them: each time with the stream's head locked.

An append locks the same head, so that whoever acquires, renews, releases or appends waits for whoever does so already.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, delete, insert, select, update

from perptape.eventstore.database import Database
from perptape.eventstore.errors import FencedError, StreamNotFoundError
from perptape.eventstore.head_row import HeadRow
from perptape.eventstore.lease import Lease, fenced_by, renewed, require_free, time_to_live_ns
from perptape.eventstore.stream_rows import find_stream, raise_epoch
from perptape.eventstore.tables import HEADS, LEASES, STREAMS

_IN_FORCE = (
    select(STREAMS.c.name, LEASES.c.holder, LEASES.c.epoch, LEASES.c.since_ns, LEASES.c.ttl_ns, LEASES.c.expires_at_ns)
    .join(LEASES, LEASES.c.stream_id == STREAMS.c.id)
    .join(HEADS, (HEADS.c.stream_id == STREAMS.c.id) & (HEADS.c.epoch == LEASES.c.epoch))
)


class Leases:
    """The leases of one store. With a `clock` (nanoseconds since the epoch, UTC), its time and not the database's."""

    def __init__(self, database: Database, clock: Callable[[], int] | None) -> None:
        self._database = database
        self._clock = clock

    def find(self, stream: str) -> Lease | None:
        """The lease in force, expired or not; None when there is none. Raises StreamNotFoundError."""
        with self._database.reading() as connection:
            find_stream(connection, stream)
            return _in_force(connection, stream)

    def acquire(self, stream: str, holder: str, ttl_s: float, take_over: bool | Lease) -> Lease:
        """Give the stream to this holder. Raises InvalidLeaseError, LeaseHeldError and StreamNotFoundError."""
        ttl_ns = time_to_live_ns(holder, ttl_s)
        with self._database.writing() as connection:
            head = _locked_head(connection, stream)
            now_ns = self._now_ns(connection)
            require_free(_in_force(connection, stream), take_over, now_ns)
            epoch = raise_epoch(connection, stream).epoch
            lease = Lease(stream, holder, epoch, now_ns, ttl_ns, now_ns + ttl_ns)
            _drop(connection, head)
            connection.execute(insert(LEASES).values((head.stream_id, *lease[1:])))
        return lease

    def renew(self, lease: Lease) -> Lease:
        """Give the lease all its time again. Raises LeaseLostError and StreamNotFoundError."""
        with self._database.writing() as connection:
            head = _locked_head(connection, lease.stream)
            again = renewed(lease, _in_force(connection, lease.stream), self._now_ns(connection))
            ours = LEASES.c.stream_id == head.stream_id
            connection.execute(update(LEASES).where(ours).values(expires_at_ns=again.expires_at_ns))
        return again

    def release(self, lease: Lease) -> None:
        """End the lease, if it is in force; its holder is fenced off. Raises StreamNotFoundError."""
        with self._database.writing() as connection:
            head = _locked_head(connection, lease.stream)
            found = _in_force(connection, lease.stream)
            if found is None or found.epoch != lease.epoch:
                return
            _drop(connection, head)
            raise_epoch(connection, lease.stream)

    @contextmanager
    def naming_holders(self) -> Iterator[None]:
        """Let a FencedError say who holds its stream now."""
        try:
            yield
        except FencedError as refusal:
            raise fenced_by(refusal, self.find(refusal.stream)) from None

    def _now_ns(self, connection: Connection) -> int:
        # Asked once the head is locked: the wait for the lock may have outlived a lease.
        return self._database.backend.now_ns(connection) if self._clock is None else self._clock()


def _locked_head(connection: Connection, stream: str) -> HeadRow:
    heads = select(*HEADS.columns).join(STREAMS, STREAMS.c.id == HEADS.c.stream_id).where(STREAMS.c.name == stream)
    row = connection.execute(heads.with_for_update(of=HEADS)).one_or_none()
    if row is None:
        raise StreamNotFoundError(stream)
    return HeadRow(*row)


def _in_force(connection: Connection, stream: str) -> Lease | None:
    row = connection.execute(_IN_FORCE.where(STREAMS.c.name == stream)).one_or_none()
    return Lease(*row) if row is not None else None


def _drop(connection: Connection, head: HeadRow) -> None:
    connection.execute(delete(LEASES).where(LEASES.c.stream_id == head.stream_id))
