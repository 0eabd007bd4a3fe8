from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.config.numbers import read_decimal, read_float, read_parameter


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=12))
def test_a_number_is_the_same_by_every_way_it_can_be_written(number: Decimal) -> None:
    canonical = read_decimal(number)
    assert canonical == number
    assert not f"{canonical:f}".endswith((".0", "-0"))
    assert str(read_decimal(f"{number:f}")) == str(read_decimal(f"{number:E}")) == str(canonical)


def test_a_binary_float_counts_as_its_shortest_text() -> None:
    assert str(read_decimal(0.1)) == "0.1"


@pytest.mark.parametrize(
    "value", ["", "x", "1,5", "1_000", "0x10", "+", ".5", "5.", "\u0661", True, None, 1e999, 10**30]
)
def test_other_things_are_no_numbers(value: object) -> None:
    with pytest.raises(ValueError, match=r"number|digits"):
        read_decimal(value)


def test_zero_has_no_sign() -> None:
    assert str(read_decimal("-0.00")) == "0"


def test_a_float_beyond_what_decimals_hold_is_not_a_number() -> None:
    assert read_float("1e99999999999999999999").is_nan()


def test_only_numbers_with_a_point_change_as_parameters() -> None:
    assert [read_parameter(one) for one in (Decimal("1.50"), 2, "x", True)] == ["1.5", 2, "x", True]
