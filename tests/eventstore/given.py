"""Events that a stream may hold, and the ways in which a stored stream can be damaged."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from eventstore.envelope import Record
from eventstore.memory import MemoryStore
from eventstore.port import Store

NONCE = "3f2a"
METADATA = b'{"settings":{}}'


def record(number: int, cause: int | None = None) -> Record:
    return Record("CounterMoved", 1, 1_700_000_000_000_000_000 + number, cause, b'{"to":%d}' % number)


def records(count: int, start: int = 1) -> list[Record]:
    return [record(number) for number in range(start, start + count)]


class Bench(NamedTuple):
    """A store under test, and a way to damage the snapshot at a version behind its back."""

    store: Store
    damage_snapshot: Callable[[int], None]


def memory_bench() -> Bench:
    store = MemoryStore()

    def damage_snapshot(version: int) -> None:
        for held in store.held.values():
            held.snapshots = [(entry, b"?" if entry.version == version else state) for entry, state in held.snapshots]

    return Bench(store, damage_snapshot)


def by_hand(path: Path, script: str) -> None:
    """Change a store's file as somebody with the `sqlite3` program could, guards taken away first."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        guards = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.executescript(script)
        for _, sql in guards:
            connection.execute(sql)
