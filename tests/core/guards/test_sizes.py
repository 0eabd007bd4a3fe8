"""What is held counts together with every working order and the order in question, up to and including the limit."""

from decimal import Decimal

import pytest

from perptape.core.events.reason import Reason
from perptape.core.guards.block import Block
from perptape.core.guards.sizes import position_cap, position_limit, product_limits, trade_value
from perptape.core.state import State
from tests.core.builders import (
    ABOVE,
    BTC,
    ETH,
    Number,
    instrument,
    limits,
    long,
    market,
    proposal,
    short,
    small_contracts,
    state,
    working_order,
)

ZERO = Decimal(0)


def test_an_order_that_the_venue_permits_passes() -> None:
    held = state()
    assert product_limits(held, proposal(held, size="0.01")) is None


@pytest.mark.parametrize("reducing", [False, True])
def test_an_order_that_the_venue_would_refuse_does_not_leave_reducing_or_not(reducing: bool) -> None:
    held = state()
    assert product_limits(held, proposal(held, size="0.005", reducing=reducing)) == Block(
        "product_limits",
        Decimal("0.005"),
        Decimal("0.01"),
        Reason("size_below_minimum", {"measured": Decimal("0.005"), "limit": Decimal("0.01")}),
    )


def test_the_venues_least_notional_is_taken_at_the_price_of_the_order() -> None:
    held = state()
    assert product_limits(held, proposal(held, size="0.01", price="99")) == Block(
        "product_limits",
        Decimal("0.01"),
        Decimal("0.01"),
        Reason("notional_below_minimum", {"measured": Decimal("0.99"), "limit": Decimal(1)}),
    )


def valued(limit: Number | None = 500) -> State:
    return small_contracts(state(guards=limits(trade_value_max=limit)))


def test_a_trade_of_exactly_the_limit_is_small_enough() -> None:
    held = valued()
    assert trade_value(held, proposal(held, size=50)) is None


def test_a_larger_trade_is_blocked() -> None:
    held = valued()
    assert trade_value(held, proposal(held, "sell", size="50.1")) == Block(
        "trade_value", Decimal(501), Decimal(500), ABOVE
    )


def test_reducing_trades_may_be_of_any_value() -> None:
    held = valued()
    assert trade_value(held, proposal(held, size=1000, reducing=True)) is None


def test_under_a_limit_of_nothing_the_whole_trade_is_measured() -> None:
    held = valued(0)
    assert trade_value(held, proposal(held, size=1000)) == Block("trade_value", Decimal(10000), ZERO, ABOVE)


def test_without_a_limit_a_trade_may_be_of_any_value() -> None:
    held = valued(None)
    assert trade_value(held, proposal(held, size=1000)) is None


def capped(cap: Number = 10) -> State:
    return state(market(), market(ETH, 50), guards=limits(position_caps={BTC: Decimal(cap)}))


def beyond_cap(coins: str, cap: str) -> Block:
    return Block("position_cap", Decimal(coins), Decimal(cap), ABOVE)


def test_a_position_of_exactly_its_cap_is_allowed() -> None:
    held = capped()
    long(held, 4)
    working_order(held, "buy", 3)
    assert position_cap(held, proposal(held, "buy", 3)) is None
    assert position_cap(held, proposal(held, "buy", "3.01")) == beyond_cap("10.01", "10")


def test_a_position_beyond_its_cap_is_blocked() -> None:
    held = capped()
    short(held, 4)
    working_order(held, "sell", 3)
    assert position_cap(held, proposal(held, "sell", "3.01")) == beyond_cap("10.01", "10")


def test_the_cap_counts_coins_and_not_contracts() -> None:
    held = small_contracts(capped("1"))
    assert position_cap(held, proposal(held, size=10)) is None
    held = small_contracts(capped("0.99"))
    assert position_cap(held, proposal(held, size=10)) == beyond_cap("1.0", "0.99")


def test_working_orders_of_the_other_side_do_not_make_room() -> None:
    held = capped()
    working_order(held, "sell", 100)
    assert position_cap(held, proposal(held, "buy", 11)) == beyond_cap("11", "10")


def test_turning_a_position_round_counts_what_is_left_on_the_other_side() -> None:
    held = capped()
    long(held, 8)
    assert position_cap(held, proposal(held, "sell", 18)) is None
    assert position_cap(held, proposal(held, "sell", "18.01")) == beyond_cap("10.01", "10")


def test_a_cap_is_for_its_own_symbol() -> None:
    held = capped()
    long(held, 1000, symbol=ETH)
    working_order(held, "buy", 1000, symbol=ETH)
    assert position_cap(held, proposal(held, "buy", 10)) is None
    assert position_cap(held, proposal(held, "buy", 1000, symbol=ETH)) is None


def test_an_exit_that_fills_first_does_not_let_the_next_order_through_the_cap() -> None:
    """Long 10, all of it being sold reduce-only. When that fills, a sale of 15 leads to short 15: more than the cap."""
    held = capped()
    long(held, 10)
    working_order(held, "sell", 10, reduce_only=True, purpose="exit", limit_price=None)
    assert position_cap(held, proposal(held, "sell", 15)) == beyond_cap("15", "10")


SPOT_LIKE = "BTC-QUARTER"


def netted(limit: Number = 10) -> State:
    """Two futures on BTC, the second with a tenth of a coin per contract, and one on ETH."""
    second = market(SPOT_LIKE, 102)
    second.instrument = instrument(SPOT_LIKE, contract_size="0.1")
    return state(market(), second, market(ETH, 50), guards=limits(underlying_limits={"BTC": Decimal(limit)}))


def beyond_limit(coins: str, limit: str) -> Block:
    return Block("position_limit", Decimal(coins), Decimal(limit), ABOVE)


def test_futures_on_one_coin_may_net_to_exactly_its_limit() -> None:
    held = netted()
    long(held, 4)
    long(held, 20, 102, SPOT_LIKE)
    working_order(held, "buy", 10, 102, symbol=SPOT_LIKE)
    working_order(held, "buy", 1)
    assert position_limit(held, proposal(held, "buy", 2)) is None
    assert position_limit(held, proposal(held, "buy", "2.01")) == beyond_limit("10.01", "10")


def test_futures_on_one_coin_may_not_net_to_more() -> None:
    held = netted()
    short(held, 5)
    working_order(held, "sell", 20, 102, symbol=SPOT_LIKE)
    assert position_limit(held, proposal(held, "sell", "3.01")) == beyond_limit("10.01", "10")


def test_a_short_in_one_future_makes_room_for_a_long_in_another() -> None:
    held = netted()
    short(held, 100, 102, SPOT_LIKE)
    assert position_limit(held, proposal(held, "buy", 20)) is None
    assert position_limit(held, proposal(held, "buy", "20.01")) == beyond_limit("10.01", "10")


def test_an_order_that_has_not_filled_makes_no_room() -> None:
    held = netted(2)
    assert position_limit(held, proposal(held, "buy", 20, SPOT_LIKE)) is None
    assert position_limit(held, proposal(held, "buy", "20.1", SPOT_LIKE)) == beyond_limit("2.01", "2")
    working_order(held, "sell", 100, 102, symbol=SPOT_LIKE)
    assert position_limit(held, proposal(held, "buy", 11)) == beyond_limit("11.0", "2")


def test_other_coins_and_futures_the_venue_has_not_described_do_not_count() -> None:
    held = netted()
    long(held, 1000, 50, ETH)
    held.markets[SPOT_LIKE].instrument = None
    long(held, 1000, 102, SPOT_LIKE)
    assert position_limit(held, proposal(held, "buy", 10)) is None
    assert position_limit(held, proposal(held, "buy", "10.01")) == beyond_limit("10.01", "10")
    assert position_limit(held, proposal(held, "buy", 1000, ETH)) is None
