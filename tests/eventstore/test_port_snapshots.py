"""What every store promises of snapshots."""

import pytest

from perptape.eventstore.errors import StreamNotFoundError, VersionNotFoundError
from perptape.eventstore.port import Store
from perptape.eventstore.snapshot import DAMAGED, Snapshot, SnapshotEntry, state_digest
from perptape.eventstore.snapshot_retention import DAY_NS, Retention
from tests.eventstore.given import METADATA, NONCE, Bench, record, records


@pytest.fixture
def ten_events(bench: Bench) -> Store:
    bench.store.create_stream("bot", NONCE, METADATA)
    bench.store.append("bot", 0, records(10))
    return bench.store


def test_the_newest_snapshot_of_the_behaviour_is_found(ten_events: Store) -> None:
    for snapshot in (Snapshot(4, "now", b"four"), Snapshot(8, "now", b"eight"), Snapshot(9, "before", b"nine")):
        ten_events.save_snapshot("bot", snapshot)

    assert ten_events.newest_snapshot("bot", "now") == Snapshot(8, "now", b"eight")
    assert ten_events.newest_snapshot("bot", "now", upto=7) == Snapshot(4, "now", b"four")
    assert ten_events.newest_snapshot("bot", "now", upto=3) is None
    assert ten_events.newest_snapshot("bot", "later") is None


def test_a_damaged_snapshot_is_set_aside_and_the_one_before_it_used(bench: Bench, ten_events: Store) -> None:
    ten_events.save_snapshot("bot", Snapshot(4, "now", b"four"))
    ten_events.save_snapshot("bot", Snapshot(8, "now", b"eight"))
    bench.damage_snapshot(8)

    assert ten_events.newest_snapshot("bot", "now") == Snapshot(4, "now", b"four")
    assert [(entry.version, entry.status, entry.reason) for entry in ten_events.snapshots("bot")] == [
        (4, "active", None),
        (8, "set_aside", DAMAGED),
    ]


@pytest.mark.parametrize("size", [1, 2, 1_000_000])
def test_a_torn_snapshot_is_set_aside_and_kept_for_whoever_wants_to_know_why(
    bench: Bench, ten_events: Store, size: int
) -> None:
    ten_events.save_snapshot("bot", Snapshot(4, "now", b"four"))
    ten_events.save_snapshot("bot", Snapshot(8, "now", b"8" * size))
    bench.tear_snapshot(8)

    assert ten_events.newest_snapshot("bot", "now") == Snapshot(4, "now", b"four")
    torn = ten_events.snapshots("bot")[-1]
    assert (torn.version, torn.status, torn.reason) == (8, "set_aside", DAMAGED)
    assert torn.state_digest == state_digest(b"8" * size)

    ten_events.save_snapshot("bot", Snapshot(8, "now", b"8" * size))

    assert ten_events.newest_snapshot("bot", "now") == Snapshot(8, "now", b"8" * size)


def test_with_every_snapshot_damaged_there_is_none(bench: Bench, ten_events: Store) -> None:
    ten_events.save_snapshot("bot", Snapshot(8, "now", b"eight"))
    bench.damage_snapshot(8)

    assert ten_events.newest_snapshot("bot", "now") is None


def test_one_set_aside_by_hand_is_not_used_until_saved_anew(ten_events: Store) -> None:
    ten_events.save_snapshot("bot", Snapshot(8, "now", b"wrong"))

    ten_events.set_aside_snapshot("bot", 8, "now", "differs from the fold")

    assert ten_events.newest_snapshot("bot", "now") is None
    assert ten_events.snapshots("bot")[0].reason == "differs from the fold"

    ten_events.save_snapshot("bot", Snapshot(8, "now", b"right"))

    assert ten_events.newest_snapshot("bot", "now") == Snapshot(8, "now", b"right")


def test_setting_aside_what_is_not_there_changes_nothing(ten_events: Store) -> None:
    ten_events.save_snapshot("bot", Snapshot(8, "now", b"eight"))

    ten_events.set_aside_snapshot("bot", 8, "before", "unknown")

    assert [entry.status for entry in ten_events.snapshots("bot")] == ["active"]


def test_the_list_is_in_order_and_says_what_each_is(ten_events: Store) -> None:
    for version, behaviour in ((9, "b"), (2, "b"), (9, "a")):
        ten_events.save_snapshot("bot", Snapshot(version, behaviour, b"state"))

    digest = state_digest(b"state")
    assert ten_events.snapshots("bot") == [
        SnapshotEntry(version, behaviour, digest, 5, "active", None)
        for version, behaviour in ((2, "b"), (9, "a"), (9, "b"))
    ]


def test_the_empty_stream_has_a_state_too(ten_events: Store) -> None:
    ten_events.save_snapshot("bot", Snapshot(0, "now", b"nothing yet"))

    assert ten_events.newest_snapshot("bot", "now") == Snapshot(0, "now", b"nothing yet")


@pytest.mark.parametrize("version", [-1, 11])
def test_a_snapshot_of_a_version_that_is_not_there_is_refused(ten_events: Store, version: int) -> None:
    with pytest.raises(VersionNotFoundError):
        ten_events.save_snapshot("bot", Snapshot(version, "now", b""))


def test_pruning_deletes_what_need_not_be_kept_and_nothing_else(ten_events: Store) -> None:
    for version in (2, 4, 6, 8):
        ten_events.save_snapshot("bot", Snapshot(version, "now", b"%d" % version))
    before = list(ten_events.read("bot"))

    gone = ten_events.prune_snapshots("bot", Retention(newest=2, days=0, unused_days=0))

    assert [entry.version for entry in gone] == [2, 4]
    assert [entry.version for entry in ten_events.snapshots("bot")] == [6, 8]
    assert ten_events.newest_snapshot("bot", "now") == Snapshot(8, "now", b"8")
    assert list(ten_events.read("bot")) == before
    assert ten_events.verify("bot").ok
    assert ten_events.prune_snapshots("bot", Retention(newest=2, days=0, unused_days=0)) == []


def test_a_snapshot_is_as_old_as_the_event_at_its_version(bench: Bench) -> None:
    store = bench.store
    for name in ("another", "bot"):
        store.create_stream(name, NONCE, METADATA)
    days = [0, 0, 1, 1, 2, 2]
    store.append("another", 0, records(6))
    store.append("bot", 0, [record(number)._replace(at_ns=day * DAY_NS) for number, day in enumerate(days)])
    for version in range(1, 7):
        store.save_snapshot("bot", Snapshot(version, "now", b""))
        store.save_snapshot("another", Snapshot(version, "now", b""))
    store.set_aside_snapshot("bot", 1, "now", "a test")
    store.set_aside_snapshot("bot", 3, "now", "a test")

    gone = store.prune_snapshots("bot", Retention(newest=2, days=2, unused_days=1))

    assert [entry.version for entry in gone] == [1, 2]
    assert len(store.snapshots("another")) == 6


def test_the_snapshots_of_an_empty_stream_can_be_pruned(store: Store) -> None:
    store.save_snapshot("bot", Snapshot(0, "now", b"nothing yet"))

    assert store.prune_snapshots("bot", Retention()) == []


def test_the_snapshots_of_no_stream_cannot_be_pruned(store: Store) -> None:
    with pytest.raises(StreamNotFoundError):
        store.prune_snapshots("nobody", Retention())
