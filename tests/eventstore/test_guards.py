import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from eventstore.errors import GuardsMissingError
from eventstore.guards import GUARDS
from eventstore.store import EventStore
from tests.eventstore.given import records

COLUMNS = "place, type, schema, at_ns, data, hash"


def test_a_store_is_guarded_and_the_proof_leaves_no_trace(on_disk: EventStore) -> None:
    on_disk.append("bot", 0, records(3))
    before = on_disk.streams(), list(on_disk.read("bot"))

    on_disk.check_guards()

    assert (on_disk.streams(), list(on_disk.read("bot"))) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET data = CAST('{}' AS BLOB)",
        "UPDATE events SET place = place + 100",
        "DELETE FROM events",
        f"REPLACE INTO events ({COLUMNS}) SELECT {COLUMNS} FROM events",
        f"INSERT INTO events ({COLUMNS}) SELECT {COLUMNS} FROM events WHERE true ON CONFLICT DO UPDATE SET type = 'x'",
        "UPDATE streams SET nonce = 'x'",
        "UPDATE streams SET metadata = CAST('' AS BLOB)",
        "DELETE FROM streams",
        "UPDATE heads SET version = version - 1",
        "UPDATE heads SET epoch = epoch - 1",
        "UPDATE heads SET stream_id = 9",
        "DELETE FROM heads",
    ],
)
def test_nothing_stored_can_be_changed_over_our_connections(on_disk: EventStore, statement: str) -> None:
    on_disk.append("bot", 0, records(3))

    with (
        on_disk._database.engine.connect() as connection,
        pytest.raises(IntegrityError, match=r"immutable|keeps its head|never goes back"),
    ):
        connection.exec_driver_sql(statement)

    assert on_disk.verify("bot").events == 3


@pytest.mark.parametrize("guard", sorted(GUARDS))
def test_a_missing_guard_is_named_at_the_opening(url: str, path: Path, guard: str) -> None:
    EventStore.open(url, create=True).close()
    drop(path, guard)

    with pytest.raises(GuardsMissingError, match=guard):
        EventStore.open(url)


@pytest.mark.parametrize("guard", sorted(GUARDS))
def test_a_guard_that_does_nothing_is_found_by_trying(url: str, path: Path, guard: str) -> None:
    table, _, action = guard.split("_")
    when = "UPDATE" if action == "rewind" else action.upper()
    with EventStore.open(url, create=True) as store:
        drop(path, guard, f"CREATE TRIGGER {guard} BEFORE {when} ON {table} BEGIN SELECT 1; END")

        with pytest.raises(GuardsMissingError, match="does not protect its events"):
            store.check_guards()


def drop(path: Path, guard: str, instead: str = "") -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(f"DROP TRIGGER IF EXISTS {guard}; {instead}")
