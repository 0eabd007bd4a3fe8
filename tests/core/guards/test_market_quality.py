"""The market that an entry would meet: fresh, narrow, deep and near. Exits take what is there."""

from decimal import Decimal
from typing import Any

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.events import Side
from perptape.core.events.reason import Reason
from perptape.core.guards.block import Block, Guard
from perptape.core.guards.market_quality import depth, slippage, spread, staleness
from perptape.core.state import State, Trip, trip_key
from tests.core.builders import ABOVE, BELOW, BTC, NOW_NS, Number, limits, market, proposal, small_contracts, state

GAP = Reason("feed_gap")
ALL: dict[str, Guard] = {"staleness": staleness, "spread": spread, "depth": depth, "slippage": slippage}


def quoted(bid: str, ask: str, **limit: Any) -> State:
    return state(market(bid=bid, ask=ask), guards=limits(**limit))


def heard(ago_ns: int) -> State:
    """A state whose last price came this long ago; at most 30 s are wanted."""
    waiting = state(guards=limits(staleness_s=30))
    waiting.markets[BTC].heard_at_ns = NOW_NS - ago_ns
    return waiting


def test_a_price_as_old_as_the_limit_is_fresh_enough() -> None:
    waiting = heard(30 * SECOND_NS)
    assert staleness(waiting, proposal(waiting)) is None


def test_a_nanosecond_more_is_stale() -> None:
    waiting = heard(30 * SECOND_NS + 1)
    age_s = Decimal("30.000000001")
    assert staleness(waiting, proposal(waiting)) == Block("staleness", age_s, Decimal(30), ABOVE)


def test_a_market_that_was_never_heard_is_stale() -> None:
    waiting = heard(NOW_NS)
    assert staleness(waiting, proposal(waiting)) == Block("staleness", Decimal(1_700_000_000), Decimal(30), ABOVE)


def test_a_price_from_before_a_gap_is_stale_at_any_age() -> None:
    waiting = heard(SECOND_NS)
    trip = Trip(guard="staleness", symbol=BTC, mode="normal", at_ns=NOW_NS, day_end_ns=0, reason=GAP)
    waiting.tripped = {trip_key("staleness", BTC): trip}
    assert staleness(waiting, proposal(waiting)) == Block("staleness", Decimal(1), Decimal(30), GAP)


def test_a_spread_of_exactly_the_limit_is_narrow_enough() -> None:
    at_limit = quoted("99.5", "100.5", spread_max="0.01")
    assert spread(at_limit, proposal(at_limit)) is None


def test_a_wider_spread_is_blocked() -> None:
    beyond = quoted("99.49", "100.51", spread_max="0.01")
    assert spread(beyond, proposal(beyond)) == Block("spread", Decimal("0.0102"), Decimal("0.01"), ABOVE)


@pytest.mark.parametrize(("bid", "ask"), [("0", "100"), ("100", "0"), ("0", "0")])
def test_half_a_quote_is_no_quote(bid: str, ask: str) -> None:
    one_sided = quoted(bid, ask, spread_max="0.01")
    assert spread(one_sided, proposal(one_sided)) == Block(
        "spread", Decimal(1), Decimal("0.01"), Reason("no_quote", names={"symbol": BTC})
    )


def test_without_a_limit_no_quote_is_wanted() -> None:
    one_sided = quoted("0", "100")
    assert spread(one_sided, proposal(one_sided)) is None


def touch(bid_size: str, ask_size: str, wanted: Number = 505) -> State:
    """A market of 99 to 101 with a tenth of a coin per contract, where so much at least is wanted at the touch."""
    deep = market(bid=99, ask=101, bid_size=bid_size, ask_size=ask_size)
    return small_contracts(state(deep, guards=limits(depth_min=wanted)))


def test_a_touch_of_exactly_the_limit_is_deep_enough() -> None:
    at_limit = touch("0", "50")
    assert depth(at_limit, proposal(at_limit, "buy")) is None


def test_a_thinner_touch_is_blocked() -> None:
    beyond = touch("1000", "49")
    assert depth(beyond, proposal(beyond, "buy")) == Block("depth", Decimal("494.9"), Decimal(505), BELOW)


def test_a_sell_meets_the_bid() -> None:
    thin_offer = touch("60", "1", wanted=594)
    assert depth(thin_offer, proposal(thin_offer, "sell")) is None
    thin_offer = touch("60", "1", wanted="594.01")
    assert depth(thin_offer, proposal(thin_offer, "sell")) == Block("depth", Decimal(594), Decimal("594.01"), BELOW)


def test_without_a_limit_no_depth_is_wanted() -> None:
    ordinary = state()
    assert depth(ordinary, proposal(ordinary)) is None


@pytest.mark.parametrize(("side", "price"), [("buy", "101"), ("sell", "99")])
def test_slippage_of_exactly_the_limit_is_near_enough(side: Side, price: str) -> None:
    at_limit = state(guards=limits(slippage_max="0.01"))
    order = proposal(at_limit, side, price=price, reference_price=100)
    assert slippage(at_limit, order) is None


@pytest.mark.parametrize(("side", "price"), [("buy", "101.01"), ("sell", "98.99")])
def test_more_slippage_is_blocked(side: Side, price: str) -> None:
    beyond = state(guards=limits(slippage_max="0.01"))
    order = proposal(beyond, side, price=price, reference_price=100)
    assert slippage(beyond, order) == Block("slippage", Decimal("0.0101"), Decimal("0.01"), ABOVE)


@pytest.mark.parametrize(("side", "price"), [("buy", "50"), ("sell", "200"), ("buy", "100")])
def test_a_better_price_is_no_slippage(side: Side, price: str) -> None:
    better = state(guards=limits(slippage_max=0))
    assert slippage(better, proposal(better, side, price=price)) is None
    better = state(guards=limits(slippage_max="-0.01"))
    assert slippage(better, proposal(better, side, price=price)) == Block(
        "slippage", Decimal(0), Decimal("-0.01"), ABOVE
    )


def test_slippage_is_measured_against_the_price_of_the_decision() -> None:
    moved = state(guards=limits(slippage_max="0.01"))
    assert slippage(moved, proposal(moved, "buy", price=110, reference_price=88)) == Block(
        "slippage", Decimal("0.25"), Decimal("0.01"), ABOVE
    )


def test_without_a_price_of_the_decision_there_is_nothing_to_slip_from() -> None:
    blind = state(guards=limits(slippage_max="0.01"))
    assert slippage(blind, proposal(blind, price=500, reference_price=0)) is None


def test_under_a_limit_of_nothing_the_whole_slippage_is_measured() -> None:
    strict = state(guards=limits(slippage_max=0))
    assert slippage(strict, proposal(strict, price=150)) == Block("slippage", Decimal("0.5"), Decimal(0), ABOVE)


def test_without_a_limit_any_slippage_is_allowed() -> None:
    free = state()
    assert slippage(free, proposal(free, price=150)) is None


@pytest.mark.parametrize("name", ALL)
def test_reducing_orders_take_what_is_there(name: str) -> None:
    wretched = state(
        market(bid=1, ask=900, bid_size=0, ask_size=0), guards=limits(spread_max=0, depth_min=10**9, slippage_max=0)
    )
    wretched.markets[BTC].heard_at_ns = 0
    block = ALL[name](wretched, proposal(wretched))
    assert block is not None
    assert block.guard == name
    assert ALL[name](wretched, proposal(wretched, reducing=True)) is None
