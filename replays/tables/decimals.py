"""Decimals in tables: one type for all of them. Money, prices and sizes are exact or refused, quotients rounded."""

from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Final

from perptape.core.errors import NotMoneyError

DIGITS: Final = 38
SCALE: Final = 18
"""Decimals after the point; 20 digits are left before it."""
_STEP: Final = Decimal(1).scaleb(-SCALE)
_WIDE: Final = Context(prec=DIGITS + SCALE, rounding=ROUND_HALF_EVEN)


def rounded(value: Decimal) -> Decimal:
    """A quotient, rounded half-even to the decimals of a table; one that is too large for it stays as it is."""
    return value.quantize(_STEP, context=_WIDE) if value.is_finite() and value.adjusted() < DIGITS - SCALE else value


def fitted(value: Decimal) -> Decimal | None:
    """The same number as a table's column takes it, whatever the decimal context; None when it does not fit."""
    sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int):
        raise NotMoneyError(f"{value} is not an amount")
    if -SCALE <= exponent <= 0 and len(digits) + exponent <= DIGITS - SCALE:
        return value
    while digits[-1] == 0 and exponent < 0:
        digits, exponent = (digits[:-1], exponent + 1) if len(digits) > 1 else (digits, 0)
    if exponent < -SCALE or len(digits) + exponent > DIGITS - SCALE:
        return None
    return Decimal((sign, digits + (0,) * max(exponent, 0), min(exponent, 0)))
