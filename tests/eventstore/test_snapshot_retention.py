"""Which snapshots need not be kept: a pure rule over their versions, their times and the time of the head."""

from perptape.eventstore.snapshot import SnapshotEntry
from perptape.eventstore.snapshot_retention import DAY_NS, DatedSnapshot, Retention, expired

NOON = DAY_NS // 2
NO_DAYS = Retention(newest=2, days=0, unused_days=10)


def active(version: int, day: int, behaviour: str = "now") -> DatedSnapshot:
    return DatedSnapshot(SnapshotEntry(version, behaviour, "", 1, "active", None), day * DAY_NS + version)


def aside(version: int, day: int) -> DatedSnapshot:
    return DatedSnapshot(SnapshotEntry(version, "now", "", 1, "set_aside", "damaged"), day * DAY_NS + version)


def dropped(snapshots: list[DatedSnapshot], retention: Retention, head_day: int) -> list[int]:
    return [entry.version for entry in expired(snapshots, head_day * DAY_NS + NOON, retention)]


def test_the_newest_are_kept_and_older_ones_dropped() -> None:
    snapshots = [active(version, day=100) for version in (10, 20, 30, 40)]
    assert dropped(snapshots, NO_DAYS, head_day=100) == [10, 20]


def test_the_last_of_each_day_is_kept_for_so_many_days() -> None:
    snapshots = [active(version, day) for version, day in ((1, 96), (2, 97), (3, 98), (4, 98), (5, 99), (6, 100))]
    assert dropped(snapshots, Retention(newest=2, days=3, unused_days=0), head_day=100) == [1, 2, 3]


def test_a_day_ends_at_midnight_utc() -> None:
    before, after = active(1, day=99)._replace(at_ns=100 * DAY_NS - 1), active(2, day=99)._replace(at_ns=100 * DAY_NS)
    snapshots = [before, after, active(3, day=100), active(4, day=100)]
    assert dropped(snapshots, Retention(newest=2, days=2, unused_days=0), head_day=100) == [2]


def test_two_are_always_kept_so_that_the_newest_can_be_proved() -> None:
    snapshots = [active(version, day=100) for version in (10, 20, 30)]
    assert dropped(snapshots, Retention(newest=0, days=0, unused_days=0), head_day=100) == [10]


def test_one_set_aside_is_kept_for_its_time_and_takes_no_place_of_another() -> None:
    snapshots = [active(10, 90), aside(20, 89), active(30, 91), aside(40, 90), aside(50, 100)]
    assert dropped(snapshots, NO_DAYS, head_day=100) == [20]


def test_what_other_code_wrote_is_kept_for_its_time_and_takes_no_place_of_another() -> None:
    snapshots = [active(10, 89, "old"), active(20, 90, "old"), active(30, 100), active(40, 100), active(40, 99, "old")]
    gone = expired(snapshots, 100 * DAY_NS, NO_DAYS)
    assert [(entry.version, entry.behaviour) for entry in gone] == [(10, "old")]


def test_one_of_the_opening_has_no_day() -> None:
    snapshots = [active(0, 100)._replace(at_ns=None), active(10, 100), active(20, 100)]
    assert dropped(snapshots, Retention(newest=2, days=30, unused_days=0), head_day=100) == [0]


def test_a_stream_that_nobody_writes_to_loses_none() -> None:
    snapshots = [active(version, day=100) for version in (10, 20, 30, 40)]
    kept = [one for one in snapshots if one.entry not in expired(snapshots, 100 * DAY_NS, NO_DAYS)]
    assert expired(kept, 100 * DAY_NS, NO_DAYS) == []
