"""Events that a stream may hold, and the stores that hold them."""

from collections.abc import Callable
from typing import NamedTuple

from perptape.eventstore.envelope import Record
from perptape.eventstore.memory import MemoryStore
from perptape.eventstore.port import Store

NONCE = "3f2a"
METADATA = b'{"settings":{}}'


def record(number: int, cause: int | None = None) -> Record:
    return Record("CounterMoved", 1, 1_700_000_000_000_000_000 + number, cause, b'{"to":%d}' % number)


def records(count: int, start: int = 1) -> list[Record]:
    return [record(number) for number in range(start, start + count)]


class Bench(NamedTuple):
    """A store under test, and ways to damage the snapshot at a version behind its back."""

    store: Store
    damage_snapshot: Callable[[int], None]
    tear_snapshot: Callable[[int], None]
    """Cut the state off in its middle."""


def memory_bench() -> Bench:
    store = MemoryStore()

    def damage_snapshot(version: int) -> None:
        for held in store.held.values():
            held.snapshots = [(entry, b"?" if entry.version == version else state) for entry, state in held.snapshots]

    def tear_snapshot(version: int) -> None:
        for held in store.held.values():
            held.snapshots = [
                (entry, state[: len(state) // 2] if entry.version == version else state)
                for entry, state in held.snapshots
            ]

    return Bench(store, damage_snapshot, tear_snapshot)
