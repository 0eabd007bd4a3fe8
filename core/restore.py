"""Restoring the state: from the newest sound snapshot and the events after it, or from the whole log."""

from collections.abc import Iterable
from itertools import takewhile

from msgspec import Struct

from core.codec import decode_data
from core.errors import CodecError, LogDamagedError
from core.evolve import evolve
from core.money import arithmetic
from core.opening import open_state, state_bytes
from core.ports import Log, LoggedEvent, Snapshot
from core.state import State


class Restored(Struct, frozen=True):
    """A state, and where it came from."""

    state: State
    snapshot_version: int
    """0 for a cold start."""
    proved: bool
    """Whether the snapshot was folded anew from the one before it and came out the same."""


def fold_logged(state: State, events: Iterable[LoggedEvent]) -> State:
    """Fold stored events into `state`. Raises LogDamagedError when they are not what this release can read."""
    with arithmetic():
        for event in events:
            if event.version != state.version + 1:
                raise LogDamagedError(f"version {state.version + 1} was expected in the log and {event.version} found")
            try:
                decoded = decode_data(event.type, event.schema, event.data)
            except CodecError as error:
                raise LogDamagedError(f"version {event.version} of the log cannot be read: {error}") from error
            evolve(state, decoded, event.version, event.at_ns)
    return state


def restore(log: Log, behaviour: str) -> Restored:
    """The state at the end of the log.

    A warm start is proved by a sample: the newest snapshot is folded anew from the one before it. One that does not
    come out the same is set aside, and the state is folded from everything.
    """
    newest = log.newest_snapshot(behaviour)
    state = _opened(log, newest)
    if newest is None or state is None:
        return Restored(fold_logged(State(), log.read(0)), 0, proved=False)
    before = log.newest_snapshot(behaviour, newest.version - 1)
    earlier = _opened(log, before)
    if before is not None and earlier is not None:
        between = takewhile(lambda event: event.version <= newest.version, log.read(before.version))
        if state_bytes(fold_logged(earlier, between)) != newest.state:
            log.set_aside_snapshot(newest, f"folding from version {before.version} gives other bytes")
            return Restored(fold_logged(State(), log.read(0)), 0, proved=False)
    return Restored(fold_logged(state, log.read(newest.version)), newest.version, proved=earlier is not None)


def _opened(log: Log, snapshot: Snapshot | None) -> State | None:
    """The snapshot's state; one that holds none is set aside."""
    if snapshot is None:
        return None
    try:
        return open_state(snapshot.state)
    except CodecError as error:
        log.set_aside_snapshot(snapshot, str(error))
        return None
