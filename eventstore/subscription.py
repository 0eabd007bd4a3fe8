"""Catch-up subscriptions: every event of some streams, from a place in the past on into what is added now.

A subscription has one cursor for each stream: the version of the last event that it handed out. Versions have no gaps,
and an append commits the new head together with its events while it holds the head's row. So the events after a cursor
up to the head as committed are all there are, whatever other transactions on whatever streams are slow, undone or
committed in another order than they began: there is no order across streams that could be missed. A version that is not
there below the head is damage, never an event still on its way.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from threading import Event, Lock
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from perptape.eventstore.envelope import Envelope
from perptape.eventstore.errors import StreamNotFoundError, VersionNotFoundError
from perptape.eventstore.patience import PASSING, Patience
from perptape.eventstore.stream import Head, Stream
from perptape.eventstore.watch import Watch

PAGE = 1_000
"""The most events in a batch."""
PATIENCE_S = 60.0
"""For how long a server may be gone before its error is raised, unless said otherwise."""


class Batch(NamedTuple):
    """Events of one stream that follow each other without a gap."""

    stream: str
    envelopes: list[Envelope]
    """At least one."""

    @property
    def cursor(self) -> int:
        """The stream's cursor once these have been dealt with: the version of the last of them."""
        return self.envelopes[-1].version


class Watchable(Protocol):
    """What a subscription needs of a store."""

    def heads(self) -> dict[str, Head]:
        """Where each stream ends."""
        ...

    def stream(self, name: str) -> Stream:
        """One stream's identity and head."""
        ...

    def read(self, stream: str, after_version: int = 0, upto: int | None = None) -> Iterator[Envelope]:
        """The events after a version, up to another one."""
        ...


class Subscription:
    """Follows streams; made by a store's `subscribe`. One thread reads, any thread may close it.

    Iterate over it for batches without end, or call `wait` and `ready` in turn. It is closed by leaving its `with`
    block. A subscription is no lease: any number of them read the same streams, and each has its own cursors.
    """

    def __init__(
        self,
        store: Watchable,
        make_watch: Callable[[], Watch],
        cursors: Mapping[str, int],
        *,
        new_streams: bool,
        patience_s: float,
    ) -> None:
        self._store = store
        self._make_watch = make_watch
        self._cursors = dict(cursors)
        self._new_streams = new_streams
        self._watch: Watch | None = None
        self._turn = Lock()
        self._closing = Event()
        self._patience = Patience(patience_s, self._closing)
        for name, cursor in self._cursors.items():
            found = store.stream(name)
            _require_not_beyond(cursor, found)
            self._cursors[name] = max(cursor, found.first_version - 1)
        self._heads()

    @property
    def cursors(self) -> dict[str, int]:
        """For each stream the version of the last event handed out: what another subscription would go on from."""
        return dict(self._cursors)

    @property
    def closed(self) -> bool:
        """Whether it was closed."""
        return self._closing.is_set()

    def ready(self) -> Iterator[Batch]:
        """What there is now, without waiting: a batch of each stream in turn, until all are at their heads of now.

        A stream's cursor moves when its batch is handed out. Raises StoreUnavailableError and DamagedError.
        """
        heads = self._heads()
        while behind := [name for name, head in heads.items() if self._cursors[name] < head.version]:
            for name in behind:
                if self.closed:
                    return
                cursor = self._cursors[name]
                envelopes = list(self._store.read(name, cursor, min(cursor + PAGE, heads[name].version)))
                batch = Batch(name, envelopes)
                self._cursors[name] = batch.cursor
                yield batch

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until there is something to read: whether there is. False after the time, and once closed.

        A server that is gone or busy is waited for, up to the subscription's patience; then its error is raised:
        StoreLostError, StoreUnreachableError or StoreBusyError. Others of StoreUnavailableError are raised at once.
        """
        end = None if timeout_s is None else time.monotonic() + timeout_s
        try:
            with self._turn:
                return self._wait_until(end)
        finally:
            if self.closed:
                self._close_watch()

    def __iter__(self) -> Iterator[Batch]:
        """Batches as they come, waiting for each; ends when the subscription is closed. Raises what `wait` does."""
        while self.wait():
            try:
                for batch in self.ready():
                    self._patience.renew()
                    yield batch
            except PASSING as error:
                self._patience.endure(error, None)  # no cursor has moved past what was handed out

    def close(self) -> None:
        """Hand out nothing more; who waits in another thread returns at once. It may be called more than once."""
        self._closing.set()
        watch = self._watch
        if watch is not None:
            watch.wake()
        self._close_watch()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wait_until(self, end: float | None) -> bool:
        while not self.closed:
            try:
                # The watch first: what is added after the look at the heads is noticed then.
                if self._watch is None:
                    self._watch = self._make_watch()
                if any(self._cursors[name] < head.version for name, head in self._heads().items()):
                    return True
                self._patience.renew()
                left = _left(end)
                if left == 0:
                    return False
                if not self.closed:  # asked after the watch was put where `close` finds it
                    self._watch.wait(left)
            except PASSING as error:
                self._drop_watch()
                left = _left(end)
                if left == 0:
                    return False
                self._patience.endure(error, left)
        return False

    def _heads(self) -> dict[str, Head]:
        """The heads of the streams that are followed; new ones join here. A head below a cursor is an error."""
        heads = self._store.heads()
        if self._new_streams:
            for name in heads.keys() - self._cursors.keys():
                self._cursors[name] = self._store.stream(name).first_version - 1
        for name, cursor in self._cursors.items():
            if name not in heads:  # a segment's own address, for example: only whole streams are followed
                raise StreamNotFoundError(name)
            if heads[name].version < cursor:
                _require_not_beyond(cursor, self._store.stream(name))
        return {name: heads[name] for name in self._cursors}

    def _drop_watch(self) -> None:
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.close()

    def _close_watch(self) -> None:
        """Close the watch, unless a thread is about to: whoever waits does so when it returns."""
        if self._turn.acquire(blocking=False):
            try:
                self._drop_watch()
            finally:
                self._turn.release()


def _require_not_beyond(cursor: int, stream: Stream) -> None:
    """A cursor beyond the head belongs to another store, or to one that was restored from an older backup."""
    if cursor > stream.head.version:
        raise VersionNotFoundError(stream.name, cursor, stream.first_version, stream.head.version)


def _left(end: float | None) -> float | None:
    return None if end is None else max(end - time.monotonic(), 0)
