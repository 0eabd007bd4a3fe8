"""Restoring the state: from the newest sound snapshot and the events after it, or from the whole log."""

from collections.abc import Iterable
from hashlib import sha256
from itertools import islice

from msgspec import Struct

from perptape.core.codec import decode_data
from perptape.core.errors import CodecError, LogDamagedError
from perptape.core.events import StateDigestRecorded
from perptape.core.evolve import evolve
from perptape.core.money import arithmetic
from perptape.core.opening import memory_digest, memory_schema, open_snapshot, snapshot_bytes, state_digest
from perptape.core.ports import Log, LoggedEvent, Snapshot
from perptape.core.state import State
from perptape.core.state_schema import state_schema

PROOF_EVENTS = 100_000
"""Events that a warm start folds for its proof, at most on average: about a second."""


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
                raise LogDamagedError(f"the log has version {event.version} where {state.version + 1} was expected")
            try:
                decoded = decode_data(event.type, event.schema, event.data)
            except CodecError as error:
                raise LogDamagedError(f"version {event.version} of the log cannot be read: {error}") from error
            evolve(state, decoded, event.version, event.at_ns)
    return state


def restore(log: Log, behaviour: str) -> Restored:
    """The state at the end of the log. Raises LogDamagedError; a bad snapshot is set aside and never an error.

    A warm start is proved by a sample (docs/decisions/0008): the newest snapshot is folded anew from the one before
    it, unless that is far, and then sometimes. When it does not come out the same, the state is folded from everything,
    and that decides which snapshots are set aside.
    """
    newest = _newest(log, behaviour, None)
    if newest is None:
        return Restored(fold_logged(State(), log.read(0)), 0, proved=False)
    before = _newest(log, behaviour, newest.version - 1)
    if before is None or not _is_sampled(log, before.version, newest.version):
        return Restored(fold_logged(newest.state, log.read(newest.version)), newest.version, proved=False)
    again = fold_logged(before.state, _between(log, before.version, newest.version))
    if snapshot_bytes(again) != newest.snapshot.state:
        return Restored(_fold_and_judge(log, behaviour), 0, proved=False)
    return Restored(fold_logged(newest.state, log.read(newest.version)), newest.version, proved=True)


class _Opened(Struct, frozen=True):
    """A snapshot and the state in it."""

    snapshot: Snapshot
    state: State

    @property
    def version(self) -> int:
        """The version of both."""
        return self.snapshot.version


def _newest(log: Log, behaviour: str, upto: int | None) -> _Opened | None:
    """The newest snapshot not above `upto` that holds a state of its version; others on the way are set aside."""
    while (snapshot := log.newest_snapshot(behaviour, upto)) is not None:
        try:
            state = open_snapshot(snapshot.state)
        except CodecError as error:
            fault = str(error)
        else:
            fault = _unbound(log, snapshot.version, state)
            if not fault:
                return _Opened(snapshot, state)
        log.set_aside_snapshot(snapshot, fault)
        upto = snapshot.version - 1
    return None


def _unbound(log: Log, version: int, state: State) -> str:
    """Why a snapshot's state is not the one whose digest the log holds at its version; empty when it is."""
    if state.version != version:
        return f"it holds the state of version {state.version}"
    event = next(iter(log.read(version - 1)), None)
    if event is None or event.type != StateDigestRecorded.__name__:
        return "the log holds no digest of the state at its version"
    recorded: StateDigestRecorded = decode_data(event.type, event.schema, event.data)
    if recorded.state_schema != state_schema():
        return f"the log's digest is of state schema {recorded.state_schema}, this release's is {state_schema()}"
    state.version -= 1  # the digest is of the state before the event that holds it
    found = (state_digest(state), memory_schema(state), memory_digest(state))
    state.version += 1
    return (
        ""
        if found == (recorded.digest, recorded.memory_schema, recorded.memory_digest)
        else "its state has another digest than the log's"
    )


def _is_sampled(log: Log, before: int, newest: int) -> bool:
    """Whether this start folds the events between two snapshots for a proof.

    Drawn from the stream's nonce and the head's version, so that it depends on nothing but the log: the same log is
    always started alike, and another session, which has added events, draws anew. The odds are such that on average a
    start folds at most PROOF_EVENTS, however far the snapshots lie apart.
    """
    draw = int.from_bytes(sha256(f"{log.nonce} {log.head_version()}".encode()).digest()[:8])
    return draw % (newest - before) < PROOF_EVENTS


def _between(log: Log, before: int, upto: int) -> Iterable[LoggedEvent]:
    return islice(log.read(before), upto - before)


def _fold_and_judge(log: Log, behaviour: str) -> State:
    """Fold everything, and set aside each snapshot on the way that holds other bytes than the fold."""
    claims: dict[int, bytes] = {}
    upto: int | None = None
    while (snapshot := log.newest_snapshot(behaviour, upto)) is not None:
        claims[snapshot.version] = sha256(snapshot.state).digest()
        upto = snapshot.version - 1
    state = State()
    for version in sorted(claims):
        fold_logged(state, _between(log, state.version, version))
        if sha256(snapshot_bytes(state)).digest() != claims[version]:
            log.set_aside_snapshot(Snapshot(version, behaviour, b""), "folding everything gives other bytes")
    return fold_logged(state, log.read(state.version))
