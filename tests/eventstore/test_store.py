"""What a store on a database promises beyond the port: it lasts, several may use it, and its URL says what it is."""

from threading import Thread

import pytest

from perptape.eventstore import backends, errors
from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, record, records
from tests.eventstore.places import Place


def test_a_store_lasts(empty_place: Place) -> None:
    with EventStore.open(empty_place.url, create=True) as store:
        store.create_stream("bot", NONCE, METADATA)
        head = store.append("bot", 0, records(3))

    with EventStore.open(empty_place.url) as store:
        assert store.head("bot") == head
        assert store.verify("bot").ok


def test_creating_a_store_that_is_there_opens_it(in_place: EventStore, place: Place) -> None:
    with EventStore.open(place.url, create=True) as again:
        assert again.streams() == in_place.streams()


def refusal(url: str) -> errors.StoreUnavailableError:
    with pytest.raises(errors.StoreUnavailableError) as caught:
        EventStore.open(url)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "tape.db",
        "sqlite://",
        "sqlite:///:memory:",
        "",
        "postgresql://me:hunter2@host",
        "postgresql://me:hunter2@host:port/db",
        "postgresql+asyncpg://me:hunter2@host/db",
        "postgresql+psycopg2://me:p@hunter2/or#so@host/db",
        "mysql+pymysql://h/d?password=hunter2",
    ],
)
def test_a_url_that_names_no_usable_store_is_refused_without_its_password(url: str) -> None:
    refused = refusal(url)

    assert isinstance(refused, errors.StoreUrlError)
    assert "sqlite:///FILE" in str(refused) or "postgresql://USER@HOST/DATABASE" in str(refused)
    assert "hunter2" not in str(refused)


def test_without_the_driver_the_extra_to_install_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backends, "find_spec", lambda _name: None)

    refused = refusal("postgresql://me:hunter2@host/db")

    assert isinstance(refused, errors.StoreDriverError)
    assert str(refused) == ("store postgresql://***@host/db: PostgreSQL needs a driver: install perptape[postgres]")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:p%40ss@h/d?sslmode=require", "postgresql://***@h/d?sslmode=require"),
        ("postgresql://me@h/d", "postgresql://***@h/d"),
        ("postgresql:///d?host=/run&user=me&password=p@ss", "postgresql:///d?host=/run&user=me&password=***"),
        ("postgresql://me:p@ss/w:rd@h/d", "postgresql://***@h/d"),
        ("sqlite:///a@b/c.db", "sqlite:///a@b/c.db"),
    ],
)
def test_the_name_of_a_store_shows_no_user_and_no_password(url: str, shown: str) -> None:
    assert backends.redacted(url) == shown


def test_two_writers_of_one_stream_conflict(in_place: EventStore, place: Place) -> None:
    with EventStore.open(place.url) as other:
        in_place.append("bot", 0, [record(1)])
        with pytest.raises(errors.ConflictError):
            other.append("bot", 0, [record(2)])
        assert other.append("bot", 1, [record(2)]) == in_place.head("bot")


@pytest.mark.parametrize("shared", [True, False])
def test_writers_that_race_for_a_version_never_share_it(in_place: EventStore, place: Place, shared: bool) -> None:
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
            write(in_place, number)
            return
        with EventStore.open(place.url) as own:
            write(own, number)

    threads = [Thread(target=writer, args=(number,)) for number in range(1, 5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == list(range(1, 101))
    assert in_place.verify("bot").events == 100
