"""Figures and times for people: thousands separators, a true minus sign, times in UTC."""

from datetime import UTC, datetime
from decimal import Decimal

from perptape.core.money import plain, trimmed

_CENT = Decimal("0.01")
_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def money(value: Decimal, *, sign: bool = False) -> str:
    """Two decimals, a true minus sign: 1,234.50; with `sign` also +3.00."""
    return _grouped(value.quantize(_CENT), sign=sign)


def quantity(value: Decimal) -> str:
    """A price or size with the decimals it has: 43,210.5, 0.0231."""
    return _grouped(trimmed(value), sign=False)


def percent(fraction: Decimal, *, sign: bool = False) -> str:
    """A fraction in percent, two decimals: 2.80 %."""
    return f"{_grouped((fraction * 100).quantize(_CENT), sign=sign)} %"


def count(number: int) -> str:
    """A whole number: 231,617."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """A number and its noun: 1 order, 214 orders, no crashes."""
    return f"{count(number)} {plural(number, noun)}"


def plural(number: int, noun: str) -> str:
    """The noun as the number wants it."""
    return noun if number == 1 else f"{noun}es" if noun.endswith(("s", "sh", "ch")) else f"{noun}s"


def duration(span_ns: int) -> str:
    """A length of time in the largest unit of which there are two or more: 38 days, 45 minutes."""
    seconds = span_ns // 1_000_000_000
    for name, length in _UNITS:
        number = (seconds + length // 2) // length
        if seconds >= 2 * length:
            return counted(number, name)
    return counted(seconds, "second") if seconds else "less than a second"


def moment(at_ns: int) -> str:
    """A time to the second: 2026-03-01 12:00:05."""
    return datetime.fromtimestamp(at_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def day(at_ns: int) -> str:
    """A day: 1 March 2026."""
    date = datetime.fromtimestamp(at_ns // 1_000_000_000, UTC)
    months = "January February March April May June July August September October November December".split()
    return f"{date.day} {months[date.month - 1]} {date.year}"


def listed(names: list[str]) -> str:
    """Names as a phrase: a, b and c."""
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _grouped(value: Decimal, *, sign: bool) -> str:
    whole, point, fraction = plain(abs(value)).partition(".")
    digits = f"{int(whole):,}{point}{fraction}"
    if not value:
        return digits
    return f"\N{MINUS SIGN}{digits}" if value < 0 else f"+{digits}" if sign else digits
