"""Sizes and prices are brought to the venue's steps: never larger, never worse than what was asked."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.instruments import notional, quantise_price, quantise_size, size_fault
from perptape.core.money import arithmetic
from tests.core.builders import instrument

INCREMENTS = st.sampled_from([Decimal(step) for step in ("0.00001", "0.01", "0.25", "0.3", "1", "10", "1E+2")])
SIZES = st.decimals(-(10**6), 10**6, places=9)
PRICES = st.decimals("0.000001", 10**6, places=6)


@given(SIZES, INCREMENTS)
def test_a_size_is_the_largest_multiple_that_is_no_larger_than_asked(size: Decimal, increment: Decimal) -> None:
    with arithmetic():
        permitted = quantise_size(instrument(size_increment=increment), size)
        assert permitted % increment == 0
        assert abs(permitted) <= abs(size) < abs(permitted) + increment
        assert permitted * size >= 0


@given(SIZES, INCREMENTS)
def test_a_permitted_size_is_left_as_it_is(size: Decimal, increment: Decimal) -> None:
    described = instrument(size_increment=increment)
    with arithmetic():
        permitted = quantise_size(described, size)
        assert quantise_size(described, permitted) == permitted


@pytest.mark.parametrize("size", ["-0.009", "-0", "0.009"])
def test_less_than_a_step_is_nothing_and_not_minus_zero(size: str) -> None:
    assert str(quantise_size(instrument(), Decimal(size))) == "0"


@given(PRICES, INCREMENTS)
def test_a_buy_is_priced_at_the_tick_at_or_below(price: Decimal, increment: Decimal) -> None:
    with arithmetic():
        tick = quantise_price(instrument(price_increment=increment), price, "buy")
        assert tick % increment == 0
        assert tick <= price < tick + increment


@given(PRICES, INCREMENTS)
def test_a_sell_is_priced_at_the_tick_at_or_above(price: Decimal, increment: Decimal) -> None:
    with arithmetic():
        tick = quantise_price(instrument(price_increment=increment), price, "sell")
        assert tick % increment == 0
        assert tick - increment < price <= tick


def test_notional_counts_the_coins_in_a_contract() -> None:
    assert notional(instrument(contract_size="0.01"), Decimal(300), Decimal(50)) == 150


def test_notional_of_a_short_is_positive() -> None:
    assert notional(instrument(), Decimal(-3), Decimal(50)) == 150


def test_an_instrument_is_a_fact_and_does_not_change() -> None:
    described: Any = instrument()
    with pytest.raises(AttributeError, match="immutable"):
        described.size_min = Decimal(0)


SMALL = instrument(size_min="0.5", size_max=8, size_increment="0.25", notional_min=100, contract_size="0.1")


@pytest.mark.parametrize(
    ("size", "price"),
    [("0.5", "2000"), ("8", "125"), ("1", "1000")],
    ids=["the smallest size", "the largest size", "the smallest notional"],
)
def test_an_order_at_the_venues_limits_is_permitted(size: str, price: str) -> None:
    assert size_fault(SMALL, Decimal(size), notional(SMALL, Decimal(size), Decimal(price))) is None


@pytest.mark.parametrize(
    ("size", "price", "fault", "measured", "limit"),
    [
        ("0.25", "10000", "size_below_minimum", "0.25", "0.5"),
        ("8.25", "10000", "size_above_maximum", "8.25", "8"),
        ("0.6", "10000", "size_off_increment", "0.6", "0.25"),
        ("1", "999.99", "notional_below_minimum", "99.999", "100"),
    ],
)
def test_an_order_beyond_them_is_refused_with_both_numbers(
    size: str, price: str, fault: str, measured: str, limit: str
) -> None:
    found = size_fault(SMALL, Decimal(size), notional(SMALL, Decimal(size), Decimal(price)))
    assert found == (fault, Decimal(measured), Decimal(limit))
