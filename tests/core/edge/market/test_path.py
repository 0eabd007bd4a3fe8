"""What a market path shows, and in which order."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.durations import MINUTE_NS, SECOND_NS
from perptape.core.edge.market import (
    BookPoint,
    CandlePoint,
    FundingPoint,
    MarketFile,
    MarketFileError,
    MarketOverlapError,
    MarkPoint,
    PricePoint,
    TradePoint,
    market_path,
    open_market_file,
)
from perptape.core.edge.market.expansion import price_points
from perptape.core.edge.market.path import merged
from perptape.core.edge.market.points import POINT_ORDER, MarketPoint
from perptape.core.edge.market.rows import CandleRow
from tests.core.edge.market.samples import CANDLES, FUNDING, MARKS, QUOTES, T0_NS, T0_S, TRADES, decimals, written


def bar(open_: str, high: str, low: str, close: str, length_ns: int = MINUTE_NS) -> CandleRow:
    return CandleRow(T0_NS, T0_NS + length_ns, *decimals(open_, high, low, close, "1"))


def opened(folder: Path, **contents: str) -> list[MarketFile]:
    return [open_market_file(written(folder, f"{name}.csv", text)) for name, text in contents.items()]


def way(row: CandleRow) -> list[tuple[float, str]]:
    return [((point.at_ns - T0_NS) / SECOND_NS, str(point.price)) for point in price_points("X", row)]


def test_a_rising_minute_goes_low_first() -> None:
    assert way(bar("100", "112", "94", "106")) == [
        (0, "100"),
        (15, "94"),
        (30, "103"),
        (45, "112"),
        ((MINUTE_NS - 1) / SECOND_NS, "106"),
    ]


def test_a_falling_minute_goes_high_first() -> None:
    assert [price for _, price in way(bar("106", "112", "94", "100"))] == ["106", "112", "103", "94", "100"]


def test_a_minute_that_stays_goes_low_first() -> None:
    assert [price for _, price in way(bar("100", "112", "94", "100"))] == ["100", "94", "103", "112", "100"]


def test_prices_between_are_rounded_half_even_to_the_places_that_the_bar_uses() -> None:
    assert way(bar("100.0", "101.00", "94", "100.0"))[2] == (30, "98")
    assert way(bar("100.5", "101.00", "94", "100.0"))[2] == (30, "97.5")
    assert way(bar("1E+2", "101", "94", "1E+2"))[2] == (30, "98")


def test_an_hour_has_its_four_anchors_only() -> None:
    hour_ns = 60 * MINUTE_NS
    assert way(bar("100", "112", "94", "106", hour_ns)) == [
        (0, "100"),
        (1200, "94"),
        (2400, "112"),
        ((hour_ns - 1) / SECOND_NS, "106"),
    ]


def test_five_minutes_are_the_longest_bar_with_points_between() -> None:
    assert len(way(bar("100", "112", "94", "106", 5 * MINUTE_NS))) == 21
    assert len(way(bar("100", "112", "94", "106", 5 * MINUTE_NS + 1))) == 4


@st.composite
def bars(draw: st.DrawFn) -> CandleRow:
    places = draw(st.integers(0, 8))
    prices = sorted(draw(st.lists(st.integers(1, 10**9), min_size=4, max_size=4)))
    low, one, other, high = (Decimal(price).scaleb(-places) for price in prices)
    open_, close = draw(st.permutations([one, other]))
    length_ns = draw(st.sampled_from([10**6, 10**9, 7 * 10**9, 59 * 10**9, MINUTE_NS, 3 * MINUTE_NS, 5 * MINUTE_NS]))
    return CandleRow(T0_NS, T0_NS + length_ns, open_, high, low, close, Decimal(1))


@given(bars())
def test_the_way_through_a_short_bar_is_true_to_it(row: CandleRow) -> None:
    points = price_points("X", row)
    prices = [point.price for point in points]
    assert (prices[0], max(prices), min(prices), prices[-1]) == (row.open, row.high, row.low, row.close)
    assert (points[0].at_ns, points[-1].at_ns) == (row.start_ns, row.end_ns - 1)
    steps_ns = [later.at_ns - earlier.at_ns for earlier, later in pairwise(points)]
    assert min(steps_ns) > 0
    assert max(steps_ns) <= 15 * SECOND_NS


@given(bars())
def test_the_callers_arithmetic_changes_nothing(row: CandleRow) -> None:
    expected = price_points("X", row)
    with localcontext(Context(prec=3)):
        assert price_points("X", row) == expected


def test_a_candle_comes_after_its_prices_and_before_the_next_ones(tmp_path: Path) -> None:
    points = list(market_path({"BTC-PERP": opened(tmp_path, btc=CANDLES)}))
    end_ns = T0_NS + MINUTE_NS
    [at] = [index for index, point in enumerate(points) if isinstance(point, CandlePoint) and point.at_ns == end_ns]
    assert points[at - 1] == PricePoint(end_ns - 1, "BTC-PERP", Decimal("105.0"))
    assert points[at + 1] == PricePoint(end_ns, "BTC-PERP", Decimal("105.0"))
    assert len(points) == 3 * 6


def test_at_one_moment_what_ended_comes_before_what_begins(tmp_path: Path) -> None:
    at_s = T0_S + 60
    eth = opened(
        tmp_path,
        eth=CANDLES,
        marks=f"timestamp,mark_price\n{at_s},100\n",
        funding=f"timestamp,funding_rate\n{at_s},0.0001\n",
        trades=f"timestamp,price,size,side\n{at_s},100,1,buy\n",
    )
    btc = opened(tmp_path, btc=CANDLES, quotes=f"timestamp,bid,ask\n{at_s},99,101\n")
    points = market_path({"ETH-PERP": eth, "BTC-PERP": btc})
    found = [(type(point), point.symbol) for point in points if point.at_ns == at_s * SECOND_NS]
    assert found == [
        (CandlePoint, "ETH-PERP"),
        (CandlePoint, "BTC-PERP"),
        (MarkPoint, "ETH-PERP"),
        (FundingPoint, "ETH-PERP"),
        (TradePoint, "ETH-PERP"),
        (PricePoint, "ETH-PERP"),
        (BookPoint, "BTC-PERP"),
    ]


def test_symbols_come_in_the_order_they_are_given_in(tmp_path: Path) -> None:
    files = opened(tmp_path, a=MARKS)
    for order in (["A", "B"], ["B", "A"]):
        assert [point.symbol for point in market_path(dict.fromkeys(order, files))][:2] == order


def test_a_bar_with_quotes_in_it_gives_no_prices_of_its_own(tmp_path: Path) -> None:
    points = list(market_path({"X": opened(tmp_path, candles=CANDLES, quotes=QUOTES)}))
    priced = {(point.at_ns - T0_NS) // MINUTE_NS for point in points if isinstance(point, PricePoint)}
    assert priced == {1, 2}
    assert sum(isinstance(point, BookPoint) for point in points) == 3
    assert sum(isinstance(point, CandlePoint) for point in points) == 3


def test_a_quote_at_the_end_of_a_bar_belongs_to_the_next(tmp_path: Path) -> None:
    quotes = f"timestamp,bid,ask\n{T0_S + 60},99,101\n"
    points = market_path({"X": opened(tmp_path, candles=CANDLES, quotes=quotes)})
    assert {(point.at_ns - T0_NS) // MINUTE_NS for point in points if isinstance(point, PricePoint)} == {0, 2}


def test_trades_alone_are_the_price(tmp_path: Path) -> None:
    points = list(market_path({"X": opened(tmp_path, trades=TRADES)}))
    at_ns = T0_NS + SECOND_NS // 2
    assert points[:3] == [
        TradePoint(at_ns, "X", Decimal("100.5"), Decimal("0.5"), "buy", "a"),
        TradePoint(at_ns, "X", Decimal(100), Decimal("0.25"), "sell", "b"),
        PricePoint(at_ns, "X", Decimal(100)),
    ]


def test_trades_beside_candles_are_trades_only(tmp_path: Path) -> None:
    points = list(market_path({"X": opened(tmp_path, trades=TRADES, candles=CANDLES)}))
    assert sum(isinstance(point, TradePoint) for point in points) == 3
    assert sum(isinstance(point, PricePoint) for point in points) == 15


def later_candles(from_s: int) -> str:
    return f"timestamp,open,high,low,close,volume\n{from_s},1,1,1,1,1\n{from_s + 60},1,1,1,1,1\n"


def test_files_of_one_symbol_follow_one_another_in_time(tmp_path: Path) -> None:
    files = opened(tmp_path, second=later_candles(T0_S + 180), first=CANDLES)
    points = list(market_path({"X": files}))
    assert [point.at_ns for point in points] == sorted(point.at_ns for point in points)
    assert sum(isinstance(point, CandlePoint) for point in points) == 5


def test_files_of_one_symbol_must_not_overlap(tmp_path: Path) -> None:
    files = opened(tmp_path, second=later_candles(T0_S + 120), first=CANDLES)
    with pytest.raises(MarketOverlapError, match=r"X candles: .*first.csv reaches .*00:03:00Z but .*second.csv"):
        market_path({"X": files})
    assert list(market_path({"X": files[:1], "Y": files[1:]}))


def test_the_same_funding_must_not_be_given_twice(tmp_path: Path) -> None:
    head, first, second, third = FUNDING.splitlines()
    files = opened(tmp_path, one=f"{head}\n{first}\n{second}\n", two=f"{head}\n{second}\n{third}\n")
    with pytest.raises(MarketOverlapError, match="X funding"):
        list(market_path({"X": files}))


def test_an_overlap_that_only_reading_shows_is_refused_when_it_is_reached(tmp_path: Path) -> None:
    long, later = opened(tmp_path, a=CANDLES, b=later_candles(T0_S + 120))
    unknown_end = replace(long, last_ns=None)
    points = market_path({"X": [unknown_end, later]})
    with pytest.raises(MarketOverlapError):
        list(points)


def test_damage_is_met_when_the_path_comes_to_it(tmp_path: Path) -> None:
    lines = "".join(f"{T0_S + 60 * index},1,1,1,1,1\n" for index in range(3000)).replace(f"{T0_S + 174_000},1", "x,1")
    [file] = opened(tmp_path, long=f"timestamp,open,high,low,close,volume\n{lines}")
    points = market_path({"X": [file]})
    assert isinstance(next(points), PricePoint)
    with pytest.raises(MarketFileError, match="line 2902, time"):
        list(points)


def test_no_files_make_no_path() -> None:
    assert list(market_path({})) == []
    assert list(market_path({"X": []})) == []


def marks(symbol: str, times: list[int]) -> Iterator[MarketPoint]:
    return (MarkPoint(at_ns, symbol, Decimal(1)) for at_ns in sorted(times))


@given(st.lists(st.lists(st.integers(0, 20)), max_size=5))
def test_merging_loses_nothing_and_keeps_the_order(times_of: list[list[int]]) -> None:
    symbols = [str(number) for number in range(len(times_of))]
    points = list(merged([[marks(symbol, times)] for symbol, times in zip(symbols, times_of, strict=True)]))
    keys = [(point.at_ns, POINT_ORDER[type(point)], int(point.symbol)) for point in points]
    assert keys == sorted(keys)
    assert len(points) == sum(map(len, times_of))
