"""Processes at one store: each event acknowledged is there once, in order, and each version has one winner."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from perptape.eventstore.store import EventStore
from tests.eventstore.given import METADATA, NONCE
from tests.eventstore.places import Place

ROOT = Path(__file__).parents[3]
WRITERS = 8


@contextmanager
def contenders(place: Place, works: list[list[str]]) -> Iterator[list[subprocess.Popen[str]]]:
    """Processes that have opened the store and begin together."""
    command = [sys.executable, "-m", "tests.eventstore.drills.contender", place.url]
    begun = [
        subprocess.Popen([*command, *work], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for work in works
    ]
    try:
        for process in begun:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in begun:
            assert process.stdin is not None
            process.stdin.write("\n")
            process.stdin.flush()
        yield begun
    finally:
        for process in begun:
            process.kill()
            process.communicate()


def told(process: subprocess.Popen[str]) -> list[list[object]]:
    """Everything that it said, once it has ended."""
    said, _ = process.communicate()
    assert process.returncode == 0
    return [json.loads(line) for line in said.splitlines()]


def written(rows: list[list[object]], name: str) -> dict[int, dict[str, object]]:
    """What a writer was acknowledged, by version."""
    return {
        int(str(after)) + part + 1: {"by": name, "nth": nth, "part": part}
        for after, size, nth in rows
        for part in range(int(str(size)))
    }


def compare(
    store: EventStore, stream: str, acknowledged: dict[int, dict[str, object]], tail: list[list[object]]
) -> None:
    """The reader was told each acknowledged event once, in the order of the versions, and the stream is whole."""
    assert tail == [[version, acknowledged[version]] for version in range(1, len(acknowledged) + 1)]
    assert store.head(stream).version == len(acknowledged)
    assert store.verify(stream).ok


def test_eight_writers_of_eight_streams_with_a_reader_each(in_place: EventStore, place: Place) -> None:
    names = [f"bot-{number}" for number in range(WRITERS)]
    for name in names:
        in_place.create_stream(name, NONCE, METADATA)
    appends = 30
    total = sum(nth % 3 + 1 for nth in range(appends))
    writers = [["write", name, name, str(appends)] for name in names]
    readers = [["tail", name, str(total)] for name in names]
    with contenders(place, [*readers, *writers]) as processes:
        tails = [told(process) for process in processes[:WRITERS]]
        writes = [told(process) for process in processes[WRITERS:]]
    for name, tail, rows in zip(names, tails, writes, strict=True):
        compare(in_place, name, written(rows, name), tail)


@pytest.mark.parametrize("readers", [2])
def test_eight_contend_for_one_stream_and_each_version_has_one_winner(
    in_place: EventStore, place: Place, readers: int
) -> None:
    appends = 15
    total = WRITERS * sum(nth % 3 + 1 for nth in range(appends))
    names = [f"writer-{number}" for number in range(WRITERS)]
    works = [["tail", "bot", str(total)]] * readers + [["write", "bot", name, str(appends)] for name in names]
    with contenders(place, works) as processes:
        tails = [told(process) for process in processes[:readers]]
        writes = [told(process) for process in processes[readers:]]
    wins = [int(str(row[0])) for rows in writes for row in rows]
    assert len(wins) == len(set(wins)) == WRITERS * appends
    acknowledged: dict[int, dict[str, object]] = {}
    for name, rows in zip(names, writes, strict=True):
        acknowledged |= written(rows, name)
    assert len(acknowledged) == total
    for tail in tails:
        compare(in_place, "bot", acknowledged, tail)
