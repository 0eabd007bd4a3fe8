"""Migration 0002: a store of the release before gets leases and keeps what it holds; the way back takes only them."""

from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from perptape.eventstore import schema
from perptape.eventstore.database import Database
from perptape.eventstore.errors import FencedError
from perptape.eventstore.store import EventStore
from tests.eventstore.given import record
from tests.eventstore.migrating import migrate
from tests.eventstore.places import Place

FIRST_HASH = "2c9b2fd1ae7d6b2b8f1eb2c9d1c6d6d87aaf37a0f1b8a5a2b57a7e1c5d2f3a41"
HELD = f"""
INSERT INTO streams (id, name, nonce, format_name, metadata, first_version)
VALUES (1, 'bot', '3f2a', 'perptape-recording', BYTES('kept'), 1);
INSERT INTO heads (stream_id, version, hash, epoch) VALUES (1, 1, BYTES('{FIRST_HASH}'), 4);
INSERT INTO events (place, type, schema, at_ns, cause, data, hash)
VALUES ((1 * 1099511627776) + 1, 'CounterMoved', 1, 17, NULL, BYTES('(to 1)'), BYTES('{FIRST_HASH}'));
INSERT INTO snapshots (stream_id, version, behaviour, state, state_digest, status, reason)
VALUES (1, 1, 'now', BYTES('one'), 'a digest', 'active', NULL)
"""
LEASE = """
INSERT INTO leases (stream_id, holder, epoch, since_ns, ttl_ns, expires_at_ns)
VALUES (1, 'a bot', 4, 1767268800000000000, 30000000000, 1767268830000000000)
"""
TABLES = ("streams", "heads", "events", "snapshots")


@pytest.fixture
def older(empty_place: Place) -> Place:
    """A store as the release before leases left it, with something in every table."""
    migrate(empty_place.url, "0001")
    for statement in HELD.split(";"):
        empty_place.run(statement)
    return empty_place


def contents(url: str, *tables: str) -> dict[str, list[tuple[Any, ...]]]:
    with closing(Database(url, busy_timeout_ms=1_000)) as database, database.reading() as connection:
        return {table: list(map(tuple, connection.execute(text(f"SELECT * FROM {table}")))) for table in tables}


def guards(url: str) -> set[str]:
    with closing(Database(url, busy_timeout_ms=1_000)) as database, database.reading() as connection:
        return database.backend.guards_in_force(connection)


def test_the_upgrade_keeps_what_is_stored_and_adds_room_for_leases(older: Place) -> None:
    before, guarded = contents(older.url, *TABLES), guards(older.url)

    migrate(older.url, "0002")

    assert contents(older.url, *TABLES) == before
    assert contents(older.url, "leases") == {"leases": []}
    assert guards(older.url) == guarded


def test_the_way_back_takes_the_leases_and_nothing_else(older: Place) -> None:
    before, guarded = contents(older.url, *TABLES), guards(older.url)
    migrate(older.url, "0002")
    older.run(LEASE)

    migrate(older.url, "0001", down=True)

    assert schema.revision(older.url) == "0001"
    assert contents(older.url, *TABLES) == before
    assert guards(older.url) == guarded
    migrate(older.url, "0002")
    assert contents(older.url, "leases") == {"leases": []}


def test_a_store_of_the_release_before_is_leased_as_any_other(older: Place) -> None:
    schema.upgrade(older.url)

    with EventStore.open(older.url) as store:
        assert store.lease("bot") is None
        lease = store.acquire("bot", "a bot", 30)
        assert lease.epoch == 5
        assert store.append("bot", 1, [record(2)], epoch=lease.epoch).version == 2
        with pytest.raises(FencedError):
            store.append("bot", 2, [record(3)], epoch=4)


def test_a_lease_is_of_a_stream_that_is_there(older: Place) -> None:
    schema.upgrade(older.url)

    with closing(Database(older.url, busy_timeout_ms=1_000)) as database, database.writing() as connection:
        with pytest.raises(IntegrityError, match=r"(?i)foreign key"):
            connection.execute(text(LEASE.replace("(1,", "(9,")))
        connection.rollback()
