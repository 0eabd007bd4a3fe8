"""Synthetic markets: the same from one seed everywhere, and as volatile as they say."""

import hashlib
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from itertools import pairwise
from statistics import fmean, pstdev
from typing import Any

import pytest

from perptape.core.durations import MINUTE_NS, SECOND_NS
from perptape.core.edge.market import (
    CONDITIONS,
    BookPoint,
    CandlePoint,
    ConditionsError,
    FundingPoint,
    MarketPoint,
    PricePoint,
    synthetic_path,
)
from perptape.core.edge.market.points import POINT_ORDER
from tests.core.edge.market.samples import T0_NS

SYMBOLS = {"BTC-PERP": Decimal(50_000), "ETH-PERP": Decimal(3_000)}


def path(
    conditions: str = "normal",
    *,
    seed: int = 7,
    steps: int = 2_000,
    step_ns: int | None = None,
    books: bool = True,
    candle_ns: int | None = None,
) -> list[MarketPoint]:
    walk = synthetic_path(
        SYMBOLS,
        CONDITIONS[conditions],
        seed=seed,
        start_ns=T0_NS,
        steps=steps,
        step_ns=step_ns,
        books=books,
        candle_ns=candle_ns,
    )
    return list(walk)


def mids(points: list[MarketPoint], symbol: str = "BTC-PERP") -> list[float]:
    books = [point for point in points if isinstance(point, BookPoint) and point.symbol == symbol]
    return [float(point.bid + point.ask) / 2 for point in books]


def returns(points: list[MarketPoint], symbol: str = "BTC-PERP") -> list[float]:
    return [later / earlier - 1 for earlier, later in pairwise(mids(points, symbol))]


def test_one_seed_gives_the_same_bytes_on_every_platform() -> None:
    everything = "\n".join(map(repr, path("volatile", steps=500, candle_ns=MINUTE_NS)))
    stressed = "\n".join(map(repr, path("stress", steps=500, books=False)))
    digests = [hashlib.sha256(text.encode()).hexdigest()[:16] for text in (everything, stressed)]
    assert digests == [
        "792046476aa67c0e",
        "f10b4be01787359b",
    ]


def test_the_callers_arithmetic_changes_nothing() -> None:
    expected = path(steps=100, candle_ns=MINUTE_NS)
    with localcontext(Context(prec=4)):
        assert path(steps=100, candle_ns=MINUTE_NS) == expected


def test_another_seed_gives_another_market() -> None:
    assert path(seed=8) != path(seed=7)


def test_a_symbol_more_changes_no_other() -> None:
    one = synthetic_path({"BTC-PERP": Decimal(50_000)}, CONDITIONS["normal"], seed=7, start_ns=T0_NS, steps=100)
    assert list(one) == [point for point in path(steps=100) if point.symbol == "BTC-PERP"]


@pytest.mark.parametrize(
    ("name", "per_hour", "spread_bps"), [("normal", 0.01, 2), ("volatile", 0.08, 20), ("illiquid", 0.03, 100)]
)
def test_a_market_is_as_volatile_and_as_wide_as_its_conditions_say(
    name: str, per_hour: float, spread_bps: float
) -> None:
    points = path(name, steps=20_000)
    assert pstdev(returns(points)) * 60 == pytest.approx(per_hour, rel=0.05)
    books = [point for point in points if isinstance(point, BookPoint)]
    assert fmean(float((book.ask - book.bid) / book.bid) * 1e4 for book in books) == pytest.approx(spread_bps, rel=0.05)


def test_the_deviation_of_a_step_grows_with_the_root_of_its_length() -> None:
    assert pstdev(returns(path(steps=20_000, step_ns=4 * SECOND_NS))) * 30 == pytest.approx(0.01, rel=0.05)


def test_stress_moves_bitcoin_by_five_and_ether_by_eight_percent_a_step_at_most() -> None:
    points = path("stress", steps=5_000)
    for symbol, most in (("BTC-PERP", 0.05), ("ETH-PERP", 0.08)):
        moves = list(map(abs, returns(points, symbol)))
        assert 0.95 * most < max(moves) < 1.01 * most
        start = float(SYMBOLS[symbol])
        assert start / 4.1 < min(mids(points, symbol)) < max(mids(points, symbol)) < start * 4.1


def test_points_are_in_order_and_every_book_is_sound() -> None:
    points = path("stress", steps=3_000, candle_ns=MINUTE_NS)
    keys = [(point.at_ns, POINT_ORDER[type(point)]) for point in points]
    assert keys == sorted(keys)
    for point in points:
        if isinstance(point, BookPoint):
            assert 0 < point.bid < point.ask
            assert point.bid_size is not None
            assert point.bid_size > 0


def test_a_spread_is_at_least_one_price_step() -> None:
    still = replace(CONDITIONS["normal"], volatility=Decimal(0), spread_bps=Decimal("0.0000001"))
    [book] = synthetic_path({"X": Decimal(3_000)}, still, seed=1, start_ns=T0_NS + 1, steps=1)
    assert isinstance(book, BookPoint)
    assert (book.bid, book.ask) == (Decimal("3000.00"), Decimal("3000.01"))


def test_a_book_shows_about_the_depth_of_its_conditions() -> None:
    books = [point for point in path("illiquid") if isinstance(point, BookPoint)]
    shown = [float(book.bid * (book.bid_size or 0)) for book in books]
    assert fmean(shown) == pytest.approx(10_000, rel=0.05)
    assert 4_500 < min(shown) < max(shown) < 15_500


def test_prices_are_shown_in_six_significant_digits() -> None:
    books = [point for point in path(steps=5) if isinstance(point, BookPoint)]
    assert {(book.symbol, book.bid.as_tuple().exponent) for book in books} == {("BTC-PERP", -1), ("ETH-PERP", -2)}


def test_funding_is_settled_every_eight_hours_of_utc() -> None:
    points = path(steps=3 * 24, step_ns=3600 * SECOND_NS)
    funding = [point for point in points if isinstance(point, FundingPoint) and point.symbol == "BTC-PERP"]
    assert [point.at_ns for point in funding] == [T0_NS + eight * 8 * 3600 * SECOND_NS for eight in range(9)]
    assert all(abs(point.rate) < Decimal("0.001") for point in funding)


def test_candles_hold_the_mid_prices_of_their_minute() -> None:
    points = path(steps=150, books=False, candle_ns=MINUTE_NS)
    candles = [point for point in points if isinstance(point, CandlePoint) and point.symbol == "BTC-PERP"]
    prices = [point.price for point in points if isinstance(point, PricePoint) and point.symbol == "BTC-PERP"]
    assert [candle.at_ns for candle in candles] == [T0_NS + MINUTE_NS, T0_NS + 2 * MINUTE_NS]
    first = candles[0].row
    assert (first.open, first.close) == (prices[0], prices[59])
    assert (first.high, first.low) == (max(prices[:60]), min(prices[:60]))
    assert first.volume > 0


def test_a_candle_that_begins_before_the_market_is_left_out() -> None:
    points = synthetic_path(
        SYMBOLS, CONDITIONS["normal"], seed=1, start_ns=T0_NS + 1, steps=130, candle_ns=MINUTE_NS, step_ns=SECOND_NS
    )
    assert {point.at_ns for point in points if isinstance(point, CandlePoint)} == {T0_NS + 2 * MINUTE_NS}


@pytest.mark.parametrize(
    "wrong",
    [
        {"volatility": Decimal(-1)},
        {"volatility": Decimal("NaN")},
        {"spread_bps": Decimal(0)},
        {"spread_bps": Decimal(10_000)},
        {"depth": Decimal(0)},
        {"step_ns": 0},
        {"max_step": {"BTC": Decimal("0.9")}},
    ],
    ids=str,
)
def test_conditions_that_no_market_has_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConditionsError, match=next(iter(wrong))):
        replace(CONDITIONS["normal"], **wrong)


@pytest.mark.parametrize(("steps", "step_ns", "candle_ns"), [(-1, 1, None), (1, 0, None), (1, 2, 1)])
def test_steps_that_cannot_be_are_refused(steps: int, step_ns: int, candle_ns: int | None) -> None:
    with pytest.raises(ConditionsError, match="cannot be"):
        path(steps=steps, step_ns=step_ns, candle_ns=candle_ns)


@pytest.mark.parametrize("price", [Decimal(0), Decimal(-1), Decimal("NaN")])
def test_a_start_price_that_is_none_is_refused(price: Decimal) -> None:
    with pytest.raises(ConditionsError, match="X cannot start at"):
        synthetic_path({"X": price}, CONDITIONS["normal"], seed=1, start_ns=T0_NS, steps=1)
