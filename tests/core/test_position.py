"""A position at average cost earns what was received less what was paid, whichever way it was built and closed."""

from decimal import Decimal
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.money import CENT_FRACTION, ZERO, arithmetic
from perptape.core.position import Position, Result, entry_price, net, trade
from tests.core.builders import value

ONE_COIN = Decimal(1)
TENTH = Decimal("0.1")
PRICES = st.decimals("0.01", 100_000, places=2)
CHANGES = st.decimals(-1000, 1000, places=3).filter(bool)
CONTRACT_SIZES = st.sampled_from([ONE_COIN, TENTH, Decimal("0.001"), Decimal(10)])
"""Prices, sizes and contract sizes whose products have at most eight places: money to the last digit."""

Trades = list[tuple[Decimal, Decimal]]
TRADES: st.SearchStrategy[Trades] = st.lists(st.tuples(CHANGES, PRICES), min_size=1, max_size=30)
UNEVEN: st.SearchStrategy[Trades] = st.lists(
    st.tuples(
        st.decimals(-1000, 1000, places=6).filter(bool),
        st.decimals("0.000001", 100_000, places=6),
    ),
    min_size=1,
    max_size=30,
)


def traded(trades: Trades, contract_size: Decimal = ONE_COIN) -> tuple[Position, list[Decimal]]:
    position = Position()
    return position, [trade(position, change, price, contract_size) for change, price in trades]


def received(trades: Trades, contract_size: Decimal) -> Decimal:
    """The cash flow of the trades: what the sales brought less what the purchases cost."""
    return -sum((change * contract_size * price for change, price in trades), ZERO)


def of(*trades: tuple[int | str, int | str]) -> Trades:
    return [(Decimal(change), Decimal(price)) for change, price in trades]


def outline(position: Position) -> tuple[object, ...]:
    return position.size, position.cost, entry_price(position)


def is_minus_zero(number: Decimal) -> bool:
    return number.is_zero() and number.is_signed()


def numbers(position: Position) -> list[Decimal]:
    return [position.size, position.coins, position.cost, position.unrealised]


@given(TRADES, PRICES, CONTRACT_SIZES)
def test_realised_and_unrealised_are_the_cash_flow_and_what_is_left(
    trades: Trades, last: Decimal, contract_size: Decimal
) -> None:
    with arithmetic():
        position, realised = traded(trades, contract_size)
        value(position, last)
        earned = sum(realised, ZERO) + position.unrealised
        assert earned == received(trades, contract_size) + position.size * contract_size * last


@given(UNEVEN, PRICES, CONTRACT_SIZES)
def test_a_realised_amount_is_rounded_by_less_than_a_hundred_millionth(
    trades: Trades, last: Decimal, contract_size: Decimal
) -> None:
    with arithmetic():
        position, realised = traded(trades, contract_size)
        value(position, last)
        earned = sum(realised, ZERO) + position.unrealised
        worth = received(trades, contract_size) + position.size * contract_size * last
        assert abs(earned - worth) <= CENT_FRACTION / 2 * len(trades)
        assert not any(amount % CENT_FRACTION for amount in realised)


@given(TRADES, PRICES, CONTRACT_SIZES)
def test_closing_everything_leaves_nothing_and_has_earned_the_cash_flow(
    trades: Trades, last: Decimal, contract_size: Decimal
) -> None:
    with arithmetic():
        position, realised = traded(trades, contract_size)
        closing = [(-position.size, last)] if position.size else []
        realised += [trade(position, change, price, contract_size) for change, price in closing]
        assert sum(realised, ZERO) == received(trades + closing, contract_size)
    assert [str(number) for number in numbers(position)] == ["0", "0", "0", "0"]


@given(TRADES, CONTRACT_SIZES)
def test_the_size_is_the_sum_of_the_changes(trades: Trades, contract_size: Decimal) -> None:
    with arithmetic():
        position, _ = traded(trades, contract_size)
        assert position.size == sum((change for change, _ in trades), ZERO)
        assert position.coins == position.size * contract_size


@given(TRADES, CONTRACT_SIZES)
def test_nothing_is_ever_minus_zero(trades: Trades, contract_size: Decimal) -> None:
    with arithmetic():
        position = Position()
        for change, price in trades:
            realised = trade(position, change, price, contract_size)
            value(position, price)
            assert not any(is_minus_zero(number) for number in (*numbers(position), realised))


@given(TRADES, CONTRACT_SIZES)
def test_the_entry_price_lies_within_the_prices_that_were_traded(trades: Trades, contract_size: Decimal) -> None:
    prices = [price for _, price in trades]
    with arithmetic():
        position, _ = traded(trades, contract_size)
        entry, rounding = entry_price(position), CENT_FRACTION / 2 * len(trades)
        assert (entry is None) == (not position.size)
        if entry is not None:
            coins = abs(position.coins)
            assert min(prices) * coins - rounding <= entry * coins <= max(prices) * coins + rounding


@given(TRADES)
def test_a_short_loses_what_a_long_of_the_same_prices_earns(trades: Trades) -> None:
    mirrored = [(-change, price) for change, price in trades]
    with arithmetic():
        long, earned = traded(trades)
        short, lost = traded(mirrored)
        assert lost == [-amount for amount in earned]
        assert (short.size, short.cost) == (-long.size, -long.cost)


@given(TRADES, CONTRACT_SIZES)
def test_only_a_trade_against_the_position_realises_anything(trades: Trades, contract_size: Decimal) -> None:
    with arithmetic():
        _, realised = traded(trades, contract_size)
    before = [ZERO, *accumulate(change for change, _ in trades)]
    for held, (change, _), amount in zip(before, trades, realised, strict=False):
        if held * change >= 0:
            assert amount == 0


def test_opening_costs_the_price() -> None:
    position, realised = traded(of((3, 100)))
    assert outline(position) == (3, 300, 100)
    assert not any(realised)


def test_adding_averages_the_entry() -> None:
    position, realised = traded(of((1, 100), (3, 120)))
    assert outline(position) == (4, 460, 115)
    assert not any(realised)


def test_adding_to_a_short_averages_too() -> None:
    position, realised = traded(of((-1, 100), (-3, 120)))
    assert outline(position) == (-4, -460, 115)
    assert not any(realised)


def test_reducing_realises_in_proportion_and_keeps_the_entry() -> None:
    position, realised = traded(of((4, 100), (-1, 130)))
    assert outline(position) == (3, 300, 100)
    assert realised[-1] == 30


def test_reducing_a_short_earns_when_the_price_has_fallen() -> None:
    position, realised = traded(of((-4, 100), (1, 70)))
    assert outline(position) == (-3, -300, 100)
    assert realised[-1] == 30


@pytest.mark.parametrize(("side", "earned"), [(1, 60), (-1, -60)])
def test_closing_realises_all_of_it(side: int, earned: int) -> None:
    position, realised = traded(of((2 * side, 100), (-2 * side, 130)))
    assert realised[-1] == earned
    assert entry_price(position) is None


def test_crossing_zero_closes_the_old_position_and_opens_the_rest_at_the_price() -> None:
    position, realised = traded(of((2, 100), (-5, 130)))
    assert realised[-1] == 60
    assert outline(position) == (-3, -390, 130)


def test_a_contract_of_a_tenth_of_a_coin_earns_a_tenth() -> None:
    position, realised = traded(of((20, 100), (-10, 130)), TENTH)
    assert realised[-1] == 30
    assert position.coins == 1
    assert outline(position) == (10, 100, 100)


def test_what_rounding_takes_from_the_released_cost_stays_with_the_rest() -> None:
    position, realised = traded(of((1, 1), (2, 2), (-1, 2)))
    assert realised[-1] == Decimal("0.33333333")
    assert position.cost == Decimal("3.33333333")
    assert realised[-1] + trade(position, Decimal(-2), Decimal(2), ONE_COIN) == 1


@pytest.mark.parametrize("held", [2, -2, 0])
def test_a_trade_of_nothing_changes_nothing(held: int) -> None:
    position = Position(size=Decimal(held), coins=Decimal(held), cost=Decimal(100 * held))
    assert trade(position, ZERO, Decimal(130), ONE_COIN) == 0
    assert position == Position(size=Decimal(held), coins=Decimal(held), cost=Decimal(100 * held))


@pytest.mark.parametrize(("size", "unrealised"), [(2, 60), (-2, -60)])
def test_the_unrealised_result_is_what_closing_would_realise(size: int, unrealised: int) -> None:
    position, _ = traded(of((size, 100)))
    value(position, Decimal(130))
    assert position.unrealised == unrealised == trade(position, Decimal(-size), Decimal(130), ONE_COIN)
    assert position.unrealised == 0


def test_a_new_position_is_flat_and_has_no_entry_price() -> None:
    assert not any(numbers(Position()))
    assert entry_price(Position()) is None


def test_the_net_result_takes_fees_off_and_adds_funding() -> None:
    assert net(Result(realised=Decimal(100), fees=Decimal(7), funding=Decimal(-3))) == 90
    assert net(Result()) == 0
    assert Result().fills == 0
