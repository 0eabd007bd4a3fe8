"""What the exchange does to the account: money, margin, funding, liquidation, and what others do to it."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from perptape.core.edge.market import MarketPoint
from perptape.core.edge.simulation.exchange import ExchangeSettings, OpeningPosition
from perptape.core.edge.simulation.exchange.listing import BTC_PERP
from perptape.core.errors import SimulationError
from perptape.core.events import (
    FundingPaid,
    FundingRateUpdated,
    InstrumentUpdated,
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderRejected,
    PositionLiquidated,
    ReportedPayment,
    ReportedPosition,
    TradingStatusChanged,
    TransferRecorded,
)
from tests.core.edge.simulation.exchange.desk import (
    BTC,
    ETH,
    START_NS,
    account,
    at,
    book,
    cancel,
    funding,
    limit,
    mark,
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
LONG_BTC = OpeningPosition(BTC, D("0.02"), D(48_000))
LONG_ETH = OpeningPosition(ETH, D("0.5"), D(2_800))


async def test_the_funded_account() -> None:
    report = await account(open_exchange(prices(50_000)))
    assert (report.cash, report.available, report.hold) == (D(10_000), D(9_500), D(500))
    assert (report.positions, report.orders, report.fills, report.payments) == ((), (), (), ())


async def test_the_account_with_positions() -> None:
    report = await account(open_exchange(prices(50_000), {"positions": (LONG_BTC, LONG_ETH)}))
    assert report.cash == D(10_000)
    assert report.positions == (
        ReportedPosition(BTC, D("0.02"), D(48_000)),
        ReportedPosition(ETH, D("0.5"), D(2_800)),
    )


@pytest.mark.parametrize(
    "opening", [OpeningPosition("XYZ", D(1), D(1)), OpeningPosition(BTC, D(0), D(1)), OpeningPosition(BTC, D(1), D(0))]
)
def test_an_impossible_opening_position_is_refused(opening: OpeningPosition) -> None:
    with pytest.raises(SimulationError, match="opening position"):
        open_exchange([], {"positions": (opening,)})


async def test_a_round_trip_costs_the_spread_and_the_fees() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.02"))
    await submit(exchange, order("b", "sell", "0.02"))
    # 0.02 * (49,995 - 50,005) = -0.2; fees 0.02 * 50,005 * 0.0005 = 0.50005 and 0.49995.
    assert (await account(exchange)).cash == D("9998.8")


async def test_a_flip_realises_the_closed_part_and_opens_the_rest_at_the_new_price() -> None:
    exchange = open_exchange(prices(50_000, 51_000), {"spread_bps": D(0)})
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.02"))
    take_until(exchange, 1)
    await submit(exchange, order("b", "sell", "0.05"))
    report = await account(exchange)
    assert report.positions == (ReportedPosition(BTC, D("-0.03"), D(51_000)),)
    assert report.cash == D(10_000) + D(20) - D("0.5") - D("1.275")


async def test_adding_averages_the_entry_price() -> None:
    exchange = open_exchange(prices(50_000, 53_000), {"spread_bps": D(0)})
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.02"))
    take_until(exchange, 1)
    await submit(exchange, order("b", "buy", "0.01"))
    assert (await account(exchange)).positions == (ReportedPosition(BTC, D("0.03"), D(51_000)),)


async def test_working_orders_hold_margin_until_they_end() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.1", 40_000))
    report = await account(exchange)
    # A tenth of 4,000 and the taker fee of 2.
    assert (report.hold, report.available) == (D(902), D(9_098))
    [listed] = report.orders
    assert (listed.client_order_id, listed.size, listed.filled_size) == ("a", D("0.1"), D(0))
    await cancel(exchange, "a")
    assert (await account(exchange)).hold == D(500)


async def test_margin_counts_positions_and_working_orders_together() -> None:
    exchange = open_exchange(prices(50_000), {"max_leverage": D(5)})
    take_due(exchange)
    assert isinstance(await submit(exchange, order("a", "buy", "0.4")), OrderAccepted)  # 4,000 of 9,500
    assert isinstance(await submit(exchange, limit("b", "buy", "0.5", 50_000)), OrderAccepted)  # 5,000 more
    refused = await submit(exchange, order("c", "buy", "0.1"))
    assert isinstance(refused, OrderRejected)
    assert refused.code == "INSUFFICIENT_FUNDS"
    assert isinstance(await submit(exchange, order("d", "sell", "0.4")), OrderAccepted)


async def test_fills_and_payments_are_listed_from_the_time_asked_for() -> None:
    exchange = open_exchange([price(0, 50_000), funding(1, "0.0001"), price(2, 50_000), funding(3, "0.0001")])
    take_due(exchange)
    await submit(exchange, order("a"))
    take_until(exchange, 2)
    await submit(exchange, order("b"))
    take_all(exchange)
    late = await account(exchange, since_ns=at(2))
    assert [fill.client_order_id for fill in late.fills] == ["b"]
    assert [payment.payment_id for payment in late.payments] == ["sim-payment-2"]
    assert len((await account(exchange)).fills) == len((await account(exchange)).payments) == 2


@pytest.mark.parametrize(("side", "amount"), [("buy", D("-1.00000000")), ("sell", D("1.00000000"))])
async def test_longs_pay_a_positive_rate_and_shorts_receive_it(side: str, amount: Decimal) -> None:
    exchange = open_exchange([price(0, 50_000), mark(1, 50_000), funding(2, "0.001")])
    take_due(exchange)
    await submit(exchange, order("a", side, "0.02"))
    before = (await account(exchange)).cash
    *_, rate, paid = take_all(exchange)
    assert isinstance(rate, FundingRateUpdated)
    size = D("0.02") if side == "buy" else D("-0.02")
    assert paid == FundingPaid(rate.seq + 1, "sim-payment-1", BTC, amount, D("0.001"), size, rate.venue_at_ns)
    report = await account(exchange)
    assert report.cash == before + amount
    assert report.payments == (ReportedPayment("funding", "sim-payment-1", BTC, amount, at(2)),)


def test_without_a_position_only_the_rate_is_published() -> None:
    messages = take_all(open_exchange([price(0, 50_000), funding(1, "0.001"), funding(2, "0.001", "XYZ")]))
    assert len(only(messages, FundingRateUpdated)) == 2
    assert only(messages, FundingPaid) == []


async def test_a_position_below_its_maintenance_margin_is_closed_by_the_exchange() -> None:
    exchange = open_exchange(prices(50_000, 45_000, 41_300, 41_000), {"cash": D(2_000), "hold": D(0)})
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.2"))
    await submit(exchange, limit("b", "sell", "0.1", 60_000, reduce_only=True))
    # Cash 1,995, cost 10,001. At 45,000: equity 994, maintenance 270. At 41,300: equity 254, maintenance 247.8.
    assert only(take_until(exchange, 2), PositionLiquidated) == []
    messages = take_all(exchange)  # At 41,000: equity 194, maintenance 246.
    canceled, liquidated, fill = messages[1:]
    assert isinstance(canceled, OrderCanceled)
    assert canceled.reason == "liquidation"
    assert isinstance(liquidated, PositionLiquidated)
    assert (liquidated.side, liquidated.size, liquidated.price) == ("sell", D("0.2"), D("40995.9"))
    assert isinstance(fill, OrderFilled)
    assert (fill.client_order_id, fill.venue_order_id, fill.fee) == ("", "sim-order-3", liquidated.fee)
    assert (await account(exchange)).positions == ()


@pytest.mark.parametrize(("value", "liquidated"), [("40000.1", False), ("40000", True)])
async def test_equity_equal_to_maintenance_margin_is_too_little(value: str, liquidated: bool) -> None:
    free = replace(BTC_PERP, taker_fee_rate=D(0), maintenance_margin_rate=D("0.05"))
    settings = {"instruments": (free,), "spread_bps": D(0), "cash": D(2_400), "hold": D(0)}
    exchange = open_exchange(prices(50_000, value), settings)
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.2"))
    # At 40,000: equity 2,400 - 2,000, maintenance 0.2 * 40,000 * 0.05.
    assert bool(only(take_all(exchange), PositionLiquidated)) == liquidated


async def test_the_mark_liquidates_and_not_the_quote_once_marks_are_published() -> None:
    points: list[MarketPoint] = [price(0, 50_000), mark(1, 50_000), price(2, 20_000), mark(3, 41_000)]
    exchange = open_exchange(points, {"cash": D(2_000), "hold": D(0)})
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.2"))
    assert only(take_until(exchange, 2), PositionLiquidated) == []
    assert [report.price for report in only(take_all(exchange), PositionLiquidated)] == [D("19998.0")]


async def test_the_largest_position_goes_first_and_liquidation_stops_when_margin_suffices() -> None:
    settings = {"cash": D(2_000), "hold": D(0)}
    exchange = open_exchange(
        [price(0, 50_000), price(0, 3_000, ETH), price(1, 41_000)],
        settings,
    )
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.2"))
    await submit(exchange, order("b", "sell", "0.1", symbol=ETH))
    liquidated = only(take_all(exchange), PositionLiquidated)
    assert [report.symbol for report in liquidated] == [BTC]
    assert [position.symbol for position in (await account(exchange)).positions] == [ETH]


async def test_a_halted_market_liquidates_when_it_opens_again() -> None:
    exchange = open_exchange(prices(50_000, 41_000), {"cash": D(2_000), "hold": D(0)})
    take_due(exchange)
    await submit(exchange, order("a", "buy", "0.2"))
    exchange.change_status(BTC, "halted", "maintenance")
    assert only(take_all(exchange), PositionLiquidated) == []
    exchange.change_status(BTC, "open", "")
    assert len(only(take_all(exchange), PositionLiquidated)) == 1


async def test_a_transfer_moves_cash_and_is_reported() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    exchange.transfer(D("-250.5"))
    assert take_due(exchange) == [TransferRecorded(4, "sim-transfer-1", D("-250.5"), exchange.now_ns)]
    report = await account(exchange)
    assert report.cash == D("9749.5")
    assert report.payments == (ReportedPayment("transfer", "sim-transfer-1", "", D("-250.5"), START_NS),)


async def test_a_persons_trade_has_no_client_order_id() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    exchange.trade_externally(order("", "buy", "0.02"))
    exchange.trade_externally(limit("", "buy", "0.02", 40_000))
    [fill] = take_due(exchange)
    assert isinstance(fill, OrderFilled)
    assert (fill.client_order_id, fill.venue_order_id) == ("", "sim-order-1")
    [resting] = (await account(exchange)).orders
    assert (resting.client_order_id, resting.venue_order_id) == ("", "sim-order-2")
    await cancel(exchange, "external:sim-order-2")
    assert (await account(exchange)).orders == ()


async def test_the_venue_cancels_of_its_own_accord() -> None:
    exchange = open_exchange([book(0, "49990", "1", "50000", "0.006")], {"levels": 1})
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 50_000))
    exchange.cancel_by_venue("a", "margin")
    fill, canceled = take_due(exchange)
    assert isinstance(fill, OrderFilled)
    assert canceled == OrderCanceled(5, "a", "sim-order-1", D("0.006"), "margin")


@pytest.mark.parametrize(
    ("status", "post_only", "code"),
    [
        ("halted", False, "PRODUCT_TRADING_HALTED"),
        ("closed", True, "PRODUCT_TRADING_HALTED"),
        ("cancel_only", True, "ORDER_ENTRY_DISABLED"),
        ("post_only", False, "ORDER_ENTRY_DISABLED"),
        ("post_only", True, ""),
        ("open", False, ""),
    ],
)
async def test_the_trading_status_decides_which_orders_are_taken(status: str, post_only: bool, code: str) -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    exchange.change_status(BTC, status, "test")  # type: ignore[arg-type]
    assert take_due(exchange) == [TradingStatusChanged(4, BTC, status, "test")]  # type: ignore[arg-type]
    answer = await submit(exchange, limit("a", "buy", "0.02", 49_000, post_only=post_only))
    assert (answer.code if isinstance(answer, OrderRejected) else "") == code


async def test_nothing_trades_in_a_halted_market() -> None:
    exchange = open_exchange(prices(50_000, 40_000, 40_000))
    take_due(exchange)
    await submit(exchange, limit("a", "buy", "0.02", 49_000))
    exchange.change_status(BTC, "halted", "test")
    assert only(take_until(exchange, 1), OrderFilled) == []
    exchange.change_status(BTC, "open", "test")
    assert len(only(take_all(exchange), OrderFilled)) == 1


def test_the_status_of_an_unlisted_symbol_cannot_change() -> None:
    with pytest.raises(SimulationError, match="XYZ is not listed"):
        open_exchange(prices(50_000)).change_status("XYZ", "halted", "test")


async def test_an_instrument_described_anew_is_in_force_at_once() -> None:
    exchange = open_exchange(prices(50_000))
    take_due(exchange)
    changed = replace(BTC_PERP, size_min=D("0.05"))
    exchange.relist(changed)
    assert take_due(exchange) == [InstrumentUpdated(4, changed)]
    assert isinstance(await submit(exchange, order("a", size="0.02")), OrderRejected)


def test_settings_have_the_funded_account_as_their_default() -> None:
    settings = ExchangeSettings()
    assert (settings.cash, settings.hold, settings.settle_ns) == (D(10_000), D(500), 0)
