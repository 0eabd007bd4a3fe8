"""Checking a store: its database and guards, and every stream's chain, writer and snapshots."""

import time

from msgspec import Struct

from perptape.core.edge.storage.behaviour import behaviour_digest
from perptape.eventstore.condition import Condition
from perptape.eventstore.errors import GuardsMissingError, StoreReadOnlyError
from perptape.eventstore.lease import Lease
from perptape.eventstore.store import EventStore
from perptape.eventstore.stream import Stream
from perptape.eventstore.verification import FirstBad


class StreamCheck(Struct, frozen=True):
    """What was found in one stream."""

    stream: str
    events: int
    """Events that are sound."""
    data_bytes: int
    """Their own data, without envelopes and indexes."""
    first_version: int
    version: int
    """The head's."""
    last_hash: str
    newest_at_ns: int | None
    """Time of the newest event; None without events."""
    lag_ns: int | None
    """How long ago that was by this machine's clock, for a stream of a market's past a long time."""
    epoch: int
    lease: Lease | None
    """Who holds the stream as its writer, or held it last."""
    first_bad: FirstBad | None
    snapshots: int
    """Snapshots in use that this release can start from."""
    other_snapshots: int
    """Snapshots in use that other code wrote."""
    set_aside: int


class StoreCheck(Struct, frozen=True):
    """What was found in a store."""

    store: str
    """The store's URL without credentials."""
    condition: Condition
    guards: str
    """Empty when the database refuses to change events; else what is missing."""
    guards_tried: bool
    """Whether the guards were tried; a user who may only read cannot, and sees that they are there."""
    checked_at_ns: int
    streams: list[StreamCheck]

    @property
    def ok(self) -> bool:
        """Whether guards and every chain hold."""
        return not self.guards and all(stream.first_bad is None for stream in self.streams)


def check_store(url: str, now_ns: int | None = None) -> StoreCheck:
    """Check everything in the store; `now_ns` is this machine's time by default.

    Raises EventStoreError when the store cannot be opened or read.
    """
    now_ns = time.time_ns() if now_ns is None else now_ns
    guards, tried = "", True
    try:
        EventStore.open(url).close()
    except GuardsMissingError as error:
        guards = error.problem
    with EventStore.open(url, guarded=False) as store:
        try:
            store.check_guards()
        except GuardsMissingError as error:
            guards = error.problem
        except StoreReadOnlyError:
            tried = False
        streams = [_check_stream(store, stream, now_ns) for stream in store.streams()]
        return StoreCheck(store.name, store.condition(), guards, tried, now_ns, streams)


def _check_stream(store: EventStore, stream: Stream, now_ns: int) -> StreamCheck:
    name, head = stream.name, stream.head
    found = store.verify(name)
    behaviour = behaviour_digest()
    entries = store.snapshots(name)
    ours = [entry.behaviour == behaviour for entry in entries if entry.status == "active"]
    newest = _newest_at_ns(store, stream) if found.first_bad is None else None
    return StreamCheck(
        stream=name,
        events=found.events,
        data_bytes=store.data_bytes(name),
        first_version=stream.first_version,
        version=head.version,
        last_hash=head.hash.decode(errors="replace"),
        newest_at_ns=newest,
        lag_ns=None if newest is None else now_ns - newest,
        epoch=head.epoch,
        lease=store.lease(name),
        first_bad=found.first_bad,
        snapshots=sum(ours),
        other_snapshots=len(ours) - sum(ours),
        set_aside=len(entries) - len(ours),
    )


def _newest_at_ns(store: EventStore, stream: Stream) -> int | None:
    newest = next(store.read(stream.name, stream.head.version - 1, stream.head.version), None)
    return None if newest is None else newest.at_ns
