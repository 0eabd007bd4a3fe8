"""Sealing a bot's stream and continuing it in a segment that opens with the whole state.

Who begins to read at the new segment needs nothing from before it: its first event is `OpeningState`, its header has
the settings in force, and its chain continues the sealed one's.
"""

import os
import socket
from importlib.metadata import version as installed_version

import msgspec
from msgspec import Raw

from perptape.core.canonical import canonical_json
from perptape.core.codec import log_record
from perptape.core.edge.storage.behaviour import behaviour_digest
from perptape.core.events import OpeningState
from perptape.core.money import arithmetic
from perptape.core.opening import memories_of, state_bytes
from perptape.core.state import State
from perptape.eventstore.envelope import Record
from perptape.eventstore.segment import Beginning
from perptape.eventstore.store import EventStore
from perptape.eventstore.stream import Head
from perptape.replays.tape.fold import fold_events
from perptape.replays.tape.header import FORMAT, FORMAT_VERSION, Header, Provenance
from perptape.replays.tape.reader import Progress
from perptape.replays.tape.source import open_source

_LEASE_S = 3_600.0
"""Folding a long stream takes a while, and nobody renews meanwhile; it is given back as soon as that is done."""


def seal_and_continue(store: EventStore, name: str, store_url: str, progress: Progress | None = None) -> Head:
    """Seal the stream at its head and begin the next segment with the state there.

    Nobody may write to it meanwhile. Raises LeaseHeldError when somebody does, SourceError, DamageError and the rest of
    EventStoreError; the stream is as it was then.
    """
    lease = store.acquire(name, f"store archive on {socket.gethostname()}, process {os.getpid()}", _LEASE_S)
    try:
        return _continue(store, name, store_url, lease.epoch, progress)
    finally:
        store.release(lease)


def _continue(store: EventStore, name: str, store_url: str, epoch: int, progress: Progress | None) -> Head:
    head = store.head(name)
    state = _folded(name, store_url, progress)
    header = Header(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        stream=name,
        nonce=store.stream(name).nonce,
        first_version=head.version + 1,
        previous_hash=head.hash.decode(),
        trading=Raw(canonical_json(state.settings)),
        provenance=Provenance(release=installed_version("perptape"), behaviour=behaviour_digest()),
    )
    opening = OpeningState(Raw(state_bytes(state)), memories_of(state))
    record = Record._make(log_record(opening, state.at_ns, None))
    beginning = Beginning(header.nonce, msgspec.json.encode(header), record)
    return store.continue_stream(name, head.version, beginning, epoch=epoch)


def _folded(name: str, store_url: str, progress: Progress | None) -> State:
    state = State()
    with open_source(name, store_url) as source, arithmetic():
        state.version = source.header.first_version - 1
        for _lines, events in source.batches:
            fold_events(state, events)
            if progress is not None:
                progress(state.version)
        state_bytes(state)
    return state
