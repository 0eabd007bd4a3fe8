"""Who logs in with a writer's rights can add events and change none, guards or no guards; a reader only reads."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import make_url

from perptape.eventstore import errors
from perptape.eventstore.roles import grant_reader, grant_writer
from perptape.eventstore.snapshot import Snapshot
from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, record, records
from tests.eventstore.places import PostgresPlace

ROLE = f'bot-"{os.getpid()}"'


@pytest.fixture
def place(postgres_store_url: str) -> PostgresPlace:
    return PostgresPlace(postgres_store_url)


@pytest.fixture
def as_role(place: PostgresPlace) -> Iterator[str]:
    """The store's URL for another role, which has no right yet."""
    quoted = ROLE.replace('"', '""')
    place.run(f"CREATE ROLE \"{quoted}\" LOGIN PASSWORD 'p@ss/word'")
    yield make_url(place.url).set(username=ROLE, password="p@ss/word").render_as_string(hide_password=False)
    place.run(f'DROP OWNED BY "{quoted}"; DROP ROLE "{quoted}"')


def test_a_role_without_rights_is_told_so(as_role: str) -> None:
    with pytest.raises(errors.StoreReadOnlyError, match="lacks a privilege") as refused:
        EventStore.open(as_role)
    assert "p@ss/word" not in str(refused.value)


def test_a_writer_does_all_that_a_store_does(place: PostgresPlace, as_role: str) -> None:
    grant_writer(place.url, ROLE)

    with EventStore.open(as_role) as store:
        store.create_stream("bot", NONCE, METADATA)
        epoch = store.claim("bot").epoch
        for size in (1, 3, 100):
            version = store.head("bot").version
            store.append("bot", version, records(size, version + 1), epoch=epoch)
        store.release(store.renew(store.acquire("bot", "a bot", 30)))
        store.save_snapshot("bot", Snapshot(4, "now", b"four"))
        store.save_snapshot("bot", Snapshot(4, "now", b"four again"))
        store.set_aside_snapshot("bot", 4, "now", "looked at")
        store.import_stream("copy", NONCE, METADATA, [])
        assert store.verify("bot").events == 104
        assert "p@ss" not in store.name
        assert ROLE not in store.name
        store.check_guards()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET type = 'x'",
        "DELETE FROM events",
        "TRUNCATE events",
        "UPDATE streams SET nonce = 'x'",
        "DELETE FROM streams",
        "DELETE FROM heads",
        "UPDATE heads SET stream_id = 9",
        "TRUNCATE heads",
        "ALTER TABLE events DISABLE TRIGGER ALL",
        "DROP TRIGGER events_refuse_update ON events",
        "DROP TABLE events",
        "UPDATE alembic_version SET version_num = '9'",
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE more (x integer)",
    ],
)
def test_a_writer_changes_nothing_even_where_the_guards_are_gone(
    place: PostgresPlace, as_role: str, statement: str
) -> None:
    with EventStore.open(place.url) as store:
        store.create_stream("bot", NONCE, METADATA)
        store.append("bot", 0, records(3))
    grant_writer(place.url, ROLE)
    for table in ("events", "streams", "heads"):
        place.run(f"ALTER TABLE {table} DISABLE TRIGGER USER")

    with psycopg.connect(as_role) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute(statement.encode())


def test_a_reader_reads_and_writes_nothing(place: PostgresPlace, as_role: str) -> None:
    grant_reader(place.url, ROLE)
    with EventStore.open(place.url) as store:
        store.create_stream("bot", NONCE, METADATA)
        store.append("bot", 0, records(3))

    with EventStore.open(as_role) as store:
        assert store.verify("bot").events == 3
        assert store.lease("bot") is None
        for write in (
            lambda: store.append("bot", 3, [record(4)]),
            lambda: store.claim("bot"),
            lambda: store.acquire("bot", "a reader", 30),
            lambda: store.create_stream("other", NONCE, METADATA),
            lambda: store.save_snapshot("bot", Snapshot(3, "now", b"")),
        ):
            with pytest.raises(errors.StoreReadOnlyError, match="lacks a privilege"):
                write()


def test_a_file_has_no_roles(url: str) -> None:
    with pytest.raises(errors.StoreUrlError, match="roles exist only on PostgreSQL"):
        grant_writer(url, ROLE)
