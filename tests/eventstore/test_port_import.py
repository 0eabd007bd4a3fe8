"""What every store promises of importing: the stream that was, or nothing."""

from collections.abc import Iterator

import pytest

from perptape.eventstore.envelope import Envelope, line
from perptape.eventstore.errors import DamagedError, InvalidStreamError, StreamExistsError
from perptape.eventstore.memory import MemoryStore
from perptape.eventstore.port import Store
from tests.eventstore.given import METADATA, NONCE, Bench, records

COUNT = 2_500


@pytest.fixture(scope="module")
def exported() -> list[Envelope]:
    source = MemoryStore()
    source.create_stream("bot", NONCE, METADATA)
    source.append("bot", 0, records(COUNT))
    return list(source.read("bot"))


def assert_nothing_is_there(store: Store) -> None:
    assert store.streams() == []
    assert store.create_stream("bot", NONCE, METADATA).head.version == 0


def test_an_import_is_the_stream_that_was_exported(bench: Bench, exported: list[Envelope]) -> None:
    head = bench.store.import_stream("bot", NONCE, METADATA, iter(exported))

    assert (head.version, head.hash) == (COUNT, exported[-1].hash)
    assert bench.store.head("bot") == head
    assert [line(envelope) for envelope in bench.store.read("bot")] == [line(envelope) for envelope in exported]
    assert bench.store.verify("bot").ok
    assert bench.store.append("bot", COUNT, records(1)).version == COUNT + 1


def test_a_cut_out_is_imported_with_the_hash_before_it(bench: Bench, exported: list[Envelope]) -> None:
    head = bench.store.import_stream(
        "bot", NONCE, METADATA, exported[1_200:1_300], first_version=1_201, previous_hash=exported[1_199].hash
    )

    assert head.version == 1_300
    assert bench.store.verify("bot").events == 100


def test_a_stream_without_events_is_imported(bench: Bench) -> None:
    assert bench.store.import_stream("bot", NONCE, METADATA, []) == bench.store.create_stream(
        "b", "n", b""
    ).head._replace(hash=bench.store.stream("bot").opening_hash)


@pytest.mark.parametrize("at", [0, 999, 1_000, COUNT - 1])
@pytest.mark.parametrize(
    "changes",
    [
        {"data": b"{}"},
        {"type": "Other"},
        {"schema": 2},
        {"at_ns": 1},
        {"cause": 1},
        {"hash": b"0" * 64},
        {"version": 7},
    ],
)
def test_an_altered_event_is_named_and_nothing_is_kept(
    bench: Bench, exported: list[Envelope], at: int, changes: dict[str, object]
) -> None:
    altered = [*exported]
    altered[at] = Envelope(**{**exported[at]._asdict(), **changes})

    with pytest.raises(DamagedError) as damage:
        bench.store.import_stream("bot", NONCE, METADATA, altered)

    assert damage.value.version == at + 1
    assert_nothing_is_there(bench.store)


def test_a_missing_and_two_swapped_events_are_named(bench: Bench, exported: list[Envelope]) -> None:
    without = exported[:49] + exported[50:]
    swapped = [*exported[:49], exported[50], exported[49], *exported[51:]]
    for damaged in (without, swapped):
        with pytest.raises(DamagedError, match="damaged at version 50"):
            bench.store.import_stream("bot", NONCE, METADATA, damaged)
    assert_nothing_is_there(bench.store)


def test_another_nonce_does_not_fit_the_chain(bench: Bench, exported: list[Envelope]) -> None:
    with pytest.raises(DamagedError, match="version 1"):
        bench.store.import_stream("bot", "another", METADATA, exported)


def test_a_source_that_fails_halfway_leaves_nothing(bench: Bench, exported: list[Envelope]) -> None:
    def torn() -> Iterator[Envelope]:
        yield from exported[:1_500]
        raise OSError("the file ends here")

    with pytest.raises(OSError, match="ends here"):
        bench.store.import_stream("bot", NONCE, METADATA, torn())

    assert_nothing_is_there(bench.store)


def test_an_import_never_touches_a_stream_that_exists(store: Store, exported: list[Envelope]) -> None:
    with pytest.raises(StreamExistsError):
        store.import_stream("bot", NONCE, METADATA, exported)

    assert store.head("bot").version == 0


def test_an_import_needs_a_possible_stream(bench: Bench) -> None:
    with pytest.raises(InvalidStreamError):
        bench.store.import_stream("bot", "", METADATA, [])
