"""A series of any length in bounded memory: thinned by time, never at the cost of an extreme."""

from decimal import Decimal
from itertools import groupby
from typing import NamedTuple

BUCKETS_MAX = 2_000
_FINEST_SHIFT = 20
"""Buckets begin about a millisecond wide, 2**20 ns, and double whenever there are too many of them."""


class Point(NamedTuple):
    """A value and when it was reached."""

    at_ns: int
    value: Decimal


class _Bucket:
    """First, lowest, highest and last point of a stretch of time: all that a line of its width can show."""

    __slots__ = ("first", "high", "key", "last", "low")

    def __init__(self, key: int, point: Point) -> None:
        self.key = key
        self.first = self.low = self.high = self.last = point

    def take(self, other: "_Bucket") -> None:
        """Take over a later bucket."""
        if other.low.value < self.low.value:
            self.low = other.low
        if other.high.value > self.high.value:
            self.high = other.high
        self.last = other.last

    def points(self) -> list[Point]:
        """The points in order of time, neighbours that are the same as one; at most four."""
        extremes = (self.low, self.high) if self.low.at_ns <= self.high.at_ns else (self.high, self.low)
        return [point for point, _same in groupby((self.first, *extremes, self.last))]


class Sampler:
    """Takes points in order of time and keeps every extreme, whatever their number."""

    __slots__ = ("_buckets", "_shift", "_value")

    def __init__(self) -> None:
        self._buckets: list[_Bucket] = []
        self._shift = _FINEST_SHIFT
        self._value: Decimal | None = None

    def add(self, at_ns: int, value: Decimal) -> None:
        """Take the next point."""
        buckets = self._buckets
        if value == self._value:
            bucket = buckets[-1]
            if bucket.key == at_ns >> self._shift:
                bucket.last = Point(at_ns, value)
                return
        self._value = value
        point = Point(at_ns, value)
        key = at_ns >> self._shift
        if buckets and buckets[-1].key == key:
            buckets[-1].take(_Bucket(key, point))
            return
        buckets.append(_Bucket(key, point))
        while len(buckets) > BUCKETS_MAX:
            self._shift += 1
            self._buckets = buckets = _merged(buckets, {bucket.key: bucket.key >> 1 for bucket in buckets})

    def points(self, points_max: int = 2_000) -> tuple[Point, ...]:
        """At most `points_max` points (4 or more), first, last, lowest and highest among them."""
        buckets = self._buckets
        count = points_max // 4
        if 4 * len(buckets) > points_max:
            start = buckets[0].key
            span = buckets[-1].key - start + 1
            buckets = _merged(buckets, {bucket.key: (bucket.key - start) * count // span for bucket in buckets})
        return tuple(point for bucket in buckets for point in bucket.points())


def _merged(buckets: list[_Bucket], keys: dict[int, int]) -> list[_Bucket]:
    """New buckets under the new keys, those of one key as one."""
    merged: list[_Bucket] = []
    for bucket in buckets:
        key = keys[bucket.key]
        if not merged or merged[-1].key != key:
            merged.append(_Bucket(key, bucket.first))
        merged[-1].take(bucket)
    return merged
