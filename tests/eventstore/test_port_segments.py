"""What every store promises of segments: a stream is sealed and goes on, and reading it crosses the seam."""

from functools import partial

import pytest

from perptape.eventstore.envelope import Envelope, Record
from perptape.eventstore.errors import (
    ConflictError,
    FencedError,
    InvalidStreamError,
    SealedError,
    StreamNotFoundError,
)
from perptape.eventstore.port import Store
from perptape.eventstore.segment import Beginning
from perptape.eventstore.snapshot import Snapshot
from perptape.eventstore.stream import Head
from tests.eventstore.given import METADATA, NONCE, Bench, record, records

OPENING = Record("Opened", 1, record(10).at_ns, None, b'{"state":{"to":10}}')
NEXT = Beginning("next", b'{"settings":{"of":2}}', OPENING)


@pytest.fixture
def seamed(store: Store) -> Store:
    """`bot` with a sealed segment of ten events and an open one of an opening and five."""
    store.append("bot", 0, records(10))
    store.continue_stream("bot", 10, NEXT)
    store.append("bot", 11, records(5, 11))
    return store


def versions(envelopes: object) -> list[int]:
    return [envelope.version for envelope in envelopes]  # type: ignore[attr-defined]


def test_a_stream_begins_as_one_open_segment(store: Store) -> None:
    head = store.append("bot", 0, records(3))

    [segment] = store.segments("bot")
    assert (segment.name, segment.number, segment.sealed, segment.archive) == ("bot#1", 1, False, None)
    assert segment.stream == store.stream("bot")
    assert segment.stream.head == head


def test_a_sealed_stream_takes_nothing_more(store: Store) -> None:
    head = store.append("bot", 0, records(3))

    assert store.seal("bot") == head
    assert store.seal("bot") == head
    for appending in (records(1, 4), []):
        with pytest.raises(SealedError, match="'bot' is sealed at version 3; no segment continues it yet") as refusal:
            store.append("bot", 3, appending)
        assert (refusal.value.version, refusal.value.successor) == (3, None)
    assert store.segments("bot")[0].sealed
    assert versions(store.read("bot")) == [1, 2, 3]


def test_who_acquires_a_sealed_stream_may_continue_it(store: Store) -> None:
    store.append("bot", 0, records(3))
    old = store.claim("bot").epoch
    store.seal("bot")
    lease = store.acquire("bot", "me", 60)

    with pytest.raises(FencedError):
        store.continue_stream("bot", 3, NEXT, epoch=old)
    store.continue_stream("bot", 3, NEXT, epoch=lease.epoch)

    assert store.append("bot", 4, records(1), epoch=lease.epoch).version == 5


def test_a_writer_keeps_its_lease_across_the_seam(store: Store) -> None:
    lease = store.acquire("bot", "me", 60)
    store.append("bot", 0, records(3), epoch=lease.epoch)

    store.continue_stream("bot", 3, NEXT, epoch=lease.epoch)

    assert store.lease("bot") == lease
    assert store.append("bot", 4, records(1), epoch=lease.epoch).version == 5


def test_an_append_that_was_stored_is_recognised_after_the_seal(store: Store) -> None:
    head = store.append("bot", 0, records(3))
    store.seal("bot")

    assert store.append("bot", 0, records(3)) == head


def test_sealing_asks_for_the_writers_epoch(store: Store) -> None:
    old, new = store.claim("bot").epoch, store.claim("bot").epoch

    with pytest.raises(FencedError):
        store.seal("bot", epoch=old)
    store.seal("bot", epoch=new)


@pytest.mark.parametrize("sealed_before", [False, True])
def test_the_next_segment_goes_on_where_the_sealed_one_ended(store: Store, sealed_before: bool) -> None:
    sealed = store.append("bot", 0, records(10))
    if sealed_before:
        store.seal("bot")

    head = store.continue_stream("bot", 10, NEXT)

    assert head == store.head("bot")
    assert head.version == 11
    first, second = store.segments("bot")
    assert (first.name, first.sealed, second.name, second.sealed) == ("bot#1", True, "bot#2", False)
    assert first.stream.head == sealed
    assert (second.stream.first_version, second.stream.previous_hash) == (11, sealed.hash)
    assert (second.stream.nonce, second.stream.metadata) == (NEXT.nonce, NEXT.metadata)
    assert (first.stream.nonce, first.stream.metadata) == (NONCE, METADATA)
    assert store.append("bot", 11, records(1)).version == 12


def test_the_whole_stream_is_read_and_verified_across_the_seam(seamed: Store) -> None:
    assert versions(seamed.read("bot")) == list(range(1, 17))
    assert versions(seamed.read("bot", 8, 13)) == list(range(9, 14))
    assert versions(seamed.read_backward("bot", 13, 9)) == list(range(12, 8, -1))
    assert seamed.verify("bot").events == 16
    assert seamed.verify("bot").ok
    assert seamed.hash_at("bot", 10) == seamed.segments("bot")[1].stream.previous_hash
    assert [stream.name for stream in seamed.streams()] == ["bot"]


def test_a_segment_is_read_and_verified_alone(seamed: Store) -> None:
    assert versions(seamed.read("bot#1")) == list(range(1, 11))
    assert versions(seamed.read("bot#2")) == list(range(11, 17))
    assert versions(seamed.read_backward("bot#2")) == list(range(16, 10, -1))
    assert [seamed.verify(name).events for name in ("bot#1", "bot#2")] == [10, 6]
    assert seamed.verify("bot#1").ok
    assert seamed.verify("bot#2").ok
    assert seamed.stream("bot#2") == seamed.segments("bot#2")[0].stream
    assert seamed.head("bot#1").version == 10
    assert next(seamed.read("bot#2")).data == OPENING.data


@pytest.mark.parametrize("name", ["bot", "bot#1"])
def test_who_would_follow_the_sealed_segment_is_sent_to_the_next(seamed: Store, name: str) -> None:
    with pytest.raises(SealedError, match="segment 'bot#2' continues it") as refusal:
        seamed.append(name, 10, records(1, 99))

    assert (refusal.value.version, refusal.value.successor) == (10, "bot#2")
    assert seamed.head("bot").version == 16


def test_an_append_to_the_open_segment_by_its_name_is_one_to_the_stream(seamed: Store) -> None:
    assert seamed.append("bot#2", 16, records(1)).version == 17
    assert seamed.head("bot").version == 17
    with pytest.raises(ConflictError):
        seamed.append("bot#2", 16, records(1, 50))


def test_a_segment_that_is_not_there_is_named(seamed: Store) -> None:
    for use in (
        seamed.segments, seamed.read, seamed.verify, seamed.head, partial(seamed.append, expected_version=0, records=[])
    ):  # fmt: skip
        with pytest.raises(StreamNotFoundError, match="'bot#3'"):
            use("bot#3")


def test_continuing_again_returns_what_it_returned(seamed: Store) -> None:
    again = seamed.continue_stream("bot", 10, NEXT)

    assert again == Head(11, seamed.hash_at("bot", 11), 0)
    assert len(seamed.segments("bot")) == 2


def test_continuing_elsewhere_is_a_conflict_and_changes_nothing(seamed: Store) -> None:
    other = NEXT._replace(opening=OPENING._replace(data=b"{}"))
    for expected, beginning in ((10, other), (15, NEXT), (17, NEXT), (11, NEXT)):
        with pytest.raises(ConflictError):
            seamed.continue_stream("bot", expected, beginning)
    assert (len(seamed.segments("bot")), seamed.head("bot").version) == (2, 16)
    assert seamed.append("bot", 16, records(1)).version == 17


def test_who_lost_the_stream_cannot_continue_it(store: Store) -> None:
    store.append("bot", 0, records(2))
    old, new = store.claim("bot").epoch, store.claim("bot").epoch

    with pytest.raises(FencedError):
        store.continue_stream("bot", 2, NEXT, epoch=old)
    head = store.continue_stream("bot", 2, NEXT, epoch=new)

    assert head.epoch == new
    assert store.append("bot", 3, records(1), epoch=new).version == 4
    with pytest.raises(FencedError):
        store.append("bot", 4, records(1), epoch=old)


def test_a_stream_without_events_has_nothing_to_continue(store: Store) -> None:
    with pytest.raises(InvalidStreamError, match="no events yet"):
        store.continue_stream("bot", 0, NEXT)


def test_a_stream_goes_on_in_many_segments(store: Store) -> None:
    version = store.append("bot", 0, records(4)).version
    for _ in range(5):
        version = store.continue_stream("bot", version, NEXT).version
        version = store.append("bot", version, records(3)).version

    assert [segment.stream.first_version for segment in store.segments("bot")] == [1, 5, 9, 13, 17, 21]
    assert [segment.sealed for segment in store.segments("bot")] == [True] * 5 + [False]
    assert versions(store.read("bot")) == list(range(1, 25))
    assert store.verify("bot").ok
    with pytest.raises(SealedError) as refusal:
        store.append("bot", 10, records(1, 99))
    assert refusal.value.successor == "bot#4"


def test_snapshots_belong_to_the_stream_on_either_side_of_the_seam(seamed: Store) -> None:
    seamed.save_snapshot("bot", Snapshot(7, "now", b"seven"))
    seamed.save_snapshot("bot", Snapshot(14, "now", b"fourteen"))

    assert seamed.newest_snapshot("bot", "now") == Snapshot(14, "now", b"fourteen")
    assert seamed.newest_snapshot("bot", "now", 10) == Snapshot(7, "now", b"seven")
    assert seamed.newest_snapshot("bot#1", "now") == Snapshot(7, "now", b"seven")


def test_a_segments_name_is_no_streams(bench: Bench) -> None:
    with pytest.raises(InvalidStreamError, match="means a segment"):
        bench.store.create_stream("bot#2", NONCE, METADATA)
    with pytest.raises(InvalidStreamError, match="means a segment"):
        bench.store.import_stream("bot#2", NONCE, METADATA, [])
    assert bench.store.create_stream("bot#", NONCE, METADATA).name == "bot#"


def test_exported_and_imported_a_stream_with_seams_is_one_segment(seamed: Store) -> None:
    stored: list[Envelope] = list(seamed.read("bot#2"))
    second = seamed.segments("bot#2")[0].stream

    head = seamed.import_stream(
        "copy", second.nonce, second.metadata, stored, first_version=11, previous_hash=second.previous_hash
    )

    assert head.hash == seamed.head("bot").hash
    assert list(seamed.read("copy")) == stored
