"""Money: decimals under one explicit context, always in plain notation.

Amounts of quote currency that come out of a division are rounded to `CENT_FRACTION` half-even, so that what one
account loses in rounding another account keeps and cash is conserved to the last digit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import (
    ROUND_HALF_EVEN,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
    localcontext,
)

from perptape.core.errors import NotMoneyError

ZERO = Decimal(0)
ONE = Decimal(1)
HALF = Decimal("0.5")
BASIS_POINT = Decimal("0.0001")
CENT_FRACTION = Decimal("0.00000001")
CONTEXT = Context(
    prec=28, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999, traps=[InvalidOperation, DivisionByZero, Overflow]
)


@contextmanager
def arithmetic() -> Iterator[None]:
    """Every fold and decision runs inside this: 28 digits, half-even, traps on; whatever the caller's context was."""
    with localcontext(CONTEXT):
        yield


def amount(value: Decimal) -> Decimal:
    """`value` in quote currency, rounded half-even to 1e-8 and never -0."""
    rounded = value.quantize(CENT_FRACTION)
    return rounded or ZERO


def trimmed(value: Decimal) -> Decimal:
    """The same number without trailing zeros and without an exponent, never -0: 1.500 -> 1.5, 1E+3 -> 1000."""
    # Adding zero takes an exponent above zero away: the sum has the smaller exponent of the two.
    return value.normalize() + ZERO if value else ZERO


def snap(value: Decimal, step: Decimal, rounding: str) -> Decimal:
    """`value` as a whole multiple of `step`, rounded as told (a constant of `decimal`)."""
    steps = (value / step).to_integral_value(rounding)
    return steps * step if steps else ZERO


def plain(value: Decimal) -> str:
    """Plain notation: no exponent, no -0. Raises NotMoneyError for NaN and infinity."""
    if not value.is_finite():
        raise NotMoneyError(f"{value} is not an amount: events cannot hold NaN or infinity")
    text = format(value, "f")
    return text.removeprefix("-") if not value else text
