"""Scales: from times and values to whole units of a drawing, exactly, so that the page can count back.

A plot's inside is drawn in units, x in steps of time and y in steps of the value, and stretched by the browser to
whatever width there is; what must not be stretched (text, marks) is placed by percentages.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from msgspec import Struct

from perptape.core.durations import MILLISECOND_NS, SECOND_NS
from perptape.core.money import ONE, ZERO

UNITS_MAX = 1_000_000
"""Drawings hold coordinates as 32-bit floats, which are exact for whole numbers up to 2**24."""
_TIME_STEPS_S = (
    1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000, 7_776_000,
)  # fmt: skip


class TimeScale(Struct, frozen=True):
    """x = (time - start) / unit, in 0..units."""

    start_ns: int
    unit_ns: int
    units: int

    def x(self, at_ns: int) -> int:
        """Units from the left."""
        return (at_ns - self.start_ns) // self.unit_ns

    def percent(self, at_ns: int) -> str:
        """The same as a percentage of the width."""
        return _percent(self.x(at_ns), self.units)

    def ticks(self, count: int = 7) -> list[tuple[int, str]]:
        """Round times and their labels, about `count` of them."""
        span_s = self.units * self.unit_ns // SECOND_NS
        step_s = next((step for step in _TIME_STEPS_S if span_s <= step * count), _TIME_STEPS_S[-1])
        step_ns = step_s * SECOND_NS
        first = -(-self.start_ns // step_ns) * step_ns
        return [(at_ns, _time_label(at_ns, step_s)) for at_ns in range(first, self._end_ns + 1, step_ns)]

    @property
    def _end_ns(self) -> int:
        return self.start_ns + self.units * self.unit_ns


class ValueScale(Struct, frozen=True):
    """y = (high - value) / step, in 0..rows."""

    low: Decimal
    high: Decimal
    step: Decimal

    @property
    def rows(self) -> int:
        """Steps from top to bottom."""
        return int((self.high - self.low) / self.step)

    @property
    def decimals(self) -> int:
        """Decimals of a value on this scale."""
        return max(0, -int(self.step.as_tuple().exponent))

    def y(self, value: Decimal) -> int:
        """Steps from the top."""
        return round((self.high - value) / self.step)

    def percent(self, value: Decimal) -> str:
        """The same as a percentage of the height."""
        return _percent(self.y(value), self.rows)

    def ticks(self, count: int = 4) -> list[Decimal]:
        """Round values inside, about `count` of them."""
        step = _round_step((self.high - self.low) / count)
        first = int((self.low / step).to_integral_value(ROUND_CEILING))
        last = int((self.high / step).to_integral_value(ROUND_FLOOR))
        return [number * step for number in range(first, last + 1)]


def time_scale(start_ns: int, end_ns: int) -> TimeScale:
    """The scale from one time to another, at least a second long."""
    span_ns = max(end_ns - start_ns, SECOND_NS)
    unit_ns = -(-span_ns // UNITS_MAX)
    if unit_ns > MILLISECOND_NS:
        unit_ns = -(-unit_ns // MILLISECOND_NS) * MILLISECOND_NS
    return TimeScale(start_ns, unit_ns, -(-span_ns // unit_ns))


def value_scale(values: Iterable[Decimal], decimals_max: int = 8) -> ValueScale:
    """The scale that holds all these values with a little air, as finely as they are given."""
    low = high = None
    decimals = 0
    for value in values:
        low = value if low is None or value < low else low
        high = value if high is None or value > high else high
        decimals = max(decimals, -int(value.normalize().as_tuple().exponent))
    if low is None or high is None:
        low = high = ZERO
    air = (high - low) * Decimal("0.06") or abs(high) * Decimal("0.01") or ONE
    step = Decimal(1).scaleb(-min(decimals, decimals_max))
    while (high - low + 2 * air) / step > UNITS_MAX:
        step *= 10
    while (high - low + 2 * air) / step < 100:
        step /= 10
    return ValueScale(_snapped(low - air, step, ROUND_FLOOR), _snapped(high + air, step, ROUND_CEILING), step)


def _snapped(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    return (value / step).to_integral_value(rounding) * step


def _round_step(width: Decimal) -> Decimal:
    """The next of 1, 2, 5 times a power of ten."""
    base = Decimal(1).scaleb(width.adjusted())
    return next((base * factor for factor in (1, 2, 5) if base * factor >= width), base * 10)


def _percent(part: int, whole: int) -> str:
    hundredths = (part * 10_000 + whole // 2) // whole if whole else 0
    sign = "-" if hundredths < 0 else ""
    text = f"{sign}{abs(hundredths) // 100}.{abs(hundredths) % 100:02d}".rstrip("0").rstrip(".")
    return f"{text}%"


def _time_label(at_ns: int, step_s: int) -> str:
    time = datetime.fromtimestamp(at_ns // SECOND_NS, UTC)
    if step_s >= 86_400 or (time.hour, time.minute, time.second) == (0, 0, 0):
        return f"{time.day} {time:%b}"
    return f"{time:%H:%M:%S}" if step_s < 60 else f"{time:%H:%M}"
