"""Rows of quote files: best bid and ask, or LEAN's bars of both."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from perptape.core.edge.market.bar_shape import anchor_offsets_ns, anchors
from perptape.core.edge.market.columns import Columns
from perptape.core.edge.market.damage import (
    LARGEST_PRICE,
    LARGEST_SIZE,
    SMALLEST_PRICE,
    Check,
    damaged_row,
    number,
    price_fault,
    size_fault,
    time_fault,
)
from perptape.core.edge.market.errors import MarketFileError
from perptape.core.edge.market.ordering import backwards, repeated
from perptape.core.edge.market.reading import NumberedCells, Reading
from perptape.core.edge.market.rows import QuoteRow

_ZERO = Decimal(0)
_SIZES = ("bid_size", "ask_size")
_BAR_OF = {side: tuple(f"{side}_{part}" for part in ("open", "high", "low", "close")) for side in ("bid", "ask")}


def read_quotes(rows: NumberedCells, reading: Reading) -> Iterator[QuoteRow]:
    """Quotes in time order; several may share a time. Raises MarketFileError at a damaged or crossed row."""
    place, columns, width, parse_time, *_ = reading
    at_time, at_bid, at_ask = columns["time"], columns["bid"], columns["ask"]
    at_bid_size, at_ask_size = (columns.get(name, -1) for name in _SIZES)
    before_ns = 0
    for row, cells in rows:
        try:
            bid, ask = number(cells[at_bid]), number(cells[at_ask])
            bid_size = number(cells[at_bid_size]) if at_bid_size >= 0 else None
            ask_size = number(cells[at_ask_size]) if at_ask_size >= 0 else None
            at_ns = parse_time(cells[at_time])
            good = (
                len(cells) == width
                and SMALLEST_PRICE <= bid <= ask < LARGEST_PRICE
                and (bid_size is None or _ZERO <= bid_size < LARGEST_SIZE)
                and (ask_size is None or _ZERO <= ask_size < LARGEST_SIZE)
            )
        except (ValueError, OverflowError, IndexError):
            raise _damaged(reading, row, cells, ("bid", "ask")) from None
        if not good:
            raise _damaged(reading, row, cells, ("bid", "ask"))
        if at_ns < before_ns:
            raise backwards(place, row, at_ns, before_ns)
        before_ns = at_ns
        yield QuoteRow(at_ns, bid, bid_size, ask, ask_size)


def read_quote_bars(rows: NumberedCells, reading: Reading) -> Iterator[QuoteRow]:
    """LEAN's quote bars, each as the four quotes of its open, extremes and close, in the order of `bar_shape`.

    A bar with one side empty is a one-sided book: no quote, and left out. Raises MarketFileError.
    """
    place, columns, width, parse_time, interval_ns, _ = reading
    offsets_ns = anchor_offsets_ns(interval_ns)
    reached_ns = 0
    for row, cells in rows:
        if len(cells) == width and _is_one_sided(cells, columns):
            continue
        try:
            bids, asks = ([number(cells[columns[name]]) for name in _BAR_OF[side]] for side in _BAR_OF)
            bid_size, ask_size = (number(cells[columns[name]]) or _ZERO for name in _SIZES)
            start_ns = parse_time(cells[columns["time"]])
            rising = bids[-1] >= bids[0]
            quotes = [
                QuoteRow(start_ns + offset_ns, bid, bid_size, ask, ask_size)
                for offset_ns, bid, ask in zip(
                    offsets_ns, anchors(*bids, rising=rising), anchors(*asks, rising=rising), strict=True
                )
            ]
        except (ValueError, OverflowError, IndexError):
            raise _damaged(reading, row, cells, (*_BAR_OF["bid"], *_BAR_OF["ask"])) from None
        sound = len(cells) == width and _is_bar(*bids) and _is_bar(*asks) and min(bid_size, ask_size) >= _ZERO
        if not sound or any(quote.bid > quote.ask for quote in quotes):
            raise _damaged(reading, row, cells, (*_BAR_OF["bid"], *_BAR_OF["ask"]))
        if start_ns < reached_ns:
            before_ns = reached_ns - interval_ns
            raise (
                repeated(place, row, start_ns) if start_ns == before_ns else backwards(place, row, start_ns, before_ns)
            )
        reached_ns = start_ns + interval_ns
        yield from quotes


def _is_one_sided(cells: Sequence[str], columns: Columns) -> bool:
    return any(not any(cells[columns[name]] for name in names) for names in _BAR_OF.values())


def _is_bar(open_: Decimal, high: Decimal, low: Decimal, close: Decimal) -> bool:
    return SMALLEST_PRICE <= low <= min(open_, close) and max(open_, close) <= high < LARGEST_PRICE


def _damaged(reading: Reading, row: int, cells: Sequence[str], prices: Sequence[str]) -> MarketFileError:
    columns = reading.columns
    checks: dict[str, tuple[int, Check]] = {"time": (columns["time"], time_fault(reading.parse_time))}
    checks.update((name, (columns[name], price_fault)) for name in prices)
    checks.update((name, (columns[name], size_fault)) for name in _SIZES if name in columns)
    otherwise = "the bid is above the ask, or a low above its open, close or high"
    return damaged_row(reading.place, row, cells, checks, width=reading.width, otherwise=otherwise)
