"""What can go wrong in the event store.

EventStoreError
├── StoreUnavailableError       nothing can be done with what is at this URL
│   ├── StoreUrlError           not a URL of a store that this release can use
│   ├── StoreDriverError        this kind of database needs a package that is not installed
│   ├── StoreUnreachableError   the server does not answer: see whether it runs, and try again
│   ├── StoreDeniedError        the server does not let this user in
│   ├── StoreMissingError       nothing is there
│   ├── NotAStoreError          something is there, and it is no event store
│   ├── StoreOutdatedError      made by an older release: upgrade it
│   ├── StoreTooNewError        made by a newer release: use that one
│   ├── StoreBusyError          another process holds the lock: try again
│   ├── StoreReadOnlyError      it may be read and not written
│   ├── StoreFullError          no room: free some, then try again
│   ├── StoreLostError          the connection broke: whether the append was stored is unknown; repeat it
│   └── StoreFailedError        the database or the disk failed in another way
├── DamagedError                what is stored is not what was written; says where
├── GuardsMissingError          the database would let stored events be changed
├── StreamNotFoundError         no stream of that name
├── StreamExistsError           a stream of that name is there already
│   └── ImportUnfinishedError   an import of that name was begun: repeat it
├── VersionNotFoundError        the stream has no such version
├── NotSealedError              only sealed segments are archived
├── ArchiveMissingError         the file with a segment's events is not where it was put
├── InvalidStreamError          a stream cannot be made of these values
├── InvalidRecordError          a record that no line could hold
├── UnknownSchemaError          an event whose schema this release does not know
├── InvalidCheckpointError      a line or a file is no checkpoint, or cannot be written
├── SigningKeyError             a key cannot be made, read or used
├── InvalidLeaseError           a lease cannot be made of these values
├── LeaseHeldError              another writer has the stream; says which, since when and until when
├── LeaseLostError              this writer's lease is over: stop
└── RefusedAppendError          nothing of the append was stored
    ├── ConflictError           the stream is not at the expected version
    ├── SealedError             the segment is closed for ever; another one goes on, or will
    └── FencedError             this writer has the stream no longer
"""

from datetime import UTC, datetime


class EventStoreError(Exception):
    """Base of every error of the event store; its text is one line."""


class StoreUnavailableError(EventStoreError):
    """The store cannot be used. `store` is its URL without credentials."""

    def __init__(self, store: str, problem: str) -> None:
        super().__init__(f"store {store}: {problem}")
        self.store = store


class StoreUrlError(StoreUnavailableError):
    """The URL names no store that this release can use."""


class StoreDriverError(StoreUnavailableError):
    """The database's driver, an extra of perptape, is not installed."""


class StoreUnreachableError(StoreUnavailableError):
    """The database server does not answer, or takes nobody now; nothing was stored."""


class StoreDeniedError(StoreUnavailableError):
    """The database server does not know the user, or the password is not the user's."""


class StoreMissingError(StoreUnavailableError):
    """There is no store at the URL."""


class NotAStoreError(StoreUnavailableError):
    """What is at the URL is not an event store."""


class StoreOutdatedError(StoreUnavailableError):
    """The store's schema is older than this release."""


class StoreTooNewError(StoreUnavailableError):
    """The store's schema is newer than this release, or unknown to it."""


class StoreBusyError(StoreUnavailableError):
    """Another process held a lock for longer than the busy timeout, or the server had no time or no connection left."""


class StoreReadOnlyError(StoreUnavailableError):
    """The store may be read and not written."""


class StoreFullError(StoreUnavailableError):
    """The disk or the database has no room left."""


class StoreLostError(StoreUnavailableError):
    """The connection broke on the way: whether the append was stored is unknown.

    To repeat it is safe: one that was stored is recognised and answered as it was then. The next call connects anew.
    """


class StoreFailedError(StoreUnavailableError):
    """The database or the disk failed; whether a commit was kept is unknown until the store is read again."""


class DamagedError(EventStoreError):
    """A stored stream, or a recording on its way in, fails its own checks at `version`."""

    def __init__(self, stream: str, version: int, reason: str) -> None:
        super().__init__(f"stream {stream!r} is damaged at version {version}: {reason}")
        self.stream = stream
        self.version = version
        self.reason = reason


class GuardsMissingError(EventStoreError):
    """The database lacks a guard that keeps stored events from being changed, or the guard does not work."""

    def __init__(self, store: str, problem: str) -> None:
        super().__init__(
            f"store {store} does not protect its events: {problem}; restore it from a backup or export "
            "its streams and import them into a new store"
        )
        self.store = store
        self.problem = problem


class StreamNotFoundError(EventStoreError):
    """The store has no stream of this name."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"there is no stream {stream!r} in this store")
        self.stream = stream


class StreamExistsError(EventStoreError):
    """The store has a stream of this name already."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"stream {stream!r} already exists; choose another name")
        self.stream = stream


class ImportUnfinishedError(StreamExistsError):
    """An import of this name was begun and stopped on its way."""

    def __init__(self, stream: str) -> None:
        EventStoreError.__init__(
            self, f"an import of stream {stream!r} is not finished; import the same recording again to finish it"
        )
        self.stream = stream


class VersionNotFoundError(EventStoreError):
    """The stream has no such version."""

    def __init__(self, stream: str, version: int, first: int, last: int) -> None:
        held = f"versions {first} to {last}" if last >= first else "no events yet"
        super().__init__(f"stream {stream!r} has no version {version}; it holds {held}")
        self.stream = stream
        self.version = version


class NotSealedError(EventStoreError):
    """A segment that still grows cannot be archived."""

    def __init__(self, segment: str) -> None:
        super().__init__(f"segment {segment!r} is not sealed: only sealed segments can be archived, so seal it first")
        self.segment = segment


class ArchiveMissingError(EventStoreError):
    """The file that holds a segment's events cannot be read."""

    def __init__(self, segment: str, file: str, problem: str) -> None:
        super().__init__(f"the archive of segment {segment!r} cannot be read: {file}: {problem}; put the file back")
        self.segment = segment
        self.file = file


class InvalidStreamError(EventStoreError):
    """A stream's name, nonce, first version or previous hash is not usable; the text says which."""


class UnknownSchemaError(EventStoreError):
    """An event was written in a schema that nobody here knows: most likely by a newer release."""

    def __init__(self, type_name: str, schema: int, current: int) -> None:
        known = "schema 1" if current == 1 else f"schemas 1 to {current}"
        super().__init__(f"{type_name} has schema {schema}; this release knows {known}")
        self.type_name = type_name
        self.schema = schema
        self.current = current


class InvalidRecordError(EventStoreError):
    """A record that no line could hold; nothing of its append was stored."""

    def __init__(self, version: int, problem: str) -> None:
        super().__init__(f"the record for version {version} cannot be stored: {problem}")
        self.version = version


class InvalidCheckpointError(EventStoreError):
    """A line is no checkpoint, or a file of checkpoints cannot be read or written; the text says which and why."""


class SigningKeyError(EventStoreError):
    """A key that signs checkpoints cannot be made, read or used; the text never holds any of it."""


class InvalidLeaseError(EventStoreError):
    """A lease's holder or time to live is not usable; the text says which."""


class LeaseHeldError(EventStoreError):
    """Another writer holds the stream's lease. Times are nanoseconds since the epoch, UTC."""

    def __init__(self, stream: str, holder: str, since_ns: int, expires_at_ns: int) -> None:
        super().__init__(
            f"stream {stream!r} has been held by {holder} since {_utc(since_ns)}: stop that writer, or if it no "
            f"longer runs, wait until its lease expires at {_utc(expires_at_ns)}"
        )
        self.stream = stream
        self.holder = holder
        self.since_ns = since_ns
        self.expires_at_ns = expires_at_ns


class LeaseLostError(EventStoreError):
    """The lease is no longer in force. `present` is who holds the stream now, and since when; None when nobody does."""

    def __init__(self, stream: str, holder: str, epoch: int, present: tuple[str, int] | None) -> None:
        super().__init__(
            f"the lease of {holder} on stream {stream!r} (epoch {epoch}) has ended: {_present(present)}; "
            "stop this writer"
        )
        self.stream = stream
        self.holder = holder
        self.epoch = epoch
        self.present = present


class RefusedAppendError(EventStoreError):
    """The stream did not take an append; nothing of it was stored."""


class ConflictError(RefusedAppendError):
    """The stream is at `actual`, not at the `expected` version, and does not hold these very records there."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(
            f"stream {stream!r} is at version {actual}, not at the expected {expected}: another writer "
            "appended; read the new events and decide again"
        )
        self.stream = stream
        self.expected = expected
        self.actual = actual


class SealedError(RefusedAppendError):
    """The segment was sealed at `version`; `successor` is the segment that continues it, None while there is none."""

    def __init__(self, stream: str, version: int, successor: str | None) -> None:
        then = f"segment {successor!r} continues it: append there" if successor else "no segment continues it yet"
        super().__init__(f"stream {stream!r} is sealed at version {version}; {then}")
        self.stream = stream
        self.version = version
        self.successor = successor


class FencedError(RefusedAppendError):
    """The stream was claimed by another writer or given back; this one must stop.

    `present` is who holds the stream now, and since when; None when nobody does by a lease.
    """

    def __init__(self, stream: str, held: int, current: int, present: tuple[str, int] | None = None) -> None:
        super().__init__(
            f"stream {stream!r} belongs to another writer now (this one has epoch {held}, the stream is at {current}): "
            f"{_present(present)}; stop this writer"
        )
        self.stream = stream
        self.held = held
        self.current = current
        self.present = present


def _present(present: tuple[str, int] | None) -> str:
    if present is None:
        return "nobody holds its lease now"
    holder, since_ns = present
    return f"{holder} has held it since {_utc(since_ns)}"


def _utc(at_ns: int) -> str:
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
