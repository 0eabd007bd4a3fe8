"""The way through a bar: open, then its extremes, then close.

A bar says how far prices went, not when. By convention the extreme against the bar's direction comes first: low
before high in a bar that rises or stays (close >= open), high before low in one that falls.
"""

from decimal import Decimal
from functools import lru_cache

from perptape.core.durations import SECOND_NS

Anchors = tuple[Decimal, Decimal, Decimal, Decimal]

INTERPOLATED_BAR_NS_MAX = 300 * SECOND_NS
POINT_SPACING_NS_MAX = 15 * SECOND_NS


def anchors(open_: Decimal, high: Decimal, low: Decimal, close: Decimal, *, rising: bool) -> Anchors:
    """The four prices of a bar in the order they are passed."""
    return (open_, low, high, close) if rising else (open_, high, low, close)


def anchor_offsets_ns(interval_ns: int) -> tuple[int, int, int, int]:
    """When the anchors are passed, from the bar's start; the close is one nanosecond before the bar's end."""
    return 0, interval_ns // 3, 2 * interval_ns // 3, interval_ns - 1


Legs = tuple[tuple[int, ...], ...]
"""Offsets from the bar's start of the points of each of its three legs, beginning with the leg's first anchor."""


@lru_cache(maxsize=64)
def leg_offsets_ns(interval_ns: int) -> Legs:
    """The times of all points of a bar, one tuple per leg, each beginning at the leg's first anchor.

    Bars of up to five minutes get a point at least every 15 s, longer ones only their anchors. The last anchor,
    the close, belongs to no leg.
    """
    count = 3
    if interval_ns <= INTERPOLATED_BAR_NS_MAX:
        count = max(count, -(-interval_ns // POINT_SPACING_NS_MAX))
    offsets = [index * interval_ns // count for index in range(count)]
    first, second = round(count / 3), round(2 * count / 3)
    return tuple(offsets[:first]), tuple(offsets[first:second]), tuple(offsets[second:])
