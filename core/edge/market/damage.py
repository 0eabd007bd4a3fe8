"""What is wrong with one cell: found only after a row failed, so that good rows are read fast."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal, InvalidOperation

from perptape.core.edge.market.errors import MarketFileError
from perptape.core.edge.market.place import FIX_ROW, Place
from perptape.core.edge.market.timestamps import TimeParser

LARGEST_PRICE = Decimal(10) ** 12
SMALLEST_PRICE = Decimal(10) ** -12
LARGEST_SIZE = Decimal(10) ** 18
LARGEST_RATE = Decimal(1)
NUMBER_CHARS_MAX = 80
"""Longer than any price written out in full; a longer one is damage, or an attack on the arithmetic."""

_LAST_NEGATIVE_EXPONENT = -40
_EXACT = Context(prec=NUMBER_CHARS_MAX)

Check = Callable[[str], str]
"""Text to what is wrong with it; the empty string when nothing is."""


def number(text: str) -> Decimal:
    """A plain decimal number. Raises ValueError for anything else that `Decimal` would take, such as `1_000`."""
    if "_" in text or not text.isascii() or len(text) > NUMBER_CHARS_MAX:
        raise ValueError(text)
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int) or not _LAST_NEGATIVE_EXPONENT <= exponent <= 18:
        raise ValueError(text)
    return _EXACT.quantize(value, Decimal(1)) if exponent > 0 else value


def is_plain(texts: Sequence[str]) -> bool:
    """Whether `Decimal` may read these few texts directly: no underscores, exponents, foreign digits or floods."""
    joined = ",".join(texts)
    if "e" in joined or "E" in joined or "_" in joined:
        return False
    return joined.isascii() and len(joined) <= NUMBER_CHARS_MAX


def price_fault(text: str) -> str:
    """What keeps `text` from being a price above zero."""
    return _number_fault(text) or _bounds_fault(text, Decimal(text), SMALLEST_PRICE, LARGEST_PRICE)


def size_fault(text: str) -> str:
    """What keeps `text` from being a size of zero or more."""
    return _number_fault(text) or _bounds_fault(text, Decimal(text), Decimal(0), LARGEST_SIZE)


def rate_fault(text: str) -> str:
    """What keeps `text` from being a funding rate, a fraction between -1 and 1."""
    fault = _number_fault(text)
    if fault or abs(Decimal(text)) < LARGEST_RATE:
        return fault
    return f"{_quoted(text)} is not a funding rate: expected a fraction between -1 and 1"


def time_fault(parse: TimeParser) -> Check:
    """The check of a time column that `parse` reads."""

    def check(text: str) -> str:
        if not text.strip():
            return "is empty"
        try:
            parse(text)
        except (ValueError, OverflowError):
            return f"{_quoted(text)} is not a time between 2000 and 2100 in the form of those above it"
        return ""

    return check


def damaged_row(
    place: Place,
    row: int,
    cells: Sequence[str],
    checks: Mapping[str, tuple[int, Check]],
    *,
    width: int,
    otherwise: str,
    field: str | None = None,
) -> MarketFileError:
    """The error for a row that could not be used.

    The first field with a fault is named; when each is good by itself, `otherwise` says what does not go together.
    """
    if len(cells) != width:
        return place.error(f"has {len(cells)} columns, not {width}", FIX_ROW, number=row)
    for name, (position, check) in checks.items():
        if fault := check(cells[position]):
            return place.error(fault, FIX_ROW, number=row, field=name)
    return place.error(otherwise, FIX_ROW, number=row, field=field)


def _number_fault(text: str) -> str:
    if not text.strip():
        return "is empty"
    if text.strip().lower().lstrip("+-") in {"nan", "snan"}:
        return f"{_quoted(text)} is not a number"
    try:
        number(text)
    except ValueError:
        return f"{_quoted(text)} is not a finite decimal number"
    return ""


def _bounds_fault(text: str, value: Decimal, smallest: Decimal, largest: Decimal) -> str:
    if value < smallest:
        return f"{_quoted(text)} is {'negative' if value < 0 else 'zero or absurdly small'}"
    return f"{_quoted(text)} is absurdly large" if value >= largest else ""


def _quoted(text: str) -> str:
    return f"'{text if len(text) <= 40 else text[:37] + '...'}'"
