"""What an event store can do, as a protocol: kept by the store on a database and by the one in memory alike."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from eventstore.chain import FORMAT_NAME
from eventstore.envelope import Envelope, RecordLike
from eventstore.snapshot import Snapshot, SnapshotEntry
from eventstore.stream import Head, Stream
from eventstore.verification import Verification


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

    def claim(self, stream: str) -> Head:
        """Become the stream's writer: raise its epoch, so that appends under an earlier epoch are refused."""
        ...

    def append(
        self, stream: str, expected_version: int, records: Sequence[RecordLike], *, epoch: int | None = None
    ) -> Head:
        """Add the records after `expected_version`, all or none, and return the new head. Durable when it returns.

        Repeating an append that was stored returns what it returned then. Raises ConflictError when the stream is
        elsewhere, FencedError when `epoch` is given and not the current one, and InvalidRecordError.
        """
        ...

    def read(self, stream: str, after_version: int = 0, upto: int | None = None) -> Iterator[Envelope]:
        """The events after a version, up to another one or the head as it is now, in order and in bounded memory.

        Hashes are not computed again (`verify` does that); a gap raises DamagedError.
        """
        ...

    def version_at(self, stream: str, at_ns: int) -> int | None:
        """The last version whose `at_ns` is not later; None when there is none."""
        ...

    def hash_at(self, stream: str, version: int) -> bytes:
        """The hash of the event at a version, or the opening hash just before the first.

        Raises VersionNotFoundError.
        """
        ...

    def verify(self, stream: str) -> Verification:
        """Compute the whole chain again and compare. Damage is found, not raised."""
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
        """Make a stream of events that come with their hashes, all or none. Other writers wait meanwhile.

        Raises DamagedError at the first envelope that does not continue the chain, StreamExistsError,
        InvalidStreamError, and whatever `envelopes` raises; nothing is kept then.
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
