"""What an event store can do, as a protocol: kept by the store on a database and by the one in memory alike."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from perptape.eventstore.chain import FORMAT_NAME
from perptape.eventstore.envelope import Envelope, RecordLike
from perptape.eventstore.lease import Lease
from perptape.eventstore.segment import Beginning, Segment
from perptape.eventstore.snapshot import Snapshot, SnapshotEntry
from perptape.eventstore.snapshot_retention import Retention
from perptape.eventstore.stream import Head, Stream
from perptape.eventstore.subscription import PATIENCE_S, Subscription
from perptape.eventstore.verification import Verification


class Store(Protocol):
    """Streams of events that can be added to and never changed. Every method may raise StoreUnavailableError.

    A method that takes the name of a stream raises StreamNotFoundError when there is none.
    """

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
        """Begin a stream. Raises StreamExistsError and InvalidStreamError.

        A stream that continues another one gives the other's next version and last hash.
        """
        ...

    def streams(self) -> list[Stream]:
        """Every stream, by name."""
        ...

    def stream(self, name: str) -> Stream:
        """One stream's identity and head."""
        ...

    def head(self, stream: str) -> Head:
        """Where the stream ends."""
        ...

    def heads(self) -> dict[str, Head]:
        """Where each stream ends, by the stream's name."""
        ...

    def subscribe(
        self, cursors: Mapping[str, int] | None = None, *, new_streams: bool = False, patience_s: float = PATIENCE_S
    ) -> Subscription:
        """Follow streams: of each everything after its cursor, then what is added, whoever adds it.

        A cursor is a version; 0 is before everything. With `new_streams` every stream of the store is followed, those
        without a cursor and those yet to be made from their beginning. For `patience_s` the subscription waits for a
        server that is gone, and goes on where it was. Close it. Raises VersionNotFoundError for a cursor beyond the
        head.
        """
        ...

    def claim(self, stream: str) -> Head:
        """Raise the stream's epoch, so that appends under an earlier epoch are refused; a lease on it is over.

        Nobody is asked: a writer that means to stay acquires a lease.
        """
        ...

    def acquire(self, stream: str, holder: str, ttl_s: float, *, take_over: bool | Lease = False) -> Lease:
        """Become the stream's only writer, for `ttl_s` seconds at a time; `holder` says who that is.

        The epoch is raised: append under the lease's. Raises LeaseHeldError while another lease runs, of the same
        holder too, unless `take_over`: whoever has it, or only if it is this lease that has not ended yet. Take over
        only from a writer that is known to be gone, or it will stop. Raises InvalidLeaseError.
        `perptape.eventstore.lease` says what a lease promises.
        """
        ...

    def renew(self, lease: Lease) -> Lease:
        """Begin the lease's time anew, an expired one's too. Raises LeaseLostError when it was taken or released."""
        ...

    def release(self, lease: Lease) -> None:
        """Give the stream back: the next writer need not wait. A lease that is over is left alone."""
        ...

    def lease(self, stream: str) -> Lease | None:
        """Who writes to the stream, even if the time is over; None when nobody holds it."""
        ...

    def append(
        self, stream: str, expected_version: int, records: Sequence[RecordLike], *, epoch: int | None = None
    ) -> Head:
        """Add the records after `expected_version`, all or none, and return the new head. Durable when it returns.

        Repeating an append that was stored returns what it returned then. Raises ConflictError when the stream is
        elsewhere, FencedError when `epoch` is given and not the current one (with the holder of the lease, if there
        is one), and InvalidRecordError.
        """
        ...

    def read(self, stream: str, after_version: int = 0, upto: int | None = None) -> Iterator[Envelope]:
        """The events after a version, up to another one or the head as it is now, in order and in bounded memory.

        Hashes are not computed again (`verify` does that); a gap raises DamagedError.
        """
        ...

    def read_backward(self, stream: str, before_version: int | None = None, down_to: int = 0) -> Iterator[Envelope]:
        """The events before a version (by default all that are there now), newest first, down to another one.

        As `read` otherwise.
        """
        ...

    def version_at(self, stream: str, at_ns: int) -> int | None:
        """The last version whose `at_ns` is not later; None when there is none.

        Times may go back within a stream as far as the store is concerned, so it looks through the events from the
        head backwards.
        """
        ...

    def between(self, stream: str, from_ns: int, to_ns: int) -> Iterator[Envelope]:
        """The events at `from_ns` or later and before `to_ns`, in the order of their versions, as `read` gives them.

        It looks through the whole stream, for the reason named at `version_at`.
        """
        ...

    def hash_at(self, stream: str, version: int) -> bytes:
        """The hash of the event at a version, or the opening hash just before the first.

        Raises VersionNotFoundError.
        """
        ...

    def verify(self, stream: str) -> Verification:
        """Compute the whole chain again and compare. Damage is found, not raised."""
        ...

    def segments(self, stream: str) -> list[Segment]:
        """The parts of the stream between its seals, by number; of a name like `NAME#2` that segment alone.

        Every method that reads takes a segment's name for a stream's, and then reads that segment only.
        """
        ...

    def seal(self, stream: str, *, epoch: int | None = None) -> Head:
        """Close the stream's last segment for ever: every append raises SealedError until the stream is continued.

        Repeating it changes nothing. Raises FencedError.
        """
        ...

    def continue_stream(
        self, stream: str, expected_version: int, beginning: Beginning, *, epoch: int | None = None
    ) -> Head:
        """Seal the last segment, if it is not, at the expected version, and begin the next one with its first event.

        All of it or nothing, and durable when it returns. An append that would follow an event of the sealed segment
        is refused from then on. Repeating it returns what it returned. Raises ConflictError, FencedError,
        InvalidRecordError, and InvalidStreamError for a stream without events.
        """
        ...

    def archive(self, segment: str, file: Path) -> Segment:
        """Leave the events of a sealed segment to a file that holds them, and delete them from the store.

        The file is a recording, `.zst` or not; it is read whole before. From then on the events are read from there.
        Repeating it goes on where it was stopped. Raises NotSealedError, ArchiveMissingError, and DamagedError for a
        file that does not hold this very segment.
        """
        ...

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
        """Make a stream of events that come with their hashes, all or none; it is not there until all of it is.

        A store that lasts keeps what was stored when its process is killed, unseen, and goes on from there when the
        import is repeated. Raises DamagedError at the first envelope that does not continue the chain,
        StreamExistsError, InvalidStreamError, and whatever `envelopes` raises; nothing is kept then.
        """
        ...

    def save_snapshot(self, stream: str, snapshot: Snapshot) -> None:
        """Keep a snapshot; one of the same version and behaviour is replaced.

        Raises VersionNotFoundError when the stream has not reached its version.
        """
        ...

    def newest_snapshot(self, stream: str, behaviour: str, upto: int | None = None) -> Snapshot | None:
        """The newest sound snapshot of this behaviour, not above `upto`. Damaged ones on the way are set aside."""
        ...

    def snapshots(self, stream: str) -> list[SnapshotEntry]:
        """Every snapshot of the stream, by version and behaviour, those set aside too."""
        ...

    def set_aside_snapshot(self, stream: str, version: int, behaviour: str, reason: str) -> None:
        """Stop using a snapshot and keep it for whoever wants to know why. Unknown ones are ignored."""
        ...

    def prune_snapshots(self, stream: str, retention: Retention) -> list[SnapshotEntry]:
        """Delete the snapshots that need not be kept, and list them. Events are never deleted."""
        ...
