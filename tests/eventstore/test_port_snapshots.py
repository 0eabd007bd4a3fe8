"""What every store promises of snapshots."""

import pytest

from eventstore.errors import VersionNotFoundError
from eventstore.port import Store
from eventstore.snapshot import DAMAGED, Snapshot, SnapshotEntry, state_digest
from tests.eventstore.given import METADATA, NONCE, Bench, records


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
