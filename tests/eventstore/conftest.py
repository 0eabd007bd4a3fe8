from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstore.port import Store
from eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE, Bench, by_hand, memory_bench


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "tape.db"


@pytest.fixture
def url(path: Path) -> str:
    return f"sqlite:///{path}"


@pytest.fixture(params=["memory", "sqlite"])
def bench(request: pytest.FixtureRequest, path: Path, url: str) -> Iterator[Bench]:
    if request.param == "memory":
        yield memory_bench()
        return
    with EventStore.open(url, create=True) as store:
        yield Bench(
            store,
            lambda version: by_hand(path, f"UPDATE snapshots SET state = CAST('?' AS BLOB) WHERE version = {version}"),
        )


@pytest.fixture
def store(bench: Bench) -> Store:
    """A store with one empty stream, `bot`; every test that uses it holds for each kind of store."""
    bench.store.create_stream("bot", NONCE, METADATA)
    return bench.store


@pytest.fixture
def on_disk(url: str) -> Iterator[EventStore]:
    """A store in a file with one empty stream, `bot`."""
    with EventStore.open(url, create=True) as store:
        store.create_stream("bot", NONCE, METADATA)
        yield store
