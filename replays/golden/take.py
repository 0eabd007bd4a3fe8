"""Taking the golden of a recording: one pass over it, with a warm start from every place on the way."""

import json
from pathlib import Path
from typing import Any

from perptape.core.codec import Line
from perptape.core.errors import NotMoneyError
from perptape.core.events import PriceMessage
from perptape.core.money import arithmetic
from perptape.core.opening import open_snapshot, snapshot_bytes, state_bytes, state_digest
from perptape.core.state import State
from perptape.core.state_schema import state_schema
from perptape.replays.golden.form import FORMAT, FORMAT_VERSION, Golden, GoldenSource
from perptape.replays.golden.tally import Tally, account_row, result_rows
from perptape.replays.tape.errors import DamageError
from perptape.replays.tape.fold import fold_events
from perptape.replays.tape.header import HASH
from perptape.replays.tape.reader import Progress
from perptape.replays.tape.source import Source, open_file

PLACES_MAX = 16
"""How many state digests a golden keeps on the way at most."""


class _Places:
    """At which versions a digest is kept: every `step` events, the step doubled whenever there are too many."""

    def __init__(self) -> None:
        self.step = PLACES_MAX
        self.digests: dict[int, str] = {}

    def due(self, version: int) -> bool:
        return version % self.step == 0

    def keep(self, version: int, digest: str) -> None:
        self.digests[version] = digest
        if len(self.digests) > PLACES_MAX:
            self.step *= 2
            self.digests = {at: kept for at, kept in self.digests.items() if at % self.step == 0}


class _Fold:
    """The state folded from the start, and beside it one that began at the last place from a snapshot."""

    def __init__(self, first_version: int) -> None:
        self.cold = State()
        self.cold.version = first_version - 1
        self.warm: State | None = None
        self.warm_since = 0

    def go_on(self, events: list[Line]) -> None:
        fold_events(self.cold, events)
        if self.warm is not None:
            fold_events(self.warm, events)

    def place(self) -> str:
        """Hold the warm state against the cold one, and begin another one here; gives the digest."""
        encoded = snapshot_bytes(self.cold)
        if self.warm is not None and snapshot_bytes(self.warm) != encoded:
            raise DamageError(self.warm_since, "a warm start from here gives a different state than the cold start")
        self.warm, self.warm_since = open_snapshot(encoded), self.cold.version
        return state_digest(self.cold)


def take(recording: Path, progress: Progress | None = None) -> Golden:
    """What a recording came to. Raises NotARecordingError and DamageError."""
    try:
        with open_file(recording, progress) as source, arithmetic():
            return _take(source)
    except NotMoneyError as error:
        raise DamageError(0, f"invalid amount: {error}") from error


def _take(source: Source) -> Golden:
    fold, tally, places = _Fold(source.header.first_version), Tally(), _Places()
    last_hash = source.header.previous_hash
    for lines, events in source.batches:
        last_hash = lines[-1][HASH].decode()
        waiting: list[Line] = []
        for event in events:
            waiting.append(event)
            place = places.due(event.version)
            if place or not isinstance(event.data, PriceMessage):
                fold.go_on(waiting)
                waiting = []
                tally.see(event, fold.cold)
            if place:
                places.keep(event.version, fold.place())
        fold.go_on(waiting)
    state = fold.cold
    digests = {**places.digests, state.version: fold.place()}
    header = source.header
    return Golden(
        format=FORMAT,
        format_version=FORMAT_VERSION,
        tape=GoldenSource(
            stream=header.stream,
            first_version=header.first_version,
            last_version=state.version,
            last_hash=last_hash,
            release=header.provenance.release,
            behaviour=header.provenance.behaviour,
        ),
        account=account_row(state),
        results=result_rows(state),
        orders=list(tally.orders.values()),
        fills=list(tally.fills.values()),
        guards=tally.guards,
        modes=tally.modes,
        alerts=tally.alerts,
        states={str(version): digest for version, digest in digests.items()},
        state=_state(state),
        state_schema=state_schema(),
    )


def _state(state: State) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(state_bytes(state))
    return data
