"""Market paths: keyframes become prices on straight lines, and everything else comes when it is said."""

from decimal import Decimal
from typing import Any

import pytest

from perptape.core.edge.market import BookPoint, CandlePoint, FundingPoint, MarkPoint, PricePoint, TradePoint
from perptape.replays.scenarios import BTC, ETH, books, candles, conditions, funding, market, marks, prices, trades
from perptape.replays.scenarios.language.market import Path

START_NS = 1_736_150_400_000_000_000


def seconds(path: Path) -> list[tuple[int, str]]:
    """When which price is said."""
    points = list(path(START_NS))
    return [
        ((point.at_ns - START_NS) // 10**9, f"{point.price:f}") for point in points if isinstance(point, PricePoint)
    ]


def test_prices_lie_on_straight_lines_between_the_keyframes() -> None:
    path = prices(BTC, {0: 100, 10: 110, 20: 90}, every_s=5)
    assert seconds(path) == [(0, "100.00"), (5, "105.00"), (10, "110.00"), (15, "100.00"), (20, "90.00")]


def test_a_price_is_rounded_to_the_cent() -> None:
    assert seconds(prices(BTC, {0: 1, 3: 2}, every_s=1)) == [(0, "1.00"), (1, "1.33"), (2, "1.67"), (3, "2.00")]


@pytest.mark.parametrize("price", [0, -1, "x", "NaN", "Infinity", [], {}])
def test_what_is_no_price_is_refused_with_its_second(price: Any) -> None:
    with pytest.raises(ValueError, match=r"keyframes of BTC-PERP: second 3 has .*, not a price"):
        prices(BTC, {0: 1, 3: price})


def test_a_path_without_keyframes_is_refused() -> None:
    with pytest.raises(ValueError, match="keyframes of BTC-PERP: at least one is needed"):
        prices(BTC, {})


def test_a_keyframe_off_the_beat_is_said_all_the_same() -> None:
    assert [second for second, _price in seconds(prices(BTC, {0: 100, 7: 100, 12: 100}))] == [0, 5, 7, 12]


def test_nothing_is_said_from_a_keyframe_of_none_to_the_next() -> None:
    path = prices(BTC, {0: 100, 10: None, 30: 120, 35: 120})
    assert seconds(path) == [(0, "100.00"), (5, "100.00"), (30, "120.00"), (35, "120.00")]


def test_a_path_may_end_in_silence() -> None:
    assert seconds(prices(BTC, {0: 100, 5: None})) == [(0, "100.00")]


def test_keyframes_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match=f"keyframes of {BTC} must be in time order, but 5 follows 10"):
        prices(BTC, {0: 1, 10: 1, 5: 1})


def test_paths_are_one_in_order_of_time() -> None:
    path = market(prices(BTC, {0: 100, 10: 100}, every_s=10), prices(ETH, {5: 10, 15: 10}, every_s=10))
    assert [point.symbol for point in path(START_NS)] == [BTC, ETH, BTC, ETH]


def test_a_path_can_be_walked_again() -> None:
    path = market(prices(BTC, {0: 100, 10: 110}), funding(BTC, {5: "0.0001"}))
    assert list(path(START_NS)) == list(path(START_NS))


def test_what_else_the_market_says_comes_when_it_is_said() -> None:
    path = market(
        books(BTC, {1: (99, 2, 101, 3)}),
        marks(BTC, {2: "100.5"}),
        funding(BTC, {3: "0.0001"}),
        trades(BTC, {4: (100, "0.5")}),
    )
    book, mark, rate, trade = path(START_NS)
    assert book == BookPoint(START_NS + 10**9, BTC, Decimal(99), Decimal(2), Decimal(101), Decimal(3))
    assert mark == MarkPoint(START_NS + 2 * 10**9, BTC, Decimal("100.5"))
    assert rate == FundingPoint(START_NS + 3 * 10**9, BTC, Decimal("0.0001"))
    assert isinstance(trade, TradePoint)
    assert (trade.price, trade.size) == (Decimal(100), Decimal("0.5"))


def test_candles_begin_where_the_one_before_closed() -> None:
    first, second = candles(BTC, {60: 100, 120: 90})(START_NS)
    assert isinstance(first, CandlePoint)
    assert isinstance(second, CandlePoint)
    assert first.row.open == first.row.close == 100
    assert second.row.open == second.row.high == 100
    assert second.row.low == second.row.close == 90
    assert (second.row.start_ns, second.row.end_ns) == (START_NS + 60 * 10**9, START_NS + 120 * 10**9)


def test_conditions_are_random_and_the_same_each_time() -> None:
    path = conditions("stress", {BTC: 50_000}, seconds=60)
    points = list(path(START_NS))
    assert points == list(path(START_NS))
    assert points[0].at_ns == START_NS
    assert points != list(conditions("stress", {BTC: 50_000}, seconds=60, seed=8)(START_NS))


def test_unknown_conditions_are_refused_when_the_script_is_read() -> None:
    with pytest.raises(KeyError, match="calm"):
        conditions("calm", {BTC: 50_000}, seconds=60)
