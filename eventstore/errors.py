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
├── VersionNotFoundError        the stream has no such version
├── InvalidStreamError          a stream cannot be made of these values
├── InvalidRecordError          a record that no line could hold
└── RefusedAppendError          nothing of the append was stored
    ├── ConflictError           the stream is not at the expected version
    └── FencedError             another writer has claimed the stream
"""


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


class StreamNotFoundError(EventStoreError):
    """The store has no stream of this name."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"there is no stream {stream!r} in this store")
        self.stream = stream


class StreamExistsError(EventStoreError):
    """The store has a stream of this name already."""

    def __init__(self, stream: str) -> None:
        super().__init__(f"stream {stream!r} exists already; choose another name")
        self.stream = stream


class VersionNotFoundError(EventStoreError):
    """The stream has no such version."""

    def __init__(self, stream: str, version: int, first: int, last: int) -> None:
        held = f"versions {first} to {last}" if last >= first else "no events yet"
        super().__init__(f"stream {stream!r} has no version {version}; it holds {held}")
        self.stream = stream
        self.version = version


class InvalidStreamError(EventStoreError):
    """A stream's name, nonce, first version or previous hash is not usable; the text says which."""


class InvalidRecordError(EventStoreError):
    """A record that no line could hold; nothing of its append was stored."""

    def __init__(self, version: int, problem: str) -> None:
        super().__init__(f"the record for version {version} cannot be stored: {problem}")
        self.version = version


class RefusedAppendError(EventStoreError):
    """The stream did not take an append; nothing of it was stored."""


class ConflictError(RefusedAppendError):
    """The stream is at `actual`, not at the `expected` version, and does not hold these very records there."""

    def __init__(self, stream: str, expected: int, actual: int) -> None:
        super().__init__(
            f"stream {stream!r} is at version {actual}, not at the expected {expected}: another writer "
            "appended; read on from there and decide again"
        )
        self.stream = stream
        self.expected = expected
        self.actual = actual


class FencedError(RefusedAppendError):
    """Another writer has claimed the stream since this one did; this one must stop."""

    def __init__(self, stream: str, held: int, current: int) -> None:
        super().__init__(
            f"stream {stream!r} was claimed by another writer (epoch {current}, this writer holds "
            f"{held}): stop this one"
        )
        self.stream = stream
        self.held = held
        self.current = current
