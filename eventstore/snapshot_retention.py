"""Which snapshots are kept: the newest few to start from, one a day to look back from, and for a time what is not used.

Time is the tape's: a snapshot is as old as the event at its version is beside the stream's last event. No clock is
asked, so that the same stream always keeps the same snapshots, and one that nobody writes to loses none.
"""

from collections.abc import Iterable
from typing import NamedTuple

from perptape.eventstore.snapshot import SnapshotEntry

DAY_NS = 86_400 * 1_000_000_000


class Retention(NamedTuple):
    """What to keep of a stream's snapshots."""

    newest: int = 5
    """So many of the newest ones; at least two, so that each can be proved from the one before it."""
    days: int = 30
    """The last one of each UTC day, for so many days back."""
    unused_days: int = 30
    """What is not started from, for so many days back: what was set aside, and what other code wrote."""


class DatedSnapshot(NamedTuple):
    """A stored snapshot and the time of the event at its version."""

    entry: SnapshotEntry
    at_ns: int | None
    """None when the stream has no event there: a snapshot of the opening."""


def expired(snapshots: Iterable[DatedSnapshot], head_at_ns: int, retention: Retention) -> list[SnapshotEntry]:
    """The snapshots that need not be kept, in the order of their versions.

    The code in use is the one that wrote the newest snapshot. What other code wrote was thinned out while that was in
    use, and is there for going back to it.
    """
    newest_first = sorted(snapshots, reverse=True)
    active = [one for one in newest_first if one.entry.status == "active"]
    used = [one for one in active if one.entry.behaviour == active[0].entry.behaviour]
    unused = [one for one in newest_first if one not in used]
    kept = {one.entry for one in used[: max(retention.newest, 2)]}
    kept |= {one.entry for one in unused if _days_back(one, head_at_ns) <= retention.unused_days}
    days: set[int] = set()
    for one in used:
        back = _days_back(one, head_at_ns)
        if back < retention.days and back not in days:
            days.add(back)
            kept.add(one.entry)
    return sorted(one.entry for one in newest_first if one.entry not in kept)


def _days_back(one: DatedSnapshot, head_at_ns: int) -> int:
    """How many UTC days before the head's the snapshot's lies."""
    return head_at_ns // DAY_NS - (one.at_ns or 0) // DAY_NS
