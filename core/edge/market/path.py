"""The market path: all rows of all files of all symbols, merged by time into typed points."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heapreplace
from itertools import pairwise, tee
from typing import Any, cast

from perptape.core.edge.market.errors import MarketOverlapError
from perptape.core.edge.market.expansion import (
    candle_points,
    funding_points,
    mark_points,
    priced_trade_points,
    quote_points,
    trade_points,
)
from perptape.core.edge.market.file import MarketFile
from perptape.core.edge.market.points import POINT_ORDER, MarketPoint
from perptape.core.edge.market.rows import CandleRow, FundingRow, MarketRow, MarkRow, QuoteRow, TradeRow
from perptape.core.edge.market.timestamps import shown

PATH_VERSION = 1
"""Raised when the same files would give other points, so that older recordings are not resumed on the new path."""

_Head = tuple[int, int, int, int, MarketPoint, Callable[[], MarketPoint]]


def market_path(files: Mapping[str, Sequence[MarketFile]]) -> Iterator[MarketPoint]:
    """The points of all files in the order of time, then kind (`POINT_ORDER`), then symbol (as in `files`).

    Several files of one symbol and kind follow one another in time. Rows are read as points are asked for. Where a
    symbol has quotes, they are its market and candles give no prices beside them; a symbol that has only trades is
    priced by them. Raises MarketOverlapError, and MarketFileError when it comes to a damaged row.
    """
    return merged([_streams(symbol, of_symbol) for symbol, of_symbol in files.items()])


def merged(streams_of_symbols: Sequence[Iterable[Iterator[MarketPoint]]]) -> Iterator[MarketPoint]:
    """Merge streams, each of them in order, symbol by symbol, into one path."""
    heads: list[_Head] = []
    for symbol_order, streams in enumerate(streams_of_symbols):
        for stream in streams:
            first = next(stream, None)
            if first is not None:
                heads.append((first.at_ns, POINT_ORDER[type(first)], symbol_order, len(heads), first, stream.__next__))
    heapify(heads)
    return _drained(heads)


def _drained(heads: list[_Head]) -> Iterator[MarketPoint]:
    order_of = POINT_ORDER
    while heads:
        _, _, symbol_order, number, point, advance = heads[0]
        yield point
        try:
            point = advance()
        except StopIteration:
            heappop(heads)
        else:
            heapreplace(heads, (point.at_ns, order_of[type(point)], symbol_order, number, point, advance))


def _streams(symbol: str, files: Sequence[MarketFile]) -> Iterator[Iterator[MarketPoint]]:
    rows: dict[str, Iterator[Any]] = {
        kind: _followed(symbol, [file for file in files if file.kind == kind])
        for kind in sorted({file.kind for file in files})
    }
    quotes = None
    if "quotes" in rows:
        ahead, shown_rows = tee(cast("Iterator[QuoteRow]", rows["quotes"]))
        quotes = _QuotesAhead(ahead) if "candles" in rows else None
        yield quote_points(symbol, shown_rows)
    if "candles" in rows:
        yield candle_points(symbol, cast("Iterator[CandleRow]", rows["candles"]), quotes)
    if "trades" in rows:
        is_priced = "quotes" in rows or "candles" in rows
        expand = trade_points if is_priced else priced_trade_points
        yield expand(symbol, cast("Iterator[TradeRow]", rows["trades"]))
    if "marks" in rows:
        yield mark_points(symbol, cast("Iterator[MarkRow]", rows["marks"]))
    if "funding" in rows:
        yield funding_points(symbol, cast("Iterator[FundingRow]", rows["funding"]))


class _QuotesAhead:
    """Looks ahead in a symbol's quotes, by at most the bar that is being asked about."""

    def __init__(self, rows: Iterator[QuoteRow]) -> None:
        self._rows = rows
        self._next = next(rows, None)

    def covers(self, from_ns: int, to_ns: int) -> bool:
        while self._next is not None and self._next.at_ns < from_ns:
            self._next = next(self._rows, None)
        return self._next is not None and self._next.at_ns < to_ns


def _followed(symbol: str, files: Sequence[MarketFile]) -> Iterator[MarketRow]:
    """The rows of files of one kind, one file after the other. Overlap is raised at once where ends are known."""
    ordered = sorted(files, key=lambda file: (file.first_ns, file.sha256))
    for earlier, later in pairwise(ordered):
        if earlier.last_ns is not None:
            _refuse_overlap(symbol, earlier, earlier.last_ns, later)
    return ordered[0].rows() if len(ordered) == 1 else _one_after_another(symbol, ordered)


def _one_after_another(symbol: str, files: Sequence[MarketFile]) -> Iterator[MarketRow]:
    for file, later in zip(files, (*files[1:], None), strict=True):
        row: MarketRow | None = None
        for row in file.rows():
            yield row
        if later is not None and row is not None:
            until_ns = row.end_ns if isinstance(row, CandleRow) else row.at_ns
            _refuse_overlap(symbol, file, until_ns, later)


def _refuse_overlap(symbol: str, earlier: MarketFile, until_ns: int, later: MarketFile) -> None:
    # Bars end where the next begin, and several trades, quotes or marks may share a time; two fundings may not.
    earliest_ns = until_ns + 1 if later.kind == "funding" else until_ns
    if later.first_ns < earliest_ns:
        raise MarketOverlapError(
            f"{symbol} {later.kind}",
            earlier.path,
            later.path,
            earlier_until=shown(until_ns),
            later_from=shown(later.first_ns),
        )
