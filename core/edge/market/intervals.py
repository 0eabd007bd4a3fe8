"""How long the bars of a file are."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from perptape.core.durations import DAY_NS, SECOND_NS

_SHORTEST_MONTH_NS = 28 * DAY_NS
_UNITS_NS = {"s": SECOND_NS, "m": 60 * SECOND_NS, "h": 3600 * SECOND_NS, "d": DAY_NS, "w": 7 * DAY_NS}
_IN_NAME = re.compile(r"(?:^|[^A-Za-z0-9])(?:PT)?(\d{1,3})(s|m|min|h|H|d|D|w|W)(?![A-Za-z0-9])")
_WORDS = {"second": SECOND_NS, "minute": 60 * SECOND_NS, "hour": 3600 * SECOND_NS, "daily": DAY_NS}


def common_spacing_ns(times_ns: Sequence[int]) -> int | None:
    """The commonest distance of neighbouring times, the shorter of two equally common; None for fewer than two.

    Months differ in length: bars of a month or more are taken as long as the shortest of them.
    """
    spacings = Counter(abs(later - earlier) for earlier, later in pairwise(times_ns) if later != earlier)
    if not spacings:
        return None
    commonest = min(spacings, key=lambda spacing: (-spacings[spacing], spacing))
    if commonest < _SHORTEST_MONTH_NS:
        return commonest
    return min(spacing for spacing in spacings if spacing >= _SHORTEST_MONTH_NS)


def named_interval_ns(names: Sequence[str]) -> int | None:
    """The bar length a file's names tell (`-5m-`, `_1h.`, `PT4H`, `minute`); None when they tell none."""
    for name in names:
        if found := _IN_NAME.search(name):
            return int(found[1]) * _UNITS_NS[found[2][0].lower()]
    for name in names:
        for word, interval_ns in _WORDS.items():
            if word in name.lower():
                return interval_ns
    return None
