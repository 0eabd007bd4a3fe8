"""Exposure counts what is held together with every order that may still fill."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.events.base import Side
from perptape.core.exposure import (
    gross_notional,
    liquidation_distance,
    liquidation_price,
    maintenance_margin,
    position_size,
    reached_size,
    strategy_working,
    worst_size,
)
from perptape.core.market import Market
from perptape.core.money import ZERO, arithmetic
from perptape.core.order import signed
from perptape.core.state import State
from tests.core.builders import (
    BTC,
    ETH,
    instrument,
    long,
    market,
    profitable,
    several_positions,
    short,
    small_contracts,
    state,
    working_order,
)

SIZES = st.decimals("0.01", 100, places=2)
SIDES = st.sampled_from(["buy", "sell"])
MONEY = st.decimals(-10_000, 10_000, places=4)


def two_markets() -> State:
    return state(market(), market(ETH, 50))


def undescribed(symbol: str = ETH, price: int = 50) -> Market:
    """A symbol that the venue has quoted but not described."""
    return Market(symbol=symbol, price=Decimal(price))


def test_the_position_is_signed_and_zero_when_flat() -> None:
    held = several_positions()
    assert position_size(held, BTC) == 10
    assert position_size(held, ETH) == -20
    assert position_size(held, "SOL-PERP") == 0


def test_a_side_reaches_what_is_left_of_its_orders_in_the_symbol() -> None:
    working = two_markets()
    working_order(working, "buy", 5, filled_size=2, status="partly_filled")
    working_order(working, "buy", 4, limit_price=None, status="unknown")
    working_order(working, "sell", 32)
    working_order(working, "buy", 64, symbol=ETH)
    assert reached_size(working, BTC, "buy") == 7
    assert reached_size(working, BTC, "sell") == -32
    assert reached_size(working, ETH, "buy") == 64
    assert reached_size(working, ETH, "sell") == 0


@pytest.mark.parametrize(
    ("held", "side", "reducing", "adding", "reached"),
    [
        (0, "sell", 5, 0, 0),
        (10, "sell", 4, 0, 6),
        (10, "sell", 12, 0, 0),
        (10, "sell", 10, 15, -15),
        (10, "buy", 4, 3, 13),
        (-10, "buy", 4, 0, -6),
        (-10, "buy", 12, 3, 3),
        (-10, "sell", 4, 3, -13),
    ],
)
def test_reduce_only_orders_fill_first_and_take_the_position_to_zero_at_most(
    held: int, side: Side, reducing: int, adding: int, reached: int
) -> None:
    working = state()
    if held > 0:
        long(working, held)
    elif held < 0:
        short(working, -held)
    if reducing:
        working_order(working, side, reducing, reduce_only=True)
    if adding:
        working_order(working, side, adding)
    assert reached_size(working, BTC, side) == reached


def test_a_strategys_working_orders_net_out_and_those_of_others_do_not_count() -> None:
    working = two_markets()
    working_order(working, "buy", 5)
    working_order(working, "sell", 2, reduce_only=True)
    working_order(working, "sell", 32, strategy="carry")
    working_order(working, "buy", 64, symbol=ETH)
    assert strategy_working(working, BTC, "trend") == 3
    assert strategy_working(working, BTC, "carry") == -32
    assert strategy_working(working, BTC, "nobody") == 0


@pytest.mark.parametrize(("held", "worst"), [(10, 15), (-10, 17), (0, 7), (1, 6), (-1, 8)])
def test_the_worst_size_is_reached_by_the_orders_of_one_side(held: int, worst: int) -> None:
    working = state()
    if held:
        long(working, held)
    working_order(working, "buy", 5)
    working_order(working, "sell", 7)
    assert worst_size(working, BTC) == worst


@given(
    st.decimals(-100, 100, places=2), st.lists(st.tuples(SIDES, SIZES), max_size=6), st.lists(st.booleans(), min_size=6)
)
def test_no_fills_of_the_working_orders_lead_beyond_the_worst_size(
    held: Decimal, working: list[tuple[str, Decimal]], filled: list[bool]
) -> None:
    at_risk = state()
    if held:
        long(at_risk, held)
    orders = [working_order(at_risk, side, size) for side, size in working]  # type: ignore[arg-type]  # one of the two
    fills = (signed(each.side, each.size) for each, fills in zip(orders, filled, strict=False) if fills)
    assert abs(held + sum(fills, ZERO)) <= worst_size(at_risk, BTC)


def test_a_symbols_notional_is_valued_at_the_markets_price_with_the_coins_of_a_contract() -> None:
    held = small_contracts(state(market(price=200)))
    short(held, 30, 100)
    working_order(held, "sell", 10)
    assert gross_notional(held) == 800


def test_a_contract_counts_as_one_coin_until_the_venue_describes_it() -> None:
    held = state(undescribed())
    long(held, 3, 40, ETH)
    assert gross_notional(held) == 150


def test_gross_notional_adds_longs_shorts_and_symbols_with_orders_only() -> None:
    held = several_positions()
    assert gross_notional(held) == 10 * 100 + 20 * 50
    held.markets["SOL-PERP"] = market("SOL-PERP", 10)
    working_order(held, "buy", 7, symbol="SOL-PERP")
    assert gross_notional(held) == 2000 + 70
    assert gross_notional(held, without=ETH) == 1070


def test_a_symbol_with_position_and_orders_counts_once() -> None:
    held = profitable()
    working_order(held, "buy", 5)
    assert gross_notional(held) == 1500


def test_nothing_held_is_no_exposure() -> None:
    assert gross_notional(state()) == 0


def test_gross_notional_adds_up_the_symbols() -> None:
    assert gross_notional(several_positions()) == 2000


def test_maintenance_margin_is_the_rate_of_what_is_held_and_not_of_what_is_ordered() -> None:
    held = several_positions()
    working_order(held, "buy", 1000)
    assert maintenance_margin(held) == Decimal("0.05") * 2000
    assert maintenance_margin(held, without=BTC) == 50


def test_a_symbol_that_the_venue_has_not_described_needs_no_margin_yet() -> None:
    held = state(undescribed())
    long(held, 3, 40, ETH)
    assert maintenance_margin(held) == 0


def equity_at(held: State, coins: Decimal, start: Decimal, price: Decimal) -> Decimal:
    """Equity once `coins` that were held from `start` are worth `price`."""
    return held.account.equity + coins * (price - start)


@given(
    st.decimals(-100, 100, places=2).filter(bool),
    st.decimals("0.01", 10_000, places=2),
    MONEY,
    st.decimals("0.001", "0.5", places=3),
    st.decimals(0, 50, places=2),
)
def test_at_the_liquidation_price_equity_is_the_maintenance_margin(
    coins: Decimal, price: Decimal, equity: Decimal, rate: Decimal, other_size: Decimal
) -> None:
    held = two_markets()
    if other_size:
        short(held, other_size, 50, ETH)
    held.account.equity = equity
    held.markets[BTC].instrument = instrument(maintenance_margin_rate=rate)
    with arithmetic():
        solution = liquidation_price(held, held.markets[BTC], coins, price)
        if solution:  # 0 stands for a short past liquidation at every price
            margin = other_size * 50 * Decimal("0.05") + abs(coins) * solution * rate
            assert abs(equity_at(held, coins, price, solution) - margin) < Decimal("1E-15")


@given(st.decimals(-100, 100, places=2).filter(bool), st.decimals("0.01", 1000, places=2), MONEY)
def test_without_a_liquidation_price_no_price_puts_equity_at_the_maintenance_margin(
    coins: Decimal, price: Decimal, equity: Decimal
) -> None:
    held = state(cash=equity)
    with arithmetic():
        if liquidation_price(held, held.markets[BTC], coins, price) is None:
            over = [
                equity_at(held, coins, price, each) > abs(coins) * each * Decimal("0.05")
                for each in map(Decimal, ("0.000001", "1", "1000", "1000000000"))
            ]
            assert len(set(over)) == 1


def test_a_long_is_liquidated_below_and_a_short_above() -> None:
    held = state(cash=100)
    at = held.markets[BTC]
    assert liquidation_price(held, at, Decimal(4), Decimal(95)) == Decimal(280) / Decimal("3.8")
    assert liquidation_price(held, at, Decimal(-4), Decimal(95)) == Decimal(480) / Decimal("4.2")


def test_the_margin_of_other_positions_brings_liquidation_closer() -> None:
    held = two_markets()
    held.account.cash = held.account.equity = Decimal(100)
    alone = liquidation_distance(held, held.markets[BTC], Decimal(4), Decimal(100))
    short(held, 20, 50, ETH)
    assert liquidation_price(held, held.markets[BTC], Decimal(4), Decimal(100)) == Decimal(350) / Decimal("3.8")
    assert liquidation_distance(held, held.markets[BTC], Decimal(4), Decimal(100)) < alone


def test_the_position_in_the_symbol_itself_is_replaced_by_the_one_asked_about() -> None:
    held = state(cash=100)
    flat = liquidation_price(held, held.markets[BTC], Decimal(4), Decimal(100))
    long(held, 3, 100)
    assert liquidation_price(held, held.markets[BTC], Decimal(4), Decimal(100)) == flat


def test_without_a_position_there_is_no_liquidation_price() -> None:
    held = state()
    assert liquidation_price(held, held.markets[BTC], ZERO, Decimal(100)) is None


def test_without_a_description_there_is_no_liquidation_price() -> None:
    assert liquidation_price(state(), undescribed(), Decimal(4), Decimal(100)) is None


def test_a_long_that_the_cash_pays_for_is_never_liquidated() -> None:
    held = state(cash=400)
    assert liquidation_price(held, held.markets[BTC], Decimal(4), Decimal(100)) is None
    assert liquidation_distance(held, held.markets[BTC], Decimal(4), Decimal(100)) == 1


def test_a_long_whose_margin_moves_with_its_whole_value_has_no_liquidation_price() -> None:
    held = state(cash=100)
    held.markets[BTC].instrument = instrument(maintenance_margin_rate=1)
    assert liquidation_price(held, held.markets[BTC], Decimal(4), Decimal(100)) is None


def test_the_distance_is_a_fraction_of_the_price() -> None:
    held = state(cash=120)
    at = held.markets[BTC]
    assert liquidation_distance(held, at, Decimal(4), Decimal(100)) == (100 - Decimal(280) / Decimal("3.8")) / 100
    assert liquidation_distance(held, at, Decimal(-4), Decimal(100)) == (Decimal(520) / Decimal("4.2") - 100) / 100


def test_the_distance_of_a_part_of_a_coin_is_that_of_a_whole_account_as_small() -> None:
    whole, part = state(cash=120), state(cash=12)
    for coins in (4, -4):
        distance = liquidation_distance(whole, whole.markets[BTC], Decimal(coins), Decimal(100))
        assert liquidation_distance(part, part.markets[BTC], Decimal(coins) / 10, Decimal(100)) == distance


def test_the_distance_is_negative_once_the_price_is_past_liquidation() -> None:
    broke = state(cash=1)
    assert liquidation_distance(broke, broke.markets[BTC], Decimal(4), Decimal(100)) < 0
    assert liquidation_distance(broke, broke.markets[BTC], Decimal(-4), Decimal(100)) < 0


def test_without_a_price_there_is_no_distance_to_speak_of() -> None:
    broke = state(cash=1)
    assert liquidation_distance(broke, broke.markets[BTC], Decimal(-4), ZERO) == 1


def test_an_account_already_below_its_margin_has_no_room_for_a_small_short() -> None:
    """Others need 200, equity is 100: at every price a short of one coin is already liquidated, not never."""
    sunk = two_markets()
    short(sunk, 80, 50, ETH)
    sunk.account.equity = Decimal(100)
    assert liquidation_distance(sunk, sunk.markets[BTC], Decimal(1), Decimal(50)) <= 0
    assert liquidation_distance(sunk, sunk.markets[BTC], Decimal(-1), Decimal(50)) <= 0
