"""An import that was stopped is not there, keeps its name, and goes on from what it has."""

from collections.abc import Iterator

import pytest

from perptape.eventstore import importing
from perptape.eventstore.envelope import Envelope
from perptape.eventstore.errors import (
    ConflictError,
    DamagedError,
    ImportUnfinishedError,
    StreamExistsError,
    StreamNotFoundError,
)
from perptape.eventstore.memory import MemoryStore
from perptape.eventstore.store import EventStore
from perptape.eventstore.tables import EVENTS, IMPORTS
from tests.eventstore.given import METADATA, NONCE, records
from tests.eventstore.places import Place

COUNT = 95


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "BATCH", 10)
    monkeypatch.setattr(importing, "DELETED_AT_A_TIME", 7)


@pytest.fixture
def opened(place: Place) -> Iterator[EventStore]:
    with EventStore.open(place.url) as store:
        yield store


@pytest.fixture
def exported() -> list[Envelope]:
    return chain_of(COUNT)


def chain_of(count: int, start: int = 1) -> list[Envelope]:
    source = MemoryStore()
    source.create_stream("bot", NONCE, METADATA)
    source.append("bot", 0, records(count, start))
    return list(source.read("bot"))


def stopped_after(envelopes: list[Envelope], count: int) -> Iterator[Envelope]:
    """Envelopes from a source during which somebody presses Ctrl-C."""
    yield from envelopes[:count]
    raise KeyboardInterrupt


def stopped(store: EventStore, envelopes: list[Envelope], count: int) -> None:
    with pytest.raises(KeyboardInterrupt):
        store.import_stream("bot", NONCE, METADATA, stopped_after(envelopes, count))


def rows(store: EventStore) -> tuple[int, int]:
    """How many events and unfinished imports the database holds."""
    with store._database.reading() as connection:
        return len(connection.execute(EVENTS.select()).all()), len(connection.execute(IMPORTS.select()).all())


def test_a_stopped_import_cannot_be_seen(opened: EventStore, exported: list[Envelope]) -> None:
    stopped(opened, exported, 57)

    assert rows(opened) == (50, 1)
    assert opened.streams() == []
    assert opened.heads() == {}
    for use in (opened.read, opened.head, opened.claim, opened.verify, opened.lease, opened.segments):
        with pytest.raises(StreamNotFoundError):
            use("bot")
    with pytest.raises(StreamNotFoundError):
        opened.append("bot", 50, records(1))
    with pytest.raises(ImportUnfinishedError, match="import the same recording again"):
        opened.create_stream("bot", NONCE, METADATA)
    opened.check_guards()


@pytest.mark.parametrize("at", [0, 1, 10, 57, COUNT - 1, COUNT])
def test_a_stopped_import_goes_on_from_what_it_has(opened: EventStore, exported: list[Envelope], at: int) -> None:
    stopped(opened, exported, at)
    kept = rows(opened)[0]
    assert kept == at // 10 * 10

    head = opened.import_stream("bot", NONCE, METADATA, iter(exported))

    assert (head.version, head.hash) == (COUNT, exported[-1].hash)
    assert list(opened.read("bot")) == exported
    assert opened.verify("bot").ok
    assert rows(opened) == (COUNT, 0)
    with pytest.raises(StreamExistsError):
        opened.import_stream("bot", NONCE, METADATA, exported)


def test_what_is_stored_already_is_not_stored_again(opened: EventStore, exported: list[Envelope]) -> None:
    stopped(opened, exported, 57)
    moved: list[int] = []

    def counted() -> Iterator[Envelope]:
        for envelope in exported:
            moved.append(rows(opened)[0])
            yield envelope

    opened.import_stream("bot", NONCE, METADATA, counted())

    assert min(moved) == 50


def test_another_recording_of_that_name_takes_its_place(opened: EventStore, exported: list[Envelope]) -> None:
    stopped(opened, exported, 57)
    other = MemoryStore()
    other.create_stream("bot", "another", METADATA)
    other.append("bot", 0, records(20))

    head = opened.import_stream("bot", "another", METADATA, other.read("bot"))

    assert head == other.head("bot")
    assert list(opened.read("bot")) == list(other.read("bot"))
    assert rows(opened) == (20, 0)


@pytest.mark.parametrize("common", [0, 33, 50])
def test_a_recording_that_parts_from_what_is_stored_is_stored_from_there(opened: EventStore, common: int) -> None:
    both = records(common)
    first, second = MemoryStore(), MemoryStore()
    for store, rest in ((first, records(60, 100)), (second, records(30, 500))):
        store.create_stream("bot", NONCE, METADATA)
        store.append("bot", 0, [*both, *rest])
    stopped(opened, list(first.read("bot")), 57)

    opened.import_stream("bot", NONCE, METADATA, second.read("bot"))

    assert list(opened.read("bot")) == list(second.read("bot"))
    assert opened.verify("bot").ok
    assert rows(opened) == (common + 30, 0)


def test_a_shorter_recording_leaves_no_more_than_it_has(opened: EventStore, exported: list[Envelope]) -> None:
    stopped(opened, exported, 57)

    assert opened.import_stream("bot", NONCE, METADATA, exported[:23]).version == 23
    assert opened.verify("bot").events == 23
    assert rows(opened) == (23, 0)


def test_damage_found_when_going_on_throws_all_of_it_away(opened: EventStore, exported: list[Envelope]) -> None:
    stopped(opened, exported, 57)
    damaged = [*exported[:70], exported[70]._replace(data=b"{}"), *exported[71:]]

    with pytest.raises(DamagedError, match="version 71"):
        opened.import_stream("bot", NONCE, METADATA, damaged)

    assert rows(opened) == (0, 0)
    assert opened.create_stream("bot", NONCE, METADATA).head.version == 0


def test_damage_done_to_what_is_stored_is_mended_when_going_on(
    place: Place, opened: EventStore, exported: list[Envelope]
) -> None:
    stopped(opened, exported, 57)
    place.by_hand("UPDATE events SET data = BYTES('{\"to\":8}') WHERE version = 33")

    opened.import_stream("bot", NONCE, METADATA, exported)

    assert list(opened.read("bot")) == exported


def test_of_two_imports_at_once_one_goes_on(opened: EventStore, exported: list[Envelope], place: Place) -> None:
    def overtaken() -> Iterator[Envelope]:
        yield from exported[:25]
        with EventStore.open(place.url) as other:
            other.import_stream("bot", NONCE, METADATA, exported)
        yield from exported[25:]

    with pytest.raises(ConflictError):
        opened.import_stream("bot", NONCE, METADATA, overtaken())

    assert list(opened.read("bot")) == exported
    assert rows(opened) == (COUNT, 0)
