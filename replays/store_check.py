"""Checking a store: guards, every stream's chain, and its snapshots."""

from typing import Any

from msgspec import Struct

from core.edge.behaviour import behaviour_digest
from eventstore.errors import GuardsMissingError
from eventstore.store import EventStore


class StreamCheck(Struct, frozen=True):
    """What was found in one stream."""

    stream: str
    events: int
    first_bad: int | None
    reason: str
    snapshots: int
    """Sound snapshots that this release can start from."""
    set_aside: int


class StoreCheck(Struct, frozen=True):
    """What was found in a store."""

    store: str
    guards: str
    """Empty when the database refuses to change events; else what is missing."""
    streams: list[StreamCheck]

    @property
    def ok(self) -> bool:
        """Whether guards and every chain hold."""
        return not self.guards and all(stream.first_bad is None for stream in self.streams)


def check_store(url: str) -> StoreCheck:
    """Check everything in the store. Raises EventStoreError when it cannot be opened."""
    with EventStore.open(url) as store:
        try:
            store.check_guards()
            guards = ""
        except GuardsMissingError as error:
            guards = str(error)
        return StoreCheck(url, guards, [_check_stream(store, stream.name) for stream in store.streams()])


def _check_stream(store: EventStore, name: str) -> StreamCheck:
    found = store.verify(name)
    behaviour = behaviour_digest()
    entries = store.snapshots(name)
    return StreamCheck(
        stream=name,
        events=found.events,
        first_bad=found.first_bad.version if found.first_bad else None,
        reason=found.first_bad.reason if found.first_bad else "",
        snapshots=sum(entry.status == "active" and entry.behaviour == behaviour for entry in entries),
        set_aside=sum(entry.status == "set_aside" for entry in entries),
    )


def as_data(report: StoreCheck) -> dict[str, Any]:
    """What `store check --json` prints."""
    return {
        "ok": report.ok,
        "store": report.store,
        "guards": report.guards or None,
        "streams": [
            {
                "stream": s.stream,
                "events": s.events,
                "first_bad": None if s.first_bad is None else {"version": s.first_bad, "reason": s.reason},
                "snapshots": s.snapshots,
                "set_aside": s.set_aside,
            }
            for s in report.streams
        ],
    }


def as_text(report: StoreCheck) -> str:
    """A line for the guards and one for each stream."""
    lines = [f"{report.store}: {'guards MISSING: ' + report.guards if report.guards else 'guards in place'}"]
    for stream in report.streams:
        verdict = (
            "the chain holds"
            if stream.first_bad is None
            else f"DAMAGED at version {stream.first_bad:,}: {stream.reason}"
        )
        lines.append(
            f"  {stream.stream}: {stream.events:,} events, {verdict}; "
            f"{stream.snapshots} snapshots, {stream.set_aside} set aside"
        )
    return "\n".join(lines)
