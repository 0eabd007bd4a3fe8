"""What becomes of orders."""

from decimal import Decimal

import pytest

from perptape.core.edge.market import TradePoint
from perptape.core.events import (
    CancelAccepted,
    CancelRejected,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    OrderRequested,
)
from tests.core.edge.simulation.exchange.desk import (
    BTC,
    START_NS,
    account,
    at,
    book,
    cancel,
    limit,
    look_up,
    only,
    open_exchange,
    order,
    price,
    prices,
    submit,
    take_all,
    take_due,
    take_until,
)

D = Decimal


async def test_a_market_order_is_accepted_and_its_fill_is_the_next_message_at_the_same_time() -> None:
    exchange = open_exchange(prices(50_000, 50_000))
    take_due(exchange)
    answer = await submit(exchange, order(size="0.02"))
    assert answer == OrderAccepted(0, "a", "sim-order-1", BTC, "buy", "market", D("0.02"), None, START_NS)
    assert exchange.peek_ns() == START_NS
    fill = exchange.take()
    assert fill == OrderFilled(
        4, "sim-fill-1", "a", "sim-order-1", BTC, "buy", D("50005.0"), D("0.02"), D("0.50005000"), "taker", START_NS
    )


async def test_a_market_order_larger_than_the_touch_walks_the_book() -> None:
    settings = {"depth": D(50_000), "levels": 3, "slippage_bps_per_depth": D(10), "cash": D(1_000_000)}
    exchange = open_exchange(prices(50_000), settings)
    take_due(exchange)
    await submit(exchange, order(size="2.5"))
    fills = only(take_due(exchange), OrderFilled)
    assert [(fill.price, fill.size) for fill in fills] == [
        (D("50005.0"), D("1.0000")),
        (D("50055.1"), D("1.0000")),  # 10 bps further, up to the tick
        (D("50105.1"), D("0.5000")),
    ]


async def test_what_the_book_does_not_hold_of_a_market_order_is_canceled() -> None:
    exchange = open_exchange(prices(50_000), {"depth": D(50_000), "levels": 1, "cash": D(1_000_000)})
    take_due(exchange)
    await submit(exchange, order(size="1.5"))
    fill, canceled = take_due(exchange)
    assert isinstance(fill, OrderFilled)
    assert canceled == OrderCanceled(5, "a", "sim-order-1", D("1.0000"), "no liquidity is left")
    await submit(exchange, order("b", size="0.1"))
    assert only(take_due(exchange), OrderFilled) == []


async def test_a_limit_order_rests_and_fills_at_its_price_as_the_maker_when_the_touch_reaches_it() -> None:
    exchange = open_exchange(prices(50_000, 49_996, 49_994, 49_000))
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 49_999))
    assert take_until(exchange, 1)[1:] == []
    fill = only(take_until(exchange, 2), OrderFilled)
    assert [(f.price, f.size, f.liquidity, f.fee) for f in fill] == [(D(49_999), D("0.02"), "maker", D("0.19999600"))]
    assert only(take_all(exchange), OrderFilled) == []


async def test_a_limit_order_that_crosses_takes_up_to_its_price_and_rests_with_what_is_left() -> None:
    points = [book(0, "49990", "1", "50000", "1"), book(1, "49990", "1", "50000", "1")]
    exchange = open_exchange(points, {"cash": D(1_000_000)})
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "1.5", 50_000))
    first, second = only(take_all(exchange), OrderFilled)
    assert (first.size, first.liquidity) == (D(1), "taker")
    assert (second.size, second.liquidity) == (D("0.5"), "maker")


async def test_a_resting_order_fills_in_parts_by_its_share_of_the_touch() -> None:
    points = [book(second, "49990", "1", ask, "1") for second, ask in enumerate(("50000", "49980", "49980", "49980"))]
    exchange = open_exchange(points, {"participation": D("0.4"), "cash": D(1_000_000)})
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "1", 49_985))
    fills = only(take_all(exchange), OrderFilled)
    assert [fill.size for fill in fills] == [D("0.4"), D("0.4"), D("0.2")]
    looked_up = await look_up(exchange, "a")
    assert (looked_up.status, looked_up.filled_size, len(looked_up.fills)) == ("filled", D(1), 3)


async def test_the_better_price_fills_first_and_then_the_older_order() -> None:
    points = [book(0, "49990", "1", "50000", "1"), book(1, "49900", "1", "49950", "0.3")]
    exchange = open_exchange(points)
    take_due(exchange)
    for name, at_price in (("low", 49_960), ("high", 49_980), ("late", 49_980)):
        await submit(exchange, limit(name, "buy", "0.2", at_price))
    fills = only(take_all(exchange), OrderFilled)
    assert [(fill.client_order_id, fill.size) for fill in fills] == [("high", D("0.2")), ("late", D("0.1"))]


async def test_a_post_only_order_that_would_cross_is_rejected_and_otherwise_rests() -> None:
    exchange = open_exchange(prices(50_000, 49_000))
    take_due(exchange)
    refused = await submit(exchange, limit("a", "buy", "0.02", "50005", post_only=True))
    assert isinstance(refused, OrderRejected)
    assert refused.code == "INVALID_LIMIT_PRICE_POST_ONLY"
    assert isinstance(await submit(exchange, limit("b", "buy", "0.02", "50004.9", post_only=True)), OrderAccepted)
    assert [fill.liquidity for fill in only(take_all(exchange), OrderFilled)] == ["maker"]


async def test_immediate_or_cancel_takes_what_is_there_and_cancels_the_rest() -> None:
    exchange = open_exchange([book(0, "49990", "1", "50000", "0.01")], {"slippage_bps_per_depth": D(5)})
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.03", 50_000, time_in_force="ioc"))
    fill, canceled = take_due(exchange)
    assert isinstance(fill, OrderFilled)
    assert isinstance(canceled, OrderCanceled)
    assert (fill.size, canceled.filled_size) == (D("0.01"), D("0.01"))
    assert canceled.reason.startswith("immediate or cancel")


async def test_fill_or_kill_takes_all_or_nothing() -> None:
    exchange = open_exchange([book(0, "49990", "1", "50000", "0.01")], {"levels": 1})
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 50_100, time_in_force="fok"))
    [killed] = take_due(exchange)
    assert isinstance(killed, OrderCanceled)
    assert killed.filled_size == 0
    await submit(exchange, limit("b", "buy", "0.01", 50_100, time_in_force="fok"))
    assert [fill.size for fill in only(take_due(exchange), OrderFilled)] == [D("0.01")]


async def test_a_good_till_date_order_expires_at_its_date() -> None:
    exchange = open_exchange(prices(50_000, 50_000, 40_000))
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 49_000, time_in_force="gtd", expires_at_ns=at(1.5)))
    exchange.take()
    assert exchange.peek_ns() == at(1.5)
    assert exchange.take() == OrderExpired(5, "a", "sim-order-1", D(0))
    assert exchange.now_ns == at(1.5)
    assert only(take_all(exchange), OrderFilled) == []
    assert (await look_up(exchange, "a")).status == "expired"


async def test_an_expiry_goes_before_the_market_of_the_same_moment_and_outlives_the_market() -> None:
    exchange = open_exchange(prices(50_000, 40_000))
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 49_000, time_in_force="gtd", expires_at_ns=at(1)))
    await submit(exchange, limit("b", "buy", "0.02", 30_000, time_in_force="gtd", expires_at_ns=at(9)))
    messages = take_all(exchange)
    assert isinstance(messages[0], OrderExpired)
    assert isinstance(messages[-1], OrderExpired)
    assert only(messages, OrderFilled) == []


async def test_an_order_that_ended_before_its_date_does_not_expire() -> None:
    exchange = open_exchange(prices(50_000, 48_000, 50_000))
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 49_000, time_in_force="gtd", expires_at_ns=at(1.5)))
    take_until(exchange, 1)
    assert exchange.peek_ns() == at(2)
    assert only(take_all(exchange), OrderExpired) == []


@pytest.mark.parametrize(
    ("side", "stop", "at_price", "path", "filled"),
    [
        ("sell", "49000", "48000", (50_000, 49_500, 48_990), D("48985.1")),
        ("buy", "51000", "52000", (50_000, 50_500, 51_000), D("51005.1")),
        ("sell", "49000", "48995", (50_000, 48_000, 48_996), None),
    ],
)
async def test_a_stop_limit_waits_for_its_stop_and_is_a_limit_order_from_then_on(
    side: str, stop: str, at_price: str, path: tuple[int, ...], filled: Decimal | None
) -> None:
    exchange = open_exchange(prices(*path))
    take_due(exchange)
    terms = {"order_type": "stop_limit", "stop_price": stop}
    assert isinstance(await submit(exchange, limit("a", side, "0.02", at_price, **terms)), OrderAccepted)
    fills = only(take_all(exchange), OrderFilled)
    assert [fill.price for fill in fills] == ([filled] if filled else [])
    assert (await look_up(exchange, "a")).status == ("filled" if filled else "open")


async def test_a_trade_at_the_stop_triggers_it() -> None:
    points = [*prices(50_000), TradePoint(at(1), BTC, D(48_000), D(1), None, "t"), price(2, 50_000)]
    exchange = open_exchange(points)
    take_due(exchange)
    await submit(exchange, limit("a", "sell", "0.02", 47_000, order_type="stop_limit", stop_price="49000"))
    assert [fill.price for fill in only(take_all(exchange), OrderFilled)] == [D("49995.0")]


async def test_a_canceled_order_ends_by_the_feed() -> None:
    exchange = open_exchange(prices(50_000, 40_000))
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 49_000))
    assert await cancel(exchange, "a") == CancelAccepted("a")
    assert take_due(exchange) == [OrderCanceled(4, "a", "sim-order-1", D(0), "canceled on request")]
    assert only(take_all(exchange), OrderFilled) == []


async def test_what_cannot_be_canceled_is_refused_with_the_reason() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    await submit(exchange, order("filled"))
    await submit(exchange, limit("gone", "buy", "0.02", 49_000))
    await cancel(exchange, "gone")
    codes = []
    for name in ("filled", "gone", "never"):
        answer = await cancel(exchange, name)
        assert isinstance(answer, CancelRejected)
        codes.append(answer.code)
    assert codes == ["ORDER_IS_FULLY_FILLED", "INVALID_CANCEL_REQUEST", "UNKNOWN_CANCEL_ORDER"]


async def test_a_repeated_client_order_id_is_the_same_order() -> None:
    exchange = open_exchange(prices(50_000, 50_100))
    take_due(exchange)
    first = await submit(exchange, order("a", size="0.02"))
    take_until(exchange, 1)
    assert await submit(exchange, order("a", size="0.04")) == first
    assert take_due(exchange) == []
    assert [position.size for position in (await account(exchange)).positions] == [D("0.02")]


async def test_a_venue_without_idempotent_ids_refuses_a_repeated_one() -> None:
    exchange = open_exchange(prices(50_000), {"idempotent_client_ids": False})
    take_due(exchange)
    await submit(exchange, order("a"))
    assert isinstance(await submit(exchange, order("a")), OrderRejected)
    assert exchange.traits.idempotent_client_ids is False
    assert [position.size for position in (await account(exchange)).positions] == [D("0.02")]


async def test_a_rejected_order_does_not_use_up_its_client_order_id() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    assert isinstance(await submit(exchange, order("a", size="1000")), OrderRejected)
    assert (await look_up(exchange, "a")).found is False
    assert isinstance(await submit(exchange, order("a", size="0.02")), OrderAccepted)


async def test_a_reduce_only_order_never_turns_the_position() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.02"))
    await submit(exchange, order("b", "sell", "0.05", reduce_only=True))
    _, fill, canceled = take_due(exchange)
    assert isinstance(fill, OrderFilled)
    assert fill.size == D("0.02")
    assert canceled == OrderCanceled(6, "b", "sim-order-2", D("0.02"), "reduce only: no position is left to reduce")
    assert (await account(exchange)).positions == ()


async def test_resting_reduce_only_orders_are_canceled_when_nothing_is_left_to_reduce() -> None:
    exchange = open_exchange(prices(50_000, 50_000, 60_000))
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.02"))
    await submit(exchange, limit("b", "sell", "0.02", 55_000, reduce_only=True))
    await submit(exchange, order("c", "sell", "0.02"))
    canceled = only(take_due(exchange), OrderCanceled)
    assert [report.client_order_id for report in canceled] == ["b"]
    assert (await account(exchange)).orders == ()
    take_all(exchange)
    assert (await account(exchange)).positions == ()


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (order(symbol="XYZ-PERP"), "INVALID_PRODUCT_ID"),
        (order(symbol="ETH-PERP"), "INVALID_NO_LIQUIDITY"),
        (order(size="0.00001"), "INVALID_SIZE"),
        (order(size="0.00015"), "INVALID_SIZE_PRECISION"),
        (order(size="1001"), "INVALID_SIZE"),
        (order(size="0.0001"), "INVALID_SIZE"),
        (order(limit_price="50000"), "UNSUPPORTED_ORDER_CONFIGURATION"),
        (order(stop_price="50000"), "UNSUPPORTED_ORDER_CONFIGURATION"),
        (order(time_in_force="gtd"), "UNSUPPORTED_ORDER_CONFIGURATION"),
        (order(order_type="limit", time_in_force="gtc"), "INVALID_LIMIT_PRICE"),
        (limit("a", "buy", "0.02", "0"), "INVALID_LIMIT_PRICE"),
        (limit("a", "buy", "0.02", "49000.05"), "INVALID_PRICE_PRECISION"),
        (limit("a", "buy", "0.02", "49000", time_in_force="ioc", post_only=True), "UNSUPPORTED_ORDER_CONFIGURATION"),
        (limit("a", "buy", "0.02", "49000", time_in_force="gtd", expires_at_ns=START_NS), "INVALID_REQUEST"),
        (limit("a", "sell", "0.02", "49000", order_type="stop_limit"), "UNSUPPORTED_ORDER_CONFIGURATION"),
        (
            limit("a", "sell", "0.02", "49000", order_type="stop_limit", stop_price="51000"),
            "STOP_ALREADY_TRIGGERED",
        ),
        (
            limit("a", "sell", "0.02", "4", order_type="stop_limit", stop_price="5", time_in_force="ioc"),
            "UNSUPPORTED_ORDER_CONFIGURATION",
        ),
        (order(reduce_only=True), "CANNOT_CLOSE_ZERO_POSITION"),
        (order(size="1.9"), "INSUFFICIENT_FUNDS"),
    ],
)
async def test_an_order_that_cannot_be_is_rejected_with_the_venues_word(request_: OrderRequested, code: str) -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    answer = await submit(exchange, request_)
    assert isinstance(answer, OrderRejected)
    assert answer.code == code
    assert answer.seq == 0
    assert exchange.peek_ns() is None


async def test_reduce_only_in_the_direction_of_the_position_is_rejected() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    await submit(exchange, order("a", "sell"))
    answer = await submit(exchange, order("b", "sell", reduce_only=True))
    assert isinstance(answer, OrderRejected)
    assert answer.code == "REDUCE_ONLY_INCREASED_POSITION_SIZE"


async def test_the_smallest_remainder_of_a_position_can_be_closed() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.0004"))
    await submit(exchange, order("b", "sell", "0.0003"))
    assert isinstance(await submit(exchange, order("c", "sell", "0.0001")), OrderRejected)
    assert isinstance(await submit(exchange, order("d", "sell", "0.0001", reduce_only=True)), OrderAccepted)
    assert (await account(exchange)).positions == ()
