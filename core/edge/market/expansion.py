"""Rows of one symbol as points."""

from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_EVEN, Context, Decimal
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from perptape.core.edge.market.bar_shape import anchors, leg_offsets_ns
from perptape.core.edge.market.points import (
    BookPoint,
    CandlePoint,
    FundingPoint,
    MarketPoint,
    MarkPoint,
    PricePoint,
    TradePoint,
)
from perptape.core.edge.market.rows import CandleRow, FundingRow, MarkRow, QuoteRow, TradeRow

_EXACT = Context(prec=40, rounding=ROUND_HALF_EVEN)
"""A context of our own: what the caller has set must not change a path."""
_add, _subtract, _divide = _EXACT.add, _EXACT.subtract, _EXACT.divide
_fma, _quantize, _normalize = _EXACT.fma, _EXACT.quantize, _EXACT.normalize
_WHOLE = Decimal(0)
_COUNTS = tuple(Decimal(count) for count in range(64))


class Coverage(Protocol):
    """Whether something else shows the market in a span of time. Spans are asked for in time order."""

    def covers(self, from_ns: int, to_ns: int) -> bool:
        """Whether it shows the market anywhere in [`from_ns`, `to_ns`)."""
        ...


def candle_points(symbol: str, rows: Iterable[CandleRow], quotes: Coverage | None = None) -> Iterator[MarketPoint]:
    """Each bar's way as price points, then the bar itself at its end.

    A bar in which there are quotes gives no price points: the quotes are the market then.
    """
    for row in rows:
        if quotes is None or not quotes.covers(row.start_ns, row.end_ns):
            yield from price_points(symbol, row)
        yield CandlePoint(row.end_ns, symbol, row)


def price_points(symbol: str, row: CandleRow) -> list[PricePoint]:
    """The way through one bar; the last point is the close, one nanosecond before the bar's end.

    Between the anchors prices are interpolated linearly and rounded half-even to the last decimal place that any
    of the bar's four prices uses, trailing zeros aside.
    """
    start_ns, end_ns, open_, high, low, close = row.start_ns, row.end_ns, row.open, row.high, row.low, row.close
    passed = anchors(open_, high, low, close, rising=close >= open_)
    step: Decimal | None = None
    points = []
    for leg, offsets_ns in enumerate(leg_offsets_ns(end_ns - start_ns)):
        price = passed[leg]
        points.append(PricePoint(start_ns + offsets_ns[0], symbol, price))
        if len(offsets_ns) > 1:
            step = step or _price_step(row)
            rise = _divide(_subtract(passed[leg + 1], price), _COUNTS[len(offsets_ns)])
            for count, offset_ns in enumerate(offsets_ns[1:], 1):
                between = _quantize(_fma(rise, _COUNTS[count], price), step)
                points.append(PricePoint(start_ns + offset_ns, symbol, between))
    points.append(PricePoint(end_ns - 1, symbol, close))
    return points


def quote_points(symbol: str, rows: Iterable[QuoteRow]) -> Iterator[MarketPoint]:
    """Each quote as a book of one level."""
    for row in rows:
        yield BookPoint(row.at_ns, symbol, row.bid, row.bid_size, row.ask, row.ask_size)


def trade_points(symbol: str, rows: Iterable[TradeRow]) -> Iterator[MarketPoint]:
    """Each trade."""
    for row in rows:
        yield TradePoint(row.at_ns, symbol, row.price, row.size, row.side, row.trade_id)


def priced_trade_points(symbol: str, rows: Iterable[TradeRow]) -> Iterator[MarketPoint]:
    """Each trade, and after those of one moment the last of their prices: for a symbol that has only trades."""
    for at_ns, together in groupby(rows, key=attrgetter("at_ns")):
        price = _WHOLE
        for row in together:
            price = row.price
            yield TradePoint(at_ns, symbol, price, row.size, row.side, row.trade_id)
        yield PricePoint(at_ns, symbol, price)


def mark_points(symbol: str, rows: Iterable[MarkRow]) -> Iterator[MarketPoint]:
    """Each mark price."""
    for row in rows:
        yield MarkPoint(row.at_ns, symbol, row.price)


def funding_points(symbol: str, rows: Iterable[FundingRow]) -> Iterator[MarketPoint]:
    """Each settlement of funding."""
    for row in rows:
        yield FundingPoint(row.at_ns, symbol, row.rate)


def _price_step(row: CandleRow) -> Decimal:
    """A number above zero with the step's exponent: a sum has the finest exponent of its terms, here at most 0."""
    short = _normalize
    return _add(_add(short(row.open), short(row.high)), _add(_add(short(row.low), short(row.close)), _WHOLE))
