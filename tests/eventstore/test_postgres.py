"""What only a store on a PostgreSQL server promises: durable, found again after a restart, and clear when refused."""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

import psycopg
import pytest

from perptape.eventstore import errors, schema
from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, record, records
from tests.eventstore.places import PostgresPlace
from tests.postgres.relay import relayed
from tests.postgres.server import Installation, Server


@pytest.fixture
def place(postgres_store_url: str) -> PostgresPlace:
    return PostgresPlace(postgres_store_url)


@pytest.fixture
def store(place: PostgresPlace) -> Iterator[EventStore]:
    with EventStore.open(place.url, busy_timeout_ms=50) as opened:
        opened.create_stream("bot", NONCE, METADATA)
        yield opened


@pytest.fixture
def own_server(postgres_installation: Installation) -> Iterator[Server]:
    """A server of the test's own, with an empty store in it."""
    with postgres_installation.server(durable=False).running() as server:
        schema.initialise(server.url())
        yield server


def refusal(url: str, kind: type[errors.StoreUnavailableError], says: str) -> str:
    with pytest.raises(kind, match=says) as caught:
        EventStore.open(url)
    assert type(caught.value) is kind
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_the_spellings_of_a_url_mean_the_same(place: PostgresPlace, scheme: str) -> None:
    with EventStore.open(place.url.replace("postgresql", scheme, 1)) as store:
        assert store.streams() == []


def test_every_connection_is_durable_and_waits_only_so_long(place: PostgresPlace) -> None:
    place.run(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off', current_database()); END $$"
    )
    place.run(
        "DO $$ BEGIN EXECUTE format("
        "'ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database()); END $$"
    )
    with EventStore.open(place.url, busy_timeout_ms=1_234) as store:
        for connecting in (store._database.writing, store._database.reading):
            with connecting() as connection:
                settings = {
                    name: connection.exec_driver_sql(f"SHOW {name}").scalar_one()
                    for name in ("synchronous_commit", "lock_timeout", "transaction_isolation", "client_encoding")
                }
            assert settings == {
                "synchronous_commit": "on",
                "lock_timeout": "1234ms",
                "transaction_isolation": "read committed",
                "client_encoding": "UTF8",
            }


def test_an_unreachable_server_is_named() -> None:
    refusal("postgresql://me:hunter2@/db?host=/nowhere", errors.StoreUnreachableError, "cannot be reached")
    refusal("postgresql://me:hunter2@127.0.0.1:1/db", errors.StoreUnreachableError, "cannot be reached")


def test_an_unknown_database_is_named(postgres_server: Server) -> None:
    refusal(postgres_server.url("nothing_here"), errors.StoreMissingError, "no such database")


@pytest.mark.parametrize("password", ["hunter2", "", "hunter2 %40/@"])
def test_a_wrong_password_is_refused_and_not_shown(postgres_server: Server, password: str) -> None:
    url = postgres_server.url(user="somebody", password=password)

    told = refusal(url, errors.StoreDeniedError, "rejects this user")

    assert "hunter2" not in told


def test_an_option_that_nobody_knows_is_refused_without_the_password() -> None:
    told = refusal("postgresql://me:hunter2@127.0.0.1:1/db?sslmod=require", errors.StoreUrlError, "sslmod")

    assert "hunter2" not in told


def test_an_empty_database_is_no_store_yet(postgres_url: str) -> None:
    refusal(postgres_url, errors.NotAStoreError, "`perptape store init`")


def test_a_row_that_somebody_else_holds_is_busy_and_readable_all_the_same(
    store: EventStore, place: PostgresPlace
) -> None:
    store.append("bot", 0, records(2))
    with psycopg.connect(place.url) as other:
        other.execute("SELECT * FROM heads FOR UPDATE")

        with pytest.raises(errors.StoreBusyError, match="another process holds a lock"):
            store.append("bot", 2, [record(3)])
        with pytest.raises(errors.StoreBusyError):
            store.claim("bot")
        assert len(list(store.read("bot"))) == 2

    assert store.append("bot", 2, [record(3)]).version == 3


def test_a_store_that_may_only_be_read_is_read(store: EventStore, place: PostgresPlace) -> None:
    store.append("bot", 0, records(2))
    options = quote("-cdefault_transaction_read_only=on")

    with EventStore.open(f"{place.url}&options={options}") as reader:
        assert reader.verify("bot").events == 2
        with pytest.raises(errors.StoreReadOnlyError, match="cannot be written"):
            reader.append("bot", 2, [record(3)])


def test_when_there_is_no_room_nothing_is_stored_and_later_all_is(store: EventStore, place: PostgresPlace) -> None:
    head = store.append("bot", 0, records(2))
    place.run(
        "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN RAISE EXCEPTION USING ERRCODE = ''53100'', MESSAGE = ''could not extend file''; END';"
        "CREATE TRIGGER full_disk BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION full_disk()"
    )

    with pytest.raises(errors.StoreFullError, match="could not extend file; free some"):
        store.append("bot", 2, records(9, 3))
    assert store.head("bot") == head

    place.run("DROP TRIGGER full_disk ON events")
    assert store.append("bot", 2, records(9, 3)).version == 11


def test_after_a_restart_the_first_append_says_so_and_the_next_works(own_server: Server) -> None:
    with EventStore.open(own_server.url()) as store:
        store.create_stream("bot", NONCE, METADATA)
        head = store.append("bot", 0, records(2))
        assert store.head("bot") == head  # over the connection that waits in the pool now
        own_server.restart()

        assert store.head("bot") == head
        with pytest.raises(errors.StoreLostError, match="safe to repeat"):
            store.append("bot", 2, [record(3)])
        assert store.append("bot", 2, [record(3)]).version == 3


def test_a_server_that_is_gone_and_comes_back_is_used_again(own_server: Server) -> None:
    with EventStore.open(own_server.url()) as store:
        store.create_stream("bot", NONCE, METADATA)
        store.append("bot", 0, records(2))
        own_server.kill()

        with pytest.raises(errors.StoreLostError):
            store.append("bot", 2, [record(3)])
        for use in (store.head, store.claim):
            with pytest.raises(errors.StoreUnreachableError):
                use("bot")

        own_server.start()
        assert store.append("bot", 2, [record(3)]).version == 3
        assert store.verify("bot").ok


def test_a_reader_whose_server_dies_between_pages_is_told_and_can_go_on(own_server: Server) -> None:
    with EventStore.open(own_server.url()) as store:
        store.create_stream("bot", NONCE, METADATA)
        store.append("bot", 0, records(2_500))
        reader = store.read("bot")
        read = [next(reader).version for _ in range(1_000)]
        own_server.kill()

        with pytest.raises(errors.StoreUnavailableError):
            next(reader)

        own_server.start()
        read += [envelope.version for envelope in store.read("bot", read[-1])]
        assert read == list(range(1, 2_501))


@pytest.mark.parametrize("size", [1, 300])
def test_an_append_whose_answer_was_lost_is_stored_and_answered_when_repeated(own_server: Server, size: int) -> None:
    with (
        TemporaryDirectory() as folder,
        relayed(own_server, Path(folder)) as relay,
        EventStore.open(relay.url) as store,
    ):
        store.create_stream("bot", NONCE, METADATA)
        store.append("bot", 0, records(2))

        relay.lose_next_answer()
        with pytest.raises(errors.StoreLostError, match="it is unknown whether an append was stored"):
            store.append("bot", 2, records(size, 3))
        stored = store.head("bot")

        assert stored.version == 2 + size
        assert store.append("bot", 2, records(size, 3)) == stored
        assert store.verify("bot").events == 2 + size


def test_stores_live_side_by_side_in_schemas(postgres_store_url: str) -> None:
    PostgresPlace(postgres_store_url).run('CREATE SCHEMA first; CREATE SCHEMA "Second one"')
    paths = ["public", "first,public", '"Second\\ one"']
    urls = [in_path(postgres_store_url, path) for path in paths]

    for url in urls:
        with EventStore.open(url, create=True) as store:
            store.create_stream("bot", NONCE, url.encode())
            store.append("bot", 0, records(3))
            store.check_guards()

    for url in urls:
        with EventStore.open(url) as store:
            assert [stream.metadata for stream in store.streams()] == [url.encode()]
    refusal(in_path(postgres_store_url, "third"), errors.StoreMissingError, "CREATE SCHEMA")


def test_a_schema_is_not_taken_for_the_next_one_on_the_path(postgres_store_url: str) -> None:
    PostgresPlace(postgres_store_url).run("CREATE SCHEMA first")

    refusal(in_path(postgres_store_url, "first,public"), errors.NotAStoreError, "`perptape store init`")


def in_path(url: str, path: str) -> str:
    return f"{url}&options={quote('-csearch_path=' + path)}"


def test_a_remembered_head_that_moved_is_looked_up_again(store: EventStore, place: PostgresPlace) -> None:
    store.append("bot", 0, records(2))
    with EventStore.open(place.url) as other:
        other.append("bot", 2, records(3, 3))
        epoch = other.claim("bot").epoch

    with pytest.raises(errors.ConflictError) as conflict:
        store.append("bot", 2, [record(99)])
    assert conflict.value.actual == 5
    assert store.append("bot", 2, [record(3)]).version == 3
    with pytest.raises(errors.FencedError):
        store.append("bot", 5, [record(6)], epoch=0)
    assert store.append("bot", 5, [record(6)], epoch=epoch).version == 6


def test_a_remembered_head_does_not_outlive_a_claim(store: EventStore, place: PostgresPlace) -> None:
    epoch = store.claim("bot").epoch
    store.append("bot", 0, records(2), epoch=epoch)
    with EventStore.open(place.url) as other:
        other.claim("bot")

    with pytest.raises(errors.FencedError):
        store.append("bot", 2, [record(3)], epoch=epoch)
    assert store.append("bot", 2, [record(3)]).epoch == epoch + 1


def test_values_of_every_size_fit_the_columns(store: EventStore) -> None:
    big = record(1)._replace(schema=2**31 - 1, at_ns=2**63 - 1)
    small = record(1)._replace(schema=1, at_ns=0)
    many = [*[small] * 5, *[big] * 5, *[small._replace(cause=number) for number in range(1, 5)]]
    for few in ([small], [big], [big, small], [small._replace(cause=1)], many, [many[0]] * 6, many[-4:]):
        store.append("bot", store.head("bot").version, few)

    assert store.verify("bot").ok
