"""Times as market files write them, turned into nanoseconds since the epoch UTC.

Whole numbers are unix seconds, milliseconds, microseconds or nanoseconds, told by magnitude: between the years
2000 and 2100 the four ranges do not touch. Fractional numbers are the same with a fraction. Everything else is
ISO 8601, RFC 3339, or `yyyyMMdd HH:mm[:ss]`; without an offset it is UTC.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

from perptape.core.durations import DAY_NS, SECOND_NS

EARLIEST_NS = 946_684_800 * SECOND_NS
LATEST_NS = 4_102_444_800 * SECOND_NS
_UNITS_NS = (SECOND_NS, 1_000_000, 1_000, 1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NAIVE_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 for times without an offset, which are UTC
_MICROSECOND_CHARS = len("2022-01-01 00:00:00.000000")
_FINE_FRACTION = re.compile(r"\.(\d{6})(\d{1,3})\d*")
_WHOLE = re.compile(r"[0-9]{9,19}")
_FRACTIONAL = re.compile(r"[0-9]{9,19}\.[0-9]*")

TimeParser = Callable[[str], int]
"""Text to nanoseconds; raises ValueError for what is no time or lies outside 2000..2100."""


def parser_for(sample: str) -> TimeParser:
    """The parser for a column whose first value is `sample`; raises ValueError when that is no time.

    A column keeps the unit of its first value, so that a value of another unit is an error and no guess.
    """
    sample = sample.strip()
    if _WHOLE.fullmatch(sample):
        return _whole_parser(_unit_ns(Decimal(sample)))
    if _FRACTIONAL.fullmatch(sample):
        return _fraction_parser(_unit_ns(Decimal(sample)))
    _text_ns(sample)
    return _text_ns


def time_of_day_parser(midnight_ns: int) -> TimeParser:
    """The parser for milliseconds since `midnight_ns`."""

    def parse(text: str) -> int:
        at_ms = int(text)
        if not 0 <= at_ms < DAY_NS // 1_000_000:
            raise ValueError(text)
        return midnight_ns + at_ms * 1_000_000

    return parse


def is_time(text: str) -> bool:
    """Whether `text` reads as a time of its own."""
    try:
        parser_for(text)
    except ValueError:
        return False
    return True


def shown(at_ns: int) -> str:
    """A time for people: RFC 3339 UTC, with a fraction only if there is one."""
    seconds, fraction = divmod(at_ns, SECOND_NS)
    text = (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{fraction:09d}".rstrip("0") + "Z" if fraction else f"{text}Z"


def _unit_ns(value: Decimal) -> int:
    for unit in _UNITS_NS:
        if EARLIEST_NS <= value * unit < LATEST_NS:
            return unit
    raise ValueError(str(value))


def _whole_parser(unit: int) -> TimeParser:
    earliest, latest = EARLIEST_NS // unit, LATEST_NS // unit
    parse_fraction = _fraction_parser(unit)

    def parse(text: str) -> int:
        try:
            value = int(text)
        except ValueError:
            # Writers of floats leave the fraction out where it is zero.
            return parse_fraction(text)
        if not earliest <= value < latest:
            raise ValueError(text)
        return value * unit

    return parse


def _fraction_parser(unit: int) -> TimeParser:
    def parse(text: str) -> int:
        try:
            at_ns = int(Decimal(text) * unit)
        except (InvalidOperation, OverflowError):
            raise ValueError(text) from None
        return _in_range(at_ns, text)

    return parse


def _text_ns(text: str) -> int:
    extra_ns = 0
    if len(text) > _MICROSECOND_CHARS or text[4:5] == "/" or text.endswith("UTC"):
        text, extra_ns = _without_nanoseconds(text)
    moment = datetime.fromisoformat(text)
    since = moment - (_EPOCH if moment.tzinfo else _NAIVE_EPOCH)
    at_ns = ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000 + extra_ns
    return _in_range(at_ns, text)


def _without_nanoseconds(text: str) -> tuple[str, int]:
    text = text.strip().removesuffix(" UTC").replace("/", "-")
    fine = _FINE_FRACTION.search(text)
    if fine is None:
        return text, 0
    return f"{text[: fine.start()]}.{fine[1]}{text[fine.end() :]}", int(fine[2].ljust(3, "0"))


def _in_range(at_ns: int, text: str) -> int:
    if not EARLIEST_NS <= at_ns < LATEST_NS:
        raise ValueError(text)
    return at_ns
