"""How orders are sent: not too many in a minute, and never against one's own."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.durations import MINUTE_NS
from perptape.core.events import Side
from perptape.core.events.reason import Reason
from perptape.core.guards.block import Block
from perptape.core.guards.conduct import order_rate, wash_trade
from perptape.core.state import State
from tests.core.builders import ABOVE, BTC, ETH, NOW_NS, limits, market, proposal, state, working_order


def having_sent(*times: int, most: int | None = 3) -> State:
    busy = state(guards=limits(orders_per_minute_max=most))
    busy.request_times = list(times)
    return busy


def too_often(sent: int, most: int) -> Block:
    return Block("order_rate", Decimal(sent), Decimal(most), ABOVE)


def test_the_order_that_reaches_the_rate_is_sent() -> None:
    busy = having_sent(NOW_NS - 2, NOW_NS - 1)
    assert order_rate(busy, proposal(busy)) is None


def test_the_order_beyond_the_rate_is_blocked() -> None:
    busy = having_sent(NOW_NS - 2, NOW_NS - 1, NOW_NS)
    assert order_rate(busy, proposal(busy)) == Block("order_rate", Decimal(4), Decimal(3), ABOVE)


def test_a_request_counts_for_less_than_a_minute() -> None:
    times = (NOW_NS - MINUTE_NS - 1, NOW_NS - MINUTE_NS, NOW_NS - MINUTE_NS + 1)
    assert order_rate(having_sent(*times, most=2), proposal(state())) is None
    assert order_rate(having_sent(*times, most=1), proposal(state())) == too_often(2, 1)


@given(st.lists(st.integers(NOW_NS - 2 * MINUTE_NS, NOW_NS), max_size=8), st.integers(1, 8))
def test_no_minute_holds_more_than_the_rate(times: list[int], most: int) -> None:
    busy = having_sent(*sorted(times), most=most)
    in_the_minute = [at_ns for at_ns in (*times, NOW_NS) if at_ns > NOW_NS - MINUTE_NS]
    sent = len(in_the_minute)
    assert order_rate(busy, proposal(busy)) == (None if sent <= most else too_often(sent, most))


def test_reducing_orders_are_sent_at_any_rate() -> None:
    busy = having_sent(NOW_NS, NOW_NS, NOW_NS, NOW_NS)
    assert order_rate(busy, proposal(busy, reducing=True)) is None


def test_without_a_limit_any_rate_is_allowed() -> None:
    busy = having_sent(*[NOW_NS] * 100, most=None)
    assert order_rate(busy, proposal(busy)) is None


def resting(side: Side, limit_price: str | None = "100", symbol: str = BTC) -> State:
    """A state in which the bot's own order rests."""
    held = state(market(), market(ETH), guards=limits(wash_trade=True))
    working_order(held, side, 1, limit_price, symbol=symbol)
    return held


@pytest.mark.parametrize(("side", "against", "price"), [("buy", "sell", "99.99"), ("sell", "buy", "100.01")])
def test_an_order_that_stops_one_tick_short_of_our_own_is_sent(side: Side, against: Side, price: str) -> None:
    held = resting(against)
    assert wash_trade(held, proposal(held, side, price=price)) is None


@pytest.mark.parametrize(
    ("side", "against", "price"),
    [("buy", "sell", "100"), ("buy", "sell", "100.01"), ("sell", "buy", "100"), ("sell", "buy", "99.99")],
)
def test_an_order_that_meets_our_own_is_blocked(side: Side, against: Side, price: str) -> None:
    held = resting(against)
    assert wash_trade(held, proposal(held, side, price=price)) == Block(
        "wash_trade",
        Decimal(price),
        Decimal(100),
        Reason("own_order", names={"order": "order-1"}),
    )


def test_any_of_our_own_orders_is_in_the_way_and_the_first_is_named() -> None:
    held = resting("sell", "101")
    working_order(held, "buy", 1, "100")
    working_order(held, "sell", 1, "100")
    working_order(held, "sell", 1, "99")
    assert wash_trade(held, proposal(held, "buy")) == Block(
        "wash_trade", Decimal(100), Decimal(100), Reason("own_order", names={"order": "order-3"})
    )


@pytest.mark.parametrize("strategy", ["trend", "carry", ""])
def test_it_does_not_matter_whose_order_it_is(strategy: str) -> None:
    held = resting("sell")
    held.orders["order-1"].strategy = strategy
    assert wash_trade(held, proposal(held, "buy")) is not None


def test_an_exit_does_not_meet_our_own_order_either() -> None:
    held = resting("sell")
    assert wash_trade(held, proposal(held, "buy", reducing=True, purpose="flatten")) is not None


def test_orders_of_the_same_side_do_not_meet() -> None:
    held = resting("buy")
    assert wash_trade(held, proposal(held, "buy", price=200)) is None


def test_orders_of_other_symbols_do_not_meet() -> None:
    held = resting("sell", symbol=ETH)
    assert wash_trade(held, proposal(held, "buy")) is None


def test_a_market_order_does_not_rest() -> None:
    held = resting("sell", limit_price=None)
    assert wash_trade(held, proposal(held, "buy")) is None


def test_it_can_be_switched_off() -> None:
    held = resting("sell")
    held.settings = state().settings
    assert wash_trade(held, proposal(held, "buy")) is None
