"""What only a store in a file promises: it is durable, and it says in one line why it cannot be opened."""

import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from perptape.eventstore import errors
from perptape.eventstore.place import place_of
from perptape.eventstore.sqlite.appending import LOG_PAGES
from perptape.eventstore.store import EventStore
from tests.eventstore.given import record, records


def test_every_connection_syncs_each_commit(on_disk: EventStore) -> None:
    database = on_disk._database
    for connecting in (database.writing, database.reading):
        with connecting() as connection:
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "recursive_triggers", "foreign_keys")
            }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1, "foreign_keys": 1}


def log_pages(path: Path) -> int:
    """Whole pages in the write-ahead log, each behind a header of 24 bytes; the log itself begins with 32."""
    return (path.with_name(f"{path.name}-wal").stat().st_size - 32) // (4096 + 24)


def test_short_appends_keep_the_log_short_and_long_ones_let_it_grow(on_disk: EventStore, path: Path) -> None:
    """A commit that makes the log longer takes far longer than one that writes over what is in the file already."""
    on_disk.create_stream("tape", "nonce", b"{}")
    for version in range(400):
        on_disk.append("tape", version, [record(version)])
    assert LOG_PAGES <= log_pages(path) < LOG_PAGES + 20
    for version in range(400, 24_400, 300):
        on_disk.append("tape", version, records(300))
    assert 1_000 <= log_pages(path) < 1_100


def test_a_missing_file_is_not_made(url: str, path: Path) -> None:
    with pytest.raises(errors.StoreMissingError, match="perptape store init") as refusal:
        EventStore.open(url)
    assert str(path) in str(refusal.value)
    assert not path.exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.StoreMissingError, match=r"folder .*nowhere does not exist"):
        EventStore.open(f"sqlite:///{tmp_path}/nowhere/tape.db", create=True)


@pytest.mark.parametrize("create", [False, True])
def test_a_folder_is_not_a_store(tmp_path: Path, create: bool) -> None:
    with pytest.raises(errors.NotAStoreError, match="folder or device"):
        EventStore.open(f"sqlite:///{tmp_path}", create=create)


@pytest.mark.parametrize("create", [False, True])
def test_another_kind_of_file_is_not_a_store(url: str, path: Path, create: bool) -> None:
    path.write_bytes(b"symbol,price\n" * 100)

    with pytest.raises(errors.NotAStoreError, match="not an SQLite database"):
        EventStore.open(url, create=create)
    assert path.read_bytes() == b"symbol,price\n" * 100


@pytest.mark.parametrize("create", [False, True])
def test_somebody_elses_database_is_left_as_it_is(url: str, path: Path, create: bool) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    before = path.read_bytes()

    with pytest.raises(errors.NotAStoreError, match="not an event store"):
        EventStore.open(url, create=create)
    assert path.read_bytes() == before


def test_a_locked_store_is_busy_and_readable_all_the_same(on_disk: EventStore, url: str, path: Path) -> None:
    on_disk.append("bot", 0, records(2))
    with (
        closing(sqlite3.connect(path, isolation_level=None)) as other,
        EventStore.open(url, busy_timeout_ms=1) as store,
    ):
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(errors.StoreBusyError, match="another process is writing"):
            store.append("bot", 2, [record(3)])
        assert len(list(store.read("bot"))) == 2

        other.execute("ROLLBACK")
        assert store.append("bot", 2, [record(3)]).version == 3


def test_a_read_only_store_is_read_and_not_written(on_disk: EventStore, path: Path) -> None:
    on_disk.append("bot", 0, records(2))

    with EventStore.open(f"sqlite:///file:{path}?mode=ro&uri=true") as store:
        assert store.verify("bot").events == 2
        with pytest.raises(errors.StoreReadOnlyError, match="cannot be written"):
            store.append("bot", 2, [record(3)])


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """No file of this process may grow beyond a size, as on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, before)


def test_when_there_is_no_room_nothing_is_stored_and_later_all_is(on_disk: EventStore, path: Path) -> None:
    head = on_disk.append("bot", 0, records(100))
    big = [record(number)._replace(data=b'{"fill":"%b"}' % (b"x" * 4_000)) for number in range(200)]

    with (
        file_size_limit(os.path.getsize(f"{path}-wal") + 8_192),  # noqa: PTH202  (a name beside the path)
        pytest.raises((errors.StoreFullError, errors.StoreFailedError)),
    ):
        on_disk.append("bot", 100, big)

    assert on_disk.head("bot") == head
    assert on_disk.append("bot", 100, big).version == 300
    assert on_disk.verify("bot").ok


@pytest.mark.parametrize("size", [1, 2, 19, 20, 21, 47])
def test_every_value_is_stored_in_its_columns_type(on_disk: EventStore, path: Path, size: int) -> None:
    caused = [record(number, None if number % 2 else 1) for number in range(2, size + 2)]
    on_disk.append("bot", 0, records(1))
    on_disk.append("bot", 1, caused)

    names = ("place", "type", "schema", "at_ns", "cause", "data", "hash")
    with closing(sqlite3.connect(path)) as file:
        types = file.execute(f"SELECT {', '.join(f'typeof({name})' for name in names)} FROM events ORDER BY place")
        found = types.fetchall()
    causes = [None, *(one.cause for one in caused)]
    assert found == [
        ("integer", "text", "integer", "integer", "null" if cause is None else "integer", "blob", "blob")
        for cause in causes
    ]


@pytest.mark.parametrize("planted", [1, 20, 25, 47])
def test_of_an_append_onto_a_row_that_should_not_be_there_nothing_stays(
    on_disk: EventStore, path: Path, planted: int
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        values = (place_of(1, planted), "Planted", 1, 0, b"{}", b"")
        file.execute("INSERT INTO events (place, type, schema, at_ns, data, hash) VALUES (?, ?, ?, ?, ?, ?)", values)

        with pytest.raises(errors.StoreFailedError, match="store check"):
            on_disk.append("bot", 0, records(47))

        assert file.execute("SELECT type, version FROM events").fetchall() == [("Planted", planted)]
    assert on_disk.head("bot").version == 0
    assert on_disk.append("bot", 0, records(planted - 1)).version == planted - 1


def test_a_head_that_another_process_moved_is_not_moved_from_where_it_was(on_disk: EventStore, url: str) -> None:
    epoch = on_disk.head("bot").epoch
    on_disk.append("bot", 0, records(2), epoch=epoch)
    with EventStore.open(url) as other:
        other.append("bot", 2, records(1, 3), epoch=epoch)
        with pytest.raises(errors.ConflictError):
            on_disk.append("bot", 2, records(1, 9), epoch=epoch)
        assert on_disk.append("bot", 2, records(1, 3), epoch=epoch) == other.head("bot")
        on_disk.append("bot", 3, records(1, 4), epoch=epoch)

        claimed = other.claim("bot").epoch
        with pytest.raises(errors.FencedError):
            on_disk.append("bot", 4, records(1, 5), epoch=epoch)
        on_disk.append("bot", 4, records(1, 5), epoch=claimed)

        other.seal("bot")
        with pytest.raises(errors.SealedError):
            on_disk.append("bot", 5, records(1, 6), epoch=claimed)
    assert on_disk.verify("bot").events == 5
