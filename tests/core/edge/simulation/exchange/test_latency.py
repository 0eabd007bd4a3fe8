"""Requests and reports that take their time."""

from decimal import Decimal

from perptape.core.events import (
    CancelAccepted,
    CancelRejected,
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderRejected,
    QuoteUpdated,
)
from tests.core.edge.simulation.exchange.desk import (
    account,
    at,
    cancel,
    limit,
    look_up,
    only,
    open_exchange,
    order,
    prices,
    take_all,
    take_due,
    take_until,
)

D = Decimal
SLOW = {"request_latency_ms": 300, "report_latency_ms": 200}


async def test_an_order_is_answered_by_the_feed_after_both_ways() -> None:
    exchange = open_exchange(prices(50_000, 51_000), SLOW)
    assert exchange.peek_ns() == at(0.2)
    take_due(exchange)
    take_until(exchange, 0.2)
    assert await exchange.call(order("a")) == ()
    assert exchange.peek_ns() == at(0.7)
    accepted = exchange.take()
    assert isinstance(accepted, OrderAccepted)
    assert (accepted.seq, accepted.venue_at_ns, exchange.now_ns) == (4, at(0.5), at(0.7))
    fill = exchange.take()
    assert isinstance(fill, OrderFilled)
    assert (fill.seq, fill.price, exchange.now_ns) == (5, D("50005.0"), at(0.7))


async def test_an_order_meets_the_market_that_is_there_when_it_arrives() -> None:
    exchange = open_exchange(prices(50_000, 51_000), SLOW)
    take_until(exchange, 0.2)
    exchange.advance_to(at(0.9))
    await exchange.call(order("a"))
    messages = take_all(exchange)
    assert [type(message) for message in messages] == [QuoteUpdated, OrderAccepted, OrderFilled]
    assert [fill.price for fill in only(messages, OrderFilled)] == [D("51005.1")]


async def test_a_rejection_comes_by_the_feed_too() -> None:
    exchange = open_exchange(prices(50_000), SLOW)
    take_until(exchange, 0.2)
    await exchange.call(order("a", size="1000"))
    [rejected] = take_all(exchange)
    assert isinstance(rejected, OrderRejected)
    assert rejected.seq == 4


async def test_a_cancel_can_come_too_late_and_then_says_nothing_more() -> None:
    exchange = open_exchange(prices(50_000, 50_000, 40_000), SLOW)
    take_until(exchange, 0.2)
    await exchange.call(limit("a", "buy", "0.02", 49_000))
    take_until(exchange, 1.9)
    exchange.advance_to(at(1.9))
    assert await cancel(exchange, "a") == CancelAccepted("a")
    messages = take_all(exchange)
    assert len(only(messages, OrderFilled)) == 1
    assert only(messages, OrderCanceled) == []


async def test_an_order_on_its_way_can_be_canceled_and_an_unknown_one_cannot() -> None:
    exchange = open_exchange(prices(50_000, 50_000), SLOW)
    take_until(exchange, 0.2)
    await exchange.call(limit("a", "buy", "0.02", 49_000))
    assert await cancel(exchange, "a") == CancelAccepted("a")
    assert isinstance(await cancel(exchange, "b"), CancelRejected)
    assert [type(message) for message in take_all(exchange)] == [OrderAccepted, OrderCanceled, QuoteUpdated]


async def test_an_order_sent_twice_on_the_way_is_one_order_answered_twice() -> None:
    exchange = open_exchange(prices(50_000), SLOW)
    take_until(exchange, 0.2)
    await exchange.call(order("a"))
    await exchange.call(order("a"))
    messages = take_all(exchange)
    assert len(only(messages, OrderAccepted)) == 2
    assert len(only(messages, OrderFilled)) == 1


async def test_a_lookup_is_wrong_within_the_settle_time_and_right_after_it() -> None:
    exchange = open_exchange(prices(50_000, 50_000, 50_000), {"settle_ms": 1500})
    take_due(exchange)
    assert exchange.traits.settle_ns == 1_500_000_000
    await exchange.call(order("a"))
    take_until(exchange, 1)
    assert not (await look_up(exchange, "a")).found
    take_until(exchange, 2)
    assert (await look_up(exchange, "a")).found


async def test_latencies_count_in_the_settle_time() -> None:
    exchange = open_exchange(prices(50_000), {**SLOW, "settle_ms": 500})
    assert exchange.traits.settle_ns == 1_000_000_000
    assert (await account(exchange)).positions == ()
