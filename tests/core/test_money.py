"""Money is plain: no exponent, no minus zero, no NaN, and every number survives being written."""

from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_FLOOR, ROUND_UP, Context, Decimal, InvalidOperation, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.errors import NotMoneyError
from perptape.core.money import (
    BASIS_POINT,
    CENT_FRACTION,
    CONTEXT,
    HALF,
    ONE,
    ZERO,
    amount,
    arithmetic,
    plain,
    snap,
    trimmed,
)

NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=12)
ANY_EXPONENT = st.builds(
    lambda sign, digits, exponent: Decimal((sign, tuple(int(digit) for digit in str(digits)), exponent)),
    st.sampled_from([0, 1]),
    st.integers(0, 10**15),
    st.integers(-30, 12),
)
STEPS = st.sampled_from([Decimal(step) for step in ("0.00000001", "0.01", "0.25", "0.3", "1", "5", "1E+2")])


def is_minus_zero(value: Decimal) -> bool:
    return value.is_zero() and value.is_signed()


def test_the_constants_are_what_they_are_called() -> None:
    assert ZERO + ONE == HALF + HALF == 1
    assert BASIS_POINT * 10_000 == 1
    assert CENT_FRACTION * 10**8 == 1


@given(ANY_EXPONENT)
def test_plain_text_reads_back_as_the_same_number(value: Decimal) -> None:
    assert Decimal(plain(value)) == value


@given(ANY_EXPONENT)
def test_plain_text_has_no_exponent_and_no_minus_zero(value: Decimal) -> None:
    text = plain(value)
    assert "E" not in text.upper()
    assert not is_minus_zero(Decimal(text))


@given(ANY_EXPONENT)
def test_plain_text_written_twice_is_the_same_text(value: Decimal) -> None:
    assert plain(Decimal(plain(value))) == plain(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1E+3", "1000"),
        ("1E-8", "0.00000001"),
        ("-1E-8", "-0.00000001"),
        ("-0", "0"),
        ("-0.00", "0.00"),
        ("0E+3", "0"),
        ("0E-8", "0.00000000"),
        ("1.50", "1.50"),
        ("-12.5", "-12.5"),
    ],
)
def test_plain_text_of_the_awkward_ones(value: str, text: str) -> None:
    assert plain(Decimal(value)) == text


@pytest.mark.parametrize("value", ["NaN", "-NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_not_money(value: str) -> None:
    with pytest.raises(NotMoneyError, match=f"^{value} is not an amount: events cannot hold NaN or infinity$"):
        plain(Decimal(value))


@given(NUMBERS)
def test_an_amount_is_the_nearest_hundred_millionth(value: Decimal) -> None:
    rounded = amount(value)
    assert abs(rounded - value) <= CENT_FRACTION / 2
    assert rounded % CENT_FRACTION == 0
    assert not is_minus_zero(rounded)


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        ("0.000000005", "0"),
        ("0.000000015", "0.00000002"),
        ("0.000000025", "0.00000002"),
        ("-0.000000015", "-0.00000002"),
        ("0.0000000051", "0.00000001"),
    ],
)
def test_an_amount_halfway_goes_to_the_even_neighbour(value: str, rounded: str) -> None:
    with arithmetic():
        assert amount(Decimal(value)) == Decimal(rounded)


@pytest.mark.parametrize("value", ["-0", "-0.000000001", "-0E+5"])
def test_an_amount_is_never_minus_zero(value: str) -> None:
    assert not is_minus_zero(amount(Decimal(value)))


@given(ANY_EXPONENT)
def test_trimming_keeps_the_number_and_drops_what_says_nothing(value: Decimal) -> None:
    with arithmetic():
        short = trimmed(value)
    assert short == value
    assert not is_minus_zero(short)
    assert "E" not in format(short, "f")
    assert not ("." in plain(short) and plain(short).endswith("0"))
    assert int(short.as_tuple().exponent) <= 0


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("1.500", "1.5"),
        ("1E+3", "1000"),
        ("1000", "1000"),
        ("100.00", "100"),
        ("-0.00", "0"),
        ("0E+5", "0"),
        ("1", "1"),
    ],
)
def test_trimming_the_awkward_ones(value: str, text: str) -> None:
    assert str(trimmed(Decimal(value))) == text


@given(NUMBERS, STEPS)
def test_snapping_down_and_up_encloses_the_number_within_one_step(value: Decimal, step: Decimal) -> None:
    with arithmetic():
        below, above = snap(value, step, ROUND_FLOOR), snap(value, step, ROUND_CEILING)
        assert below <= value <= above
        assert above - below in {0, step}
        assert below % step == above % step == 0


@given(NUMBERS, STEPS)
def test_snapping_towards_zero_never_grows_a_number_and_away_never_shrinks_it(value: Decimal, step: Decimal) -> None:
    with arithmetic():
        assert abs(snap(value, step, ROUND_DOWN)) <= abs(value) <= abs(snap(value, step, ROUND_UP))


@given(NUMBERS, STEPS)
def test_a_snapped_number_stays_where_it_is(value: Decimal, step: Decimal) -> None:
    with arithmetic():
        once = snap(value, step, ROUND_DOWN)
        assert snap(once, step, ROUND_DOWN) == snap(once, step, ROUND_UP) == once


@pytest.mark.parametrize("value", ["-0.004", "-0", "-0.0"])
def test_what_snaps_to_nothing_is_not_minus_zero(value: str) -> None:
    assert not is_minus_zero(snap(Decimal(value), Decimal("0.01"), ROUND_DOWN))


def test_arithmetic_is_the_same_whatever_the_callers_context_was() -> None:
    with localcontext(Context(prec=3, rounding=ROUND_UP, traps=[])):
        with arithmetic():
            assert Decimal(1) / Decimal(3) == Decimal("0." + "3" * 28)
            assert Decimal(2) / Decimal(3) == Decimal("0." + "6" * 27 + "7")
        assert Decimal(1) / Decimal(3) == Decimal("0.334")


@pytest.mark.parametrize(("dividend", "divisor"), [(0, 0), (1, 0)])
def test_a_division_without_an_answer_raises_even_where_the_caller_lets_it_pass(dividend: int, divisor: int) -> None:
    with localcontext(Context(traps=[])), arithmetic(), pytest.raises((InvalidOperation, ZeroDivisionError)):
        _ = Decimal(dividend) / Decimal(divisor)


def test_work_inside_arithmetic_leaves_no_trace_in_the_one_context() -> None:
    with arithmetic(), pytest.raises(InvalidOperation):
        _ = Decimal("sNaN") + 1
    assert not any(CONTEXT.flags.values())
