"""Verifying: the chain holds, versions have no gap, and cold start = warm start = stored snapshot, byte for byte.

One pass over the tape. At several versions a snapshot is taken, written to disk and reloaded; from there a second state
is folded along beside the first, and all must end in the same bytes.
"""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from msgspec import Struct, field

from perptape.core.codec import Line
from perptape.core.errors import CodecError
from perptape.core.money import arithmetic
from perptape.core.opening import memory_digest, open_snapshot, snapshot_bytes, state_digest
from perptape.core.state import State
from perptape.eventstore.store import EventStore
from perptape.replays.proof.checkpoints import Anchored, Anchors, hold
from perptape.replays.tape.errors import DamageError, SourceError
from perptape.replays.tape.fold import check_canonical, fold_events
from perptape.replays.tape.reader import Progress, open_recording
from perptape.replays.tape.source import Source, is_file, open_source, stored_header

SNAPSHOTS = 4
"""How many snapshots verifying a recording takes."""


class FirstBad(Struct, frozen=True):
    """The first version that is not as written, or whose state does not come out the same."""

    version: int
    reason: str


class Warm(Struct, frozen=True):
    """A warm start: from which snapshot, and the digest of the state it led to."""

    snapshot_version: int
    state_digest: str


class Verified(Struct):
    """What verifying found."""

    file: str
    ok: bool = False
    events: int = 0
    state_digest: str = ""
    cold: str = ""
    """Digest of the state after folding everything."""
    warm: list[Warm] = field(default_factory=list)
    first_bad: FirstBad | None = None
    checkpoints: Anchored | None = None
    """What holding it against checkpoints found; None when none were given."""


class StoreVerified(Struct):
    """What verifying every stream of a store found."""

    store: str
    """The store's URL without credentials."""
    streams: list[Verified] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    """Streams that have checkpoints and are not there."""

    @property
    def ok(self) -> bool:
        """Whether all are as written."""
        return not self.gone and all(stream.ok for stream in self.streams)


class _Place(NamedTuple):
    """Where the check of the form stands."""

    observed: int
    """Version of the last observation."""
    at_ns: int


class _Beside(Struct):
    """A state that began from a snapshot and is folded along."""

    snapshot_version: int
    state: State


def verify(name: str, store_url: str, progress: Progress | None = None, anchors: Anchors | None = None) -> Verified:
    """Verify a recording or a stream, with `anchors` against its checkpoints too. Damage is found, not raised.

    Raises NotARecordingError, SourceError and EventStoreError.
    """
    result = _prove(name, store_url, progress)
    if anchors is None or (result.first_bad is not None and result.first_bad.version == 0 and is_file(name)):
        return result
    result.checkpoints = held = hold(name, store_url, anchors)
    bad = held.first_bad
    if bad is not None and (result.first_bad is None or bad.version < result.first_bad.version):
        result.first_bad = FirstBad(bad.version, bad.reason)
    result.ok = result.first_bad is None
    return result


def verify_store(store_url: str, anchors: Anchors | None = None) -> StoreVerified:
    """Verify every stream of a store; of a stream that no bot wrote, the chain. Raises what `verify` does."""
    with EventStore.open(store_url) as store:
        streams = store.streams()
        found = StoreVerified(store.name)
        pinned = {one.stream for one in anchors.checkpoints} if anchors is not None else set()
        for stream in streams:
            ours = anchors if stream.name in pinned else None
            try:
                stored_header(stream)
            except SourceError:
                found.streams.append(_verify_chain(store, stream.name, store_url, ours))
            else:
                found.streams.append(verify(stream.name, store_url, anchors=ours))
    found.gone = sorted(pinned - {stream.name for stream in streams})
    return found


def _verify_chain(store: EventStore, name: str, store_url: str, anchors: Anchors | None) -> Verified:
    found = store.verify(name)
    held = None if anchors is None else hold(name, store_url, anchors)
    bads = [bad for bad in (found.first_bad, None if held is None else held.first_bad) if bad is not None]
    first = min(bads, key=lambda bad: bad.version, default=None)
    result = Verified(name, ok=first is None, events=found.events, checkpoints=held)
    result.first_bad = None if first is None else FirstBad(first.version, first.reason)
    return result


def _prove(name: str, store_url: str, progress: Progress | None) -> Verified:
    result = Verified(name)
    try:
        with arithmetic(), TemporaryDirectory(prefix="perptape-verify-") as scratch:
            places = _snapshot_places(name, store_url)
            with open_source(name, store_url, progress) as source:
                _fold(source, _Proof(Path(scratch), places, result, _stored_states(name, store_url)))
    except DamageError as damage:
        result.first_bad = FirstBad(damage.version, damage.reason)
    result.ok = result.first_bad is None
    return result


def _snapshot_places(name: str, store_url: str) -> list[int]:
    """Versions at which snapshots are taken: spread evenly, the last one before the end. Checks the whole chain."""
    if is_file(name):
        with open_recording(Path(name)) as recording:
            first = recording.header.first_version
            last = first - 1 + sum(len(lines) for lines in recording.batches())
    else:
        with open_source(name, store_url):
            pass
        with EventStore.open(store_url) as store:
            stream = store.stream(name)
            first, last = stream.first_version, stream.head.version
    count = last - first + 1
    return sorted({first + count * part // (SNAPSHOTS + 1) for part in range(1, SNAPSHOTS + 1)} - {last})


def _stored_states(name: str, store_url: str) -> dict[int, bytes]:
    """The snapshots that a store keeps of the stream, by version; a recording has none of its own."""
    if is_file(name):
        return {}
    from perptape.core.edge.storage.behaviour import behaviour_digest  # noqa: PLC0415

    with EventStore.open(store_url) as store:
        behaviour = behaviour_digest()
        kept = [entry.version for entry in store.snapshots(name) if entry.behaviour == behaviour]
        found = (store.newest_snapshot(name, behaviour, version) for version in kept)
        return {snapshot.version: snapshot.state for snapshot in found if snapshot is not None}


class _Proof:
    """Snapshots taken and reloaded on the way, and the states that follow from them."""

    def __init__(self, scratch: Path, places: Sequence[int], result: Verified, stored: dict[int, bytes]) -> None:
        self.scratch = scratch
        self.places = set(places) | set(stored)
        self.stored = stored
        self.result = result
        self.cold = State()
        self.beside: list[_Beside] = []

    def begin(self, version: int) -> None:
        """Begin a warm state from a snapshot of the cold one, by way of the disk."""
        taken = snapshot_bytes(self.cold)
        kept = self.stored.get(version, taken)
        if kept != taken:
            raise DamageError(version, "the stored snapshot differs from the folded state")
        path = self.scratch / f"{version}.snapshot"
        path.write_bytes(sha256(taken).hexdigest().encode() + b"\n" + taken)
        digest, _, reloaded = path.read_bytes().partition(b"\n")
        if sha256(reloaded).hexdigest().encode() != digest:
            raise DamageError(version, "the snapshot has different bytes after reloading it from disk")
        try:
            state = open_snapshot(reloaded)
        except CodecError as error:
            raise DamageError(version, f"the snapshot cannot be opened: {error}") from error
        if snapshot_bytes(state) != taken:
            raise DamageError(
                version, "the state loaded from the snapshot differs from the state that it was taken from"
            )
        self.beside.append(_Beside(version, state))

    def fold(self, events: Sequence[Line]) -> None:
        """Fold these into every state."""
        fold_events(self.cold, events)
        for warm in self.beside:
            fold_events(warm.state, events)


def _fold(source: Source, proof: _Proof) -> None:
    version = proof.cold.version = source.header.first_version - 1
    place = _Place(0, 0)
    for lines, events in source.batches:
        place = _check_form(lines, events, place)
        start = 0
        for index, event in enumerate(events, 1):
            if event.version in proof.places:
                proof.fold(events[start:index])
                proof.begin(event.version)
                start = index
        proof.fold(events[start:])
        version = events[-1].version
    result = proof.result
    result.events = version - source.header.first_version + 1
    result.state_digest = result.cold = state_digest(proof.cold)
    for warm in proof.beside:
        digest = state_digest(warm.state)
        result.warm.append(Warm(warm.snapshot_version, digest))
        if digest != result.cold or memory_digest(warm.state) != memory_digest(proof.cold):
            raise DamageError(
                warm.snapshot_version, "a warm start from here gives a different state than the cold start"
            )


def _check_form(lines: Sequence[bytes], events: Sequence[Line], turn: _Place) -> _Place:
    """Every line is canonical, time never goes back, and a decision names the observation of its turn."""
    cause, at_ns = turn
    for line, event in zip(lines, events, strict=True):
        check_canonical(line, event)
        if event.at_ns < at_ns:
            raise DamageError(event.version, f"time goes backwards from {at_ns} to {event.at_ns}")
        if event.cause is None:
            cause = event.version
        elif event.cause != cause:
            raise DamageError(event.version, f"its cause is {event.cause}, but the observation of its turn is {cause}")
        at_ns = event.at_ns
    return _Place(cause, at_ns)
