"""The store's work done with the `eventsourcing` package, in an interpreter of its own where that is installed.

    PYTHON eventsourcing_work.py one|grouped|read application|recorder FILE-OF-JSON-LINES STORE

Prints events and seconds as JSON. STORE is a file for SQLite, or a libpq key/value string for PostgreSQL. `application`
is how the package is used: an aggregate triggers events and the application saves it; `recorder` is the floor under
that, its recorder with our own mapper and no aggregate at all. Both have the fastest safe settings: a write-ahead log
with full synchronisation, orjson instead of its own transcoder, no database functions (a reader can skip events then).
"""

import json
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from eventsourcing.persistence import JSONTranscoder, Mapper, StoredEvent
from eventsourcing.utils import get_topic, resolve_topic

GROUP = 100
STREAM = UUID(int=1)


class OrjsonMapper(Mapper[UUID]):
    """Events to stored events and back, by orjson."""

    def to_stored_event(self, domain_event: Any) -> StoredEvent:
        """Encode."""
        state = dict(vars(domain_event))
        originator_id, version = state.pop("originator_id"), state.pop("originator_version")
        return StoredEvent(originator_id, version, get_topic(type(domain_event)), orjson.dumps(state))

    def to_domain_event(self, stored_event: StoredEvent) -> Any:
        """Decode."""
        kind = resolve_topic(stored_event.topic)
        state = orjson.loads(stored_event.state)
        state["timestamp"] = datetime.fromisoformat(state["timestamp"])
        state["originator_id"] = stored_event.originator_id
        state["originator_version"] = stored_event.originator_version
        made = object.__new__(kind)
        made.__dict__.update(state)
        return made


class Tape(Aggregate):
    """An aggregate that takes fills."""

    @event("Filled")
    def fill(self, fields: dict[str, Any]) -> None:
        """One more fill."""
        self.last = fields


class Tapes(Application):
    """The application, with the mapper above."""

    snapshotting_intervals = None

    def construct_mapper(self) -> Mapper[UUID]:
        """Ours."""
        return OrjsonMapper(JSONTranscoder())


def environment(store: str) -> dict[str, str]:
    """The package's settings for a place."""
    if "=" not in store:
        return {"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": store}
    parts = dict(part.split("=", 1) for part in store.split())
    return {
        "PERSISTENCE_MODULE": "eventsourcing.postgres",
        "POSTGRES_DBNAME": parts["dbname"],
        "POSTGRES_HOST": parts["host"],
        "POSTGRES_PORT": parts.get("port", "5432"),
        "POSTGRES_USER": parts["user"],
        "POSTGRES_PASSWORD": parts.get("password", ""),
    }


def application_work(case: str, events: list[dict[str, Any]], application: Tapes) -> Callable[[], int]:
    """Aggregates and the application."""
    tape = Tape()

    def append(group: int) -> int:
        for start in range(0, len(events), group):
            for fields in events[start : start + group]:
                tape.fill(fields)
            application.save(tape)
        return len(events)

    def read() -> int:
        found: Any = application.repository.get(tape.id)
        return int(found.version) - 1

    if case == "read":
        append(1_000)
        return read
    return lambda: append(GROUP if case == "grouped" else 1)


def recorder_work(case: str, events: list[dict[str, Any]], application: Tapes) -> Callable[[], int]:
    """The recorder, with nothing above it."""
    recorder: Any = application.recorder

    def append(group: int) -> int:
        for start in range(0, len(events), group):
            batch = enumerate(events[start : start + group], start + 1)
            recorder.insert_events([StoredEvent(STREAM, at, "fill", orjson.dumps(one)) for at, one in batch])
        return len(events)

    def read() -> int:
        return sum(1 for stored in recorder.select_events(STREAM) if orjson.loads(stored.state))

    if case == "read":
        append(1_000)
        return read
    return lambda: append(GROUP if case == "grouped" else 1)


def main() -> None:
    """Do the work once."""
    case, level, lines, place = sys.argv[1:]
    events = [orjson.loads(line) for line in Path(lines).read_bytes().splitlines()]
    application = Tapes(env=environment(place))  # closes its connections when nothing holds it any more
    run = (application_work if level == "application" else recorder_work)(case, events, application)
    started = time.perf_counter()
    count = run()
    print(json.dumps([count, time.perf_counter() - started]))


if __name__ == "__main__":
    main()
