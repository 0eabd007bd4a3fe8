"""What only a store in a file promises: it lasts, it is durable, and it says in one line why it cannot be opened."""

import os
import resource
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import pytest

from eventstore import errors
from eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, record, records


def refusal(url: str) -> errors.StoreUnavailableError:
    with pytest.raises(errors.StoreUnavailableError) as caught:
        EventStore.open(url)
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_store_lasts(url: str) -> None:
    with EventStore.open(url, create=True) as store:
        store.create_stream("bot", NONCE, METADATA)
        head = store.append("bot", 0, records(3))

    with EventStore.open(url) as store:
        assert store.head("bot") == head
        assert store.verify("bot").ok


def test_creating_a_store_that_is_there_opens_it(on_disk: EventStore, url: str) -> None:
    with EventStore.open(url, create=True) as again:
        assert again.streams() == on_disk.streams()


def test_every_connection_syncs_each_commit(on_disk: EventStore) -> None:
    database = on_disk._database
    for connecting in (database.writing, database.reading):
        with connecting() as connection:
            pragmas = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("journal_mode", "synchronous", "recursive_triggers", "foreign_keys")
            }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2, "recursive_triggers": 1, "foreign_keys": 1}


def test_a_missing_file_is_not_made(url: str, path: Path) -> None:
    refused = refusal(url)

    assert isinstance(refused, errors.StoreMissingError)
    assert str(path) in str(refused)
    assert "perptape store init" in str(refused)
    assert not path.exists()


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.StoreMissingError, match=r"folder .*nowhere does not exist"):
        EventStore.open(f"sqlite:///{tmp_path}/nowhere/tape.db", create=True)


@pytest.mark.parametrize("create", [False, True])
def test_a_folder_is_not_a_store(tmp_path: Path, create: bool) -> None:
    with pytest.raises(errors.NotAStoreError, match="folder or a device"):
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

    with pytest.raises(errors.NotAStoreError, match="holds no event store"):
        EventStore.open(url, create=create)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "url",
    [
        "tape.db",
        "sqlite://",
        "sqlite:///:memory:",
        "",
        "postgresql://me:hunter2@host/db",
        "mysql+pymysql://h/d?password=hunter2",
    ],
)
def test_a_url_that_names_no_usable_store_is_refused_without_its_password(url: str) -> None:
    refused = refusal(url)

    assert isinstance(refused, errors.StoreUrlError)
    assert "sqlite:///FILE" in str(refused)
    assert "hunter2" not in str(refused)


def test_two_writers_of_one_stream_conflict(on_disk: EventStore, url: str) -> None:
    with EventStore.open(url) as other:
        on_disk.append("bot", 0, [record(1)])
        with pytest.raises(errors.ConflictError):
            other.append("bot", 0, [record(2)])
        assert other.append("bot", 1, [record(2)]) == on_disk.head("bot")


@pytest.mark.parametrize("shared", [True, False])
def test_writers_that_race_for_a_version_never_share_it(on_disk: EventStore, url: str, shared: bool) -> None:
    won: list[int] = []

    def write(store: EventStore, number: int) -> None:
        for step in range(25):
            while True:
                version = store.head("bot").version
                try:
                    head = store.append("bot", version, [record(number * 1_000 + step)])
                except errors.ConflictError:
                    continue
                won.append(head.version)
                break

    def writer(number: int) -> None:
        if shared:
            write(on_disk, number)
            return
        with EventStore.open(url) as own:
            write(own, number)

    threads = [Thread(target=writer, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == list(range(1, 101))
    assert on_disk.verify("bot").events == 100


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
