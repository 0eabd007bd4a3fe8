"""The benchmarks of the store: single and grouped appends and reading, on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import orjson

from perptape.eventstore.store import EventStore
from perptape.replays.bench import floor_postgres, floor_store
from perptape.replays.bench.fills import NONCE, STREAM, fills, rows
from perptape.replays.bench.measure import Case, Timed, timed

GROUP = 100
_LOADED_BY = 1_000
"""Events per append of what is stored to be read."""

Lines = tuple[tuple[int, bytes], ...]


class StoreFloor(NamedTuple):
    """The bare program on one database: append singly, append by groups, read."""

    append_one: Callable[[Lines], int]
    append_grouped: Callable[[Lines, int], int]
    read: Callable[[], int]


OpenFloor = Callable[[], AbstractContextManager[StoreFloor]]
"""Opens the bare program on a database that is gone afterwards."""

SQLITE_NAMES = ("append one", "append grouped", "read")
POSTGRES_NAMES = tuple(f"{name} postgres" for name in SQLITE_NAMES)


def store_case(name: str, count: int, postgres: str) -> Case:
    """The benchmark of this name over so many events; `postgres` is a database's URL, for those that need one."""
    ours: Callable[[], AbstractContextManager[EventStore]] = _sqlite_store
    bare: OpenFloor = _sqlite_floor
    if name in POSTGRES_NAMES:
        ours, bare = partial(_postgres_store, postgres), partial(_postgres_floor, postgres)
    if name.startswith("read"):
        return Case(name, _read(ours, count), _bare_read(bare, count))
    group = 1 if name.startswith("append one") else GROUP
    return Case(name, _append(ours, count, group), _bare_append(bare, count, group))


@contextmanager
def _sqlite_store() -> Iterator[EventStore]:
    with (
        TemporaryDirectory(prefix="perptape-bench-") as folder,
        EventStore.open(f"sqlite:///{folder}/ours.sqlite", create=True) as store,
    ):
        yield store


@contextmanager
def _sqlite_floor() -> Iterator[StoreFloor]:
    with TemporaryDirectory(prefix="perptape-bench-") as folder:
        connection = floor_store.connect(Path(folder) / "floor.sqlite")
        yield StoreFloor(
            partial(floor_store.append_one, connection),
            partial(floor_store.append_grouped, connection),
            partial(floor_store.read, connection),
        )
        connection.close()


@contextmanager
def _postgres_store(url: str) -> Iterator[EventStore]:
    with floor_postgres.scratch(url) as place, EventStore.open(place, create=True) as store:
        yield store


@contextmanager
def _postgres_floor(url: str) -> Iterator[StoreFloor]:
    with floor_postgres.scratch(url) as place:
        connection = floor_postgres.connect(place)
        yield StoreFloor(
            partial(floor_postgres.append_one, connection),
            partial(floor_postgres.append_grouped, connection),
            partial(floor_postgres.read, connection),
        )
        connection.close()


def _append_all(store: EventStore, count: int, group: int) -> int:
    records = fills(count)
    for start in range(0, count, group):
        store.append(STREAM, start, records[start : start + group])
    return count


def _append(opened: Callable[[], AbstractContextManager[EventStore]], count: int, group: int) -> Callable[[], Timed]:
    def run() -> Timed:
        fills(count)
        with opened() as store:
            store.create_stream(STREAM, NONCE, b"{}")
            return timed(lambda: _append_all(store, count, group))()

    return run


def _bare_append(opened: OpenFloor, count: int, group: int) -> Callable[[], Timed]:
    def run() -> Timed:
        lines = rows(count)
        with opened() as floor:
            if group == 1:
                return timed(lambda: floor.append_one(lines))()
            return timed(lambda: floor.append_grouped(lines, group))()

    return run


def _read(opened: Callable[[], AbstractContextManager[EventStore]], count: int) -> Callable[[], Timed]:
    def read_all(store: EventStore) -> int:
        events = 0
        for envelope in store.read(STREAM):
            orjson.loads(envelope.data)
            events += 1
        return events

    def run() -> Timed:
        with opened() as store:
            store.create_stream(STREAM, NONCE, b"{}")
            _append_all(store, count, _LOADED_BY)
            return timed(lambda: read_all(store))()

    return run


def _bare_read(opened: OpenFloor, count: int) -> Callable[[], Timed]:
    def run() -> Timed:
        with opened() as floor:
            floor.append_grouped(rows(count), _LOADED_BY)
            return timed(floor.read)()

    return run
