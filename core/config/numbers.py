"""Numbers of a file: exact decimals, whatever way a file writes them."""

import re
from decimal import Decimal, DecimalException
from typing import Any

from perptape.core.money import arithmetic, plain, trimmed

PLAIN = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
DIGITS_MAX = 28


def read_float(text: str) -> Decimal:
    """What a TOML float says, exactly; NaN where it is outside of what decimals can hold (and so is refused)."""
    try:
        return Decimal(text)
    except DecimalException:
        return Decimal("NaN")


def read_decimal(value: Any) -> Decimal:
    """The canonical decimal of an integer, a float, a decimal or its text.

    Raises ValueError for what is no finite number, or needs more than 28 digits in plain notation.
    """
    match value:
        case bool():
            raise ValueError("true and false are not numbers")
        case int() | Decimal():
            number = Decimal(value)
        case float():
            number = Decimal(repr(value))
        case str() if PLAIN.fullmatch(value):
            number = read_float(value)
        case _:
            raise ValueError("not a number")
    if not number.is_finite() or abs(number.adjusted()) > DIGITS_MAX:
        raise ValueError("not a finite number in the supported range")
    with arithmetic():
        short = trimmed(number)
    if short != number:
        raise ValueError(f"more than {DIGITS_MAX} digits")
    return short


def read_parameter(value: Any) -> Any:
    """A strategy's parameter: numbers with a point become their text, which the strategy reads as a decimal."""
    return plain(read_decimal(value)) if isinstance(value, Decimal | float) else value
