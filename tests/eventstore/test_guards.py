"""Stored events cannot be changed, and a store whose guards are gone is refused."""

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from perptape.eventstore.errors import GuardsMissingError, StoreBusyError
from perptape.eventstore.postgres.backend import PostgresBackend
from perptape.eventstore.sqlite.backend import SqliteBackend
from perptape.eventstore.store import EventStore
from tests.eventstore.given import records
from tests.eventstore.places import Place, PostgresPlace

COLUMNS = "place, type, schema, at_ns, data, hash"
OR_UPDATE = "ON CONFLICT (place) DO UPDATE SET type = 'x'"
EVERY_GUARD = [
    *(("sqlite", guard) for guard in sorted(SqliteBackend.guards)),
    *(("postgres", guard) for guard in sorted(PostgresBackend.guards)),
]


def test_a_store_is_guarded_and_the_proof_leaves_no_trace(in_place: EventStore) -> None:
    in_place.append("bot", 0, records(3))
    before = in_place.streams(), list(in_place.read("bot"))

    in_place.check_guards()

    assert (in_place.streams(), list(in_place.read("bot"))) == before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET type = 'x'",
        "UPDATE events SET place = place + 100",
        "DELETE FROM events",
        f"INSERT INTO events ({COLUMNS}) SELECT {COLUMNS} FROM events WHERE true {OR_UPDATE}",
        "UPDATE streams SET nonce = 'x'",
        "UPDATE streams SET format_name = ''",
        "DELETE FROM streams",
        "UPDATE heads SET version = version - 1",
        "UPDATE heads SET epoch = epoch - 1",
        "UPDATE heads SET stream_id = 9",
        "DELETE FROM heads",
    ],
)
def test_nothing_stored_can_be_changed_over_our_connections(in_place: EventStore, statement: str) -> None:
    assert_refused(in_place, statement)


def test_a_replacement_is_a_change_too(on_disk: EventStore) -> None:
    assert_refused(on_disk, f"REPLACE INTO events ({COLUMNS}) SELECT {COLUMNS} FROM events")


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE events",
        "TRUNCATE heads",
        "TRUNCATE streams CASCADE",
        "TRUNCATE events, heads, streams, snapshots CASCADE",
        "MERGE INTO events USING heads ON heads.version = events.version WHEN MATCHED THEN DELETE",
        "SET LOCAL session_replication_role = replica; DELETE FROM events",
    ],
)
def test_nor_by_what_only_postgresql_can_do(postgres_store_url: str, statement: str) -> None:
    with EventStore.open(postgres_store_url) as store:
        store.create_stream("bot", "n", b"")
        assert_refused(store, statement)


def assert_refused(store: EventStore, statement: str) -> None:
    store.append("bot", 0, records(3))

    with (
        store._database.engine.connect() as connection,
        pytest.raises(IntegrityError, match=r"immutable|keeps its head|never goes back"),
    ):
        connection.exec_driver_sql(statement)

    assert store.verify("bot").events == 3


@pytest.mark.parametrize(("place", "guard"), EVERY_GUARD, indirect=["place"])
def test_a_missing_guard_is_named_at_the_opening(place: Place, guard: str) -> None:
    place.drop_guard(guard)

    with pytest.raises(GuardsMissingError, match=guard):
        EventStore.open(place.url)


@pytest.mark.parametrize(("place", "guard"), EVERY_GUARD, indirect=["place"])
def test_a_guard_that_does_nothing_is_found_by_trying(place: Place, guard: str) -> None:
    with EventStore.open(place.url) as store:
        place.hollow_guard(guard)

        with pytest.raises(GuardsMissingError, match="does not protect its events"):
            store.check_guards()


@pytest.mark.parametrize("guard", sorted(PostgresBackend.guards))
@pytest.mark.parametrize("how", ["DISABLE", "ENABLE REPLICA"])
def test_a_guard_that_is_switched_off_is_missing(postgres_store_url: str, guard: str, how: str) -> None:
    table = guard.partition("_")[0]
    PostgresPlace(postgres_store_url).run(f"ALTER TABLE {table} {how} TRIGGER {guard}")

    with pytest.raises(GuardsMissingError, match=guard):
        EventStore.open(postgres_store_url)


def test_the_proof_does_not_take_another_refusal_for_a_guards(postgres_store_url: str) -> None:
    """A lock that it does not get, for one, proves nothing."""
    with (
        EventStore.open(postgres_store_url, busy_timeout_ms=20) as store,
        psycopg.connect(postgres_store_url) as backup,
    ):
        backup.execute("LOCK TABLE events IN ACCESS SHARE MODE")
        with pytest.raises(StoreBusyError):
            store.check_guards()

        assert store.streams() == []
