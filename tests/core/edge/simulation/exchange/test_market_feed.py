"""What the exchange says about the market."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from perptape.core.edge.market import CONDITIONS, CandlePoint, MarketPoint, TradePoint, synthetic_path
from perptape.core.edge.market.rows import CandleRow
from perptape.core.edge.simulation.exchange.listing import BTC_PERP
from perptape.core.errors import SimulationError
from perptape.core.events import (
    CandleClosed,
    FundingRateUpdated,
    InstrumentUpdated,
    MarkUpdated,
    OrderRejected,
    QuoteUpdated,
    TradePrinted,
)
from perptape.core.ports import Broker, VenueTraits
from tests.core.edge.simulation.exchange.desk import (
    BTC,
    ETH,
    START_NS,
    at,
    book,
    funding,
    mark,
    only,
    open_exchange,
    order,
    price,
    prices,
    take_all,
)


def test_instruments_come_first_at_the_time_of_the_first_point() -> None:
    exchange = open_exchange(prices(50_000))
    assert exchange.peek_ns() == START_NS
    messages = take_all(exchange)
    assert [type(message) for message in messages] == [InstrumentUpdated, InstrumentUpdated, QuoteUpdated]
    assert [message.instrument.symbol for message in only(messages, InstrumentUpdated)] == [BTC, ETH]


def test_messages_are_numbered_from_one_without_gaps() -> None:
    points = [*prices(50_000, 50_100), mark(2, 50_050), funding(3, "0.0001")]
    messages = take_all(open_exchange(points))
    assert [getattr(message, "seq", None) for message in messages] == [1, 2, 3, 4, 5, 6]


def test_a_bare_price_is_quoted_half_the_spread_to_each_side_outward_to_the_tick() -> None:
    [quote] = only(take_all(open_exchange(prices("50000.07"))), QuoteUpdated)
    # 1 bp of 50,000.07 is 5.000007: 49,995.069993 and 50,005.070007 before they go outward to 0.1.
    assert (quote.bid, quote.ask) == (Decimal("49995.0"), Decimal("50005.1"))
    assert quote.bid_size == quote.ask_size == Decimal("4.9999")
    assert quote.venue_at_ns == START_NS


def test_a_tick_that_is_no_power_of_ten_is_kept_too() -> None:
    coarse = replace(BTC_PERP, price_increment=Decimal("2.5"))
    [quote] = only(take_all(open_exchange(prices(50_001), {"instruments": (coarse,)})), QuoteUpdated)
    assert (quote.bid, quote.ask) == (Decimal("49995.0"), Decimal("50007.5"))


def test_a_price_below_a_tick_still_has_a_bid() -> None:
    [quote] = only(take_all(open_exchange(prices("0.04"))), QuoteUpdated)
    assert (quote.bid, quote.ask) == (Decimal("0.1"), Decimal("0.1"))


def test_a_published_book_is_quoted_as_it_is_and_missing_sizes_are_the_usual_depth() -> None:
    quotes = only(
        take_all(open_exchange([book(0, "49999", "1.5", "50001", "2.5"), book(1, "50000", None, "50002", None)])),
        QuoteUpdated,
    )
    assert (quotes[0].bid, quotes[0].bid_size) == (Decimal(49_999), Decimal("1.5"))
    assert (quotes[0].ask, quotes[0].ask_size) == (Decimal(50_001), Decimal("2.5"))
    assert quotes[1].bid_size == quotes[1].ask_size == Decimal("5.0001")


def test_marks_candles_trades_and_funding_rates_are_passed_on() -> None:
    row = CandleRow(at(0), at(60), *(Decimal(value) for value in ("1", "4", "0.5", "2", "10")))
    points: list[MarketPoint] = [
        CandlePoint(at(60), BTC, row),
        mark(60, "50000.5"),
        funding(60, "-0.0001"),
        TradePoint(at(60), BTC, Decimal(50_001), Decimal("0.1"), "sell", "t1"),
    ]
    _, _, candle, marked, rate, trade = take_all(open_exchange(points, {"funding_interval_s": 3600}))
    values = (Decimal(1), Decimal(4), Decimal("0.5"), Decimal(2), Decimal(10))
    assert candle == CandleClosed(3, BTC, at(0), at(60), *values)
    assert marked == MarkUpdated(4, BTC, Decimal("50000.5"), None, at(60))
    assert rate == FundingRateUpdated(5, BTC, Decimal("-0.0001"), 3600, at(60))
    assert trade == TradePrinted(6, BTC, Decimal(50_001), Decimal("0.1"), "sell", "t1", at(60))


@pytest.mark.parametrize(
    ("first", "tick", "step"), [("0.1234", "0.00001", "10"), ("25000", "1", "0.0001"), ("3.5", "0.0001", "1")]
)
def test_an_unknown_symbol_is_described_from_its_first_price_before_it_is_quoted(
    first: str, tick: str, step: str
) -> None:
    messages = take_all(open_exchange([price(0, first, "NEW-PERP")], {"instruments": ()}))
    assert [type(message) for message in messages] == [InstrumentUpdated, QuoteUpdated]
    [described] = only(messages, InstrumentUpdated)
    assert described.instrument.symbol == "NEW-PERP"
    assert described.instrument.underlying == "NEW"
    assert described.instrument.price_increment == Decimal(tick)
    assert described.instrument.size_increment == Decimal(step)
    assert "E" not in str(described.instrument.size_increment)


def test_a_path_that_goes_back_in_time_is_refused() -> None:
    exchange = open_exchange([price(1, 50_000), price(0, 50_000)])
    with pytest.raises(SimulationError, match="sort the path by time"):
        take_all(exchange)


def test_an_empty_path_has_no_messages() -> None:
    exchange = open_exchange([])
    assert exchange.peek_ns() is None
    with pytest.raises(SimulationError, match="the feed has ended"):
        exchange.take()


def test_virtual_time_is_that_of_the_last_message_or_what_the_driver_sets() -> None:
    exchange = open_exchange([price(0, 50_000), price(10, 50_000)])
    assert exchange.now_ns == START_NS
    for _ in range(3):
        exchange.take()
    exchange.advance_to(at(9))
    assert exchange.now_ns == at(9)
    exchange.advance_to(at(3))
    assert exchange.now_ns == at(9)
    with pytest.raises(SimulationError, match="take the message"):
        exchange.advance_to(at(11))
    exchange.take()
    assert exchange.now_ns == at(10)


async def test_the_exchange_is_a_broker_that_says_what_it_promises() -> None:
    broker: Broker = open_exchange(prices(50_000), {"name": "venue", "settle_ms": 40})
    assert broker.traits == VenueTraits("venue", settle_ns=40_000_000, idempotent_client_ids=True)
    [answer] = await broker.call(order("a"))
    assert isinstance(answer, OrderRejected)
    assert answer.code == "INVALID_NO_LIQUIDITY"


def test_a_synthetic_market_of_several_symbols_runs_to_its_end() -> None:
    starts = {BTC: Decimal(50_000), "NEW-PERP": Decimal("1.25")}
    path = synthetic_path(starts, CONDITIONS["volatile"], seed=7, start_ns=START_NS, steps=300)
    messages = take_all(open_exchange(path))
    assert [getattr(message, "seq", None) for message in messages] == list(range(1, len(messages) + 1))
    assert {quote.symbol for quote in only(messages, QuoteUpdated)} == set(starts)
