"""The formats that market files come in: what each is called, holds, and looks like without column names."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from perptape.core.edge.market.columns import Columns
from perptape.core.edge.market.rows import MarketKind
from perptape.core.edge.market.timestamps import is_time

Sample = Sequence[Sequence[str]]
_DAY_MS = 86_400_000
_LARGEST_RATE = Decimal("0.1")


class Format(NamedTuple):
    """One format. `columns` and `fits` are for files without column names; `by_name` reads those with them."""

    name: str
    kind: MarketKind
    about: str
    by_name: bool = True
    columns: Columns | None = None
    fits: Callable[[Sample], bool] | None = None
    stamps: str | None = None
    """Says "start" where the format itself tells that bars are stamped at their start."""
    of_day: bool = False
    """Times are milliseconds of the day that the file's name tells."""


def _most(sample: Sample, test: Callable[[Sequence[str]], bool]) -> bool:
    # One damaged row must be reported as damage, not turn the file into an unknown one.
    return 2 * sum(map(test, sample)) >= len(sample)


def _width(sample: Sample) -> int:
    return len(sample[0])


def _times(sample: Sample, column: int) -> bool:
    return _most(sample, lambda cells: is_time(cells[column]))


def _truths(sample: Sample, column: int) -> bool:
    return _most(sample, lambda cells: cells[column].strip().lower() in {"true", "false"})


def _day_times(sample: Sample) -> bool:
    return _most(sample, lambda cells: cells[0].isascii() and cells[0].isdigit() and int(cells[0]) < _DAY_MS)


def _ordered(sample: Sample, columns: Columns) -> bool:
    """Whether lows are lowest and highs highest under this reading of the columns."""

    def is_ordered(cells: Sequence[str]) -> bool:
        try:
            opened, high, low, close = (Decimal(cells[columns[name]]) for name in ("open", "high", "low", "close"))
            return low <= min(opened, close) and max(opened, close) <= high
        except InvalidOperation:
            return False

    return _most(sample, is_ordered)


def _rates(sample: Sample) -> bool:
    def is_rate(cells: Sequence[str]) -> bool:
        try:
            return abs(Decimal(cells[1])) < _LARGEST_RATE
        except InvalidOperation:
            return False

    return _most(sample, is_rate)


_BARS: Columns = {"time": 0, "open": 1, "high": 2, "low": 3, "close": 4, "volume": 5}
_KLINES: Columns = {**_BARS, "end": 6}
_LOW_FIRST: Columns = {"time": 0, "low": 1, "high": 2, "open": 3, "close": 4, "volume": 5}
_TRADES: Columns = {"trade_id": 0, "price": 1, "size": 2, "time": 4, "buyer_is_maker": 5}
_AGGREGATES: Columns = {"trade_id": 0, "price": 1, "size": 2, "time": 5, "buyer_is_maker": 6}
_BOOK_TICKER: Columns = {"bid": 1, "bid_size": 2, "ask": 3, "ask_size": 4, "time": 5}
LEAN_QUOTE_BARS: Mapping[str, int] = {
    "time": 0, "bid_open": 1, "bid_high": 2, "bid_low": 3, "bid_close": 4, "bid_size": 5,
    "ask_open": 6, "ask_high": 7, "ask_low": 8, "ask_close": 9, "ask_size": 10,
}  # fmt: skip

_ALL = (
    Format(
        "binance-trades", "trades", "id, price, qty, quote_qty, time, is_buyer_maker", columns=_TRADES,
        fits=lambda sample: _width(sample) in {6, 7} and _times(sample, 4) and _truths(sample, 5),
    ),
    Format(
        "binance-agg-trades", "trades", "agg_trade_id, price, quantity, first, last, transact_time, is_buyer_maker",
        columns=_AGGREGATES,
        fits=lambda sample: _width(sample) in {7, 8} and _times(sample, 5) and _truths(sample, 6),
    ),
    Format(
        "lean-quote-bars", "quotes", "LEAN bars: ms of day, bid OHLC and size, ask OHLC and size", by_name=False,
        columns=LEAN_QUOTE_BARS, stamps="start", of_day=True,
        fits=lambda sample: _width(sample) == 11 and _day_times(sample),
    ),
    Format(
        "lean-trade-bars", "candles", "LEAN bars: ms of day, OHLC, volume", by_name=False, columns=_BARS,
        stamps="start", of_day=True,
        fits=lambda sample: _width(sample) == 6 and _day_times(sample),
    ),
    Format(
        "binance-klines", "candles", "open_time, open, high, low, close, volume, close_time, ...", columns=_KLINES,
        fits=lambda sample: _width(sample) in {11, 12} and _times(sample, 0) and _times(sample, 6),
        stamps="start",
    ),
    Format(
        "binance-book-ticker", "quotes", "update_id, bid, bid qty, ask, ask qty, transaction_time, event_time",
        columns=_BOOK_TICKER,
        fits=lambda sample: _width(sample) in {6, 7} and _times(sample, 5) and not _truths(sample, -1),
    ),
    Format(
        "candles", "candles", "any named time, open, high, low, close; or time, OHLC, volume in this order",
        columns=_BARS,
        fits=lambda sample: _width(sample) >= 5 and _times(sample, 0) and _ordered(sample, _BARS),
    ),
    Format(
        "coinbase-exchange-candles", "candles", "time, low, high, open, close, volume without names",
        columns=_LOW_FIRST, stamps="start",
        fits=lambda sample: _width(sample) == 6 and _times(sample, 0) and _ordered(sample, _LOW_FIRST),
    ),
    Format(
        "funding", "funding", "any named time and funding rate; or time, rate in this order",
        columns={"time": 0, "rate": 1},
        fits=lambda sample: _width(sample) == 2 and _times(sample, 0) and _rates(sample),
    ),
    Format("marks", "marks", "any named time and mark price; or time, price in this order",
           columns={"time": 0, "price": 1}),
    Format("quotes", "quotes", "any named time, bid and ask, with or without sizes"),
    Format("trades", "trades", "any named time, price and size, with or without side and id"),
    Format("mark-candles", "marks", "candles of the mark price", columns=_BARS),
    Format("funding-candles", "funding", "candles whose open is the funding rate and whose rest is zero",
           columns=_BARS),
)  # fmt: skip

FORMATS: Mapping[str, Format] = {each.name: each for each in _ALL}
"""Every format by its name, in the order they are tried in."""
