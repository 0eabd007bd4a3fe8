from collections.abc import Iterator
from pathlib import Path

import pytest

from perptape.eventstore.port import Store
from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, Bench, memory_bench
from tests.eventstore.places import Place, PostgresPlace, SqlitePlace

DATABASES = ["sqlite", "postgres"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tape.db"


@pytest.fixture
def url(path: Path) -> str:
    """The URL of a store in a file, which is not there yet."""
    return f"sqlite:///{path}"


@pytest.fixture(params=DATABASES)
def empty_place(request: pytest.FixtureRequest, path: Path) -> Place:
    """A place where a store can be made."""
    if request.param == "sqlite":
        return SqlitePlace(path)
    return PostgresPlace(request.getfixturevalue("postgres_url"))


@pytest.fixture(params=DATABASES)
def place(request: pytest.FixtureRequest, path: Path) -> Place:
    """A place where there is a store without streams."""
    if request.param == "sqlite":
        found = SqlitePlace(path)
        EventStore.open(found.url, create=True).close()
        return found
    return PostgresPlace(request.getfixturevalue("postgres_store_url"))


@pytest.fixture(params=["memory", *DATABASES])
def bench(request: pytest.FixtureRequest, path: Path) -> Iterator[Bench]:
    if request.param == "memory":
        yield memory_bench()
        return
    place = (
        SqlitePlace(path) if request.param == "sqlite" else PostgresPlace(request.getfixturevalue("postgres_store_url"))
    )
    with EventStore.open(place.url, create=True) as store:
        yield Bench(
            store,
            lambda version: place.by_hand(f"UPDATE snapshots SET state = BYTES('?') WHERE version = {version}"),
            lambda version: place.by_hand(
                f"UPDATE snapshots SET state = substr(state, 1, length(state) / 2) WHERE version = {version}"
            ),
        )


@pytest.fixture
def store(bench: Bench) -> Store:
    """A store with one empty stream, `bot`; every test that uses it holds for each kind of store."""
    bench.store.create_stream("bot", NONCE, METADATA)
    return bench.store


@pytest.fixture
def in_place(place: Place) -> Iterator[EventStore]:
    """A store on a database with one empty stream, `bot`."""
    with EventStore.open(place.url) as store:
        store.create_stream("bot", NONCE, METADATA)
        yield store


@pytest.fixture
def on_disk(url: str) -> Iterator[EventStore]:
    """A store in a file with one empty stream, `bot`."""
    with EventStore.open(url, create=True) as store:
        store.create_stream("bot", NONCE, METADATA)
        yield store
