"""Rows of mark price files: prices as they were published, or candles of the mark price."""

from collections.abc import Iterator

from perptape.core.edge.market.candles import read_candles
from perptape.core.edge.market.damage import LARGEST_PRICE, SMALLEST_PRICE, damaged_row, number, price_fault, time_fault
from perptape.core.edge.market.ordering import backwards
from perptape.core.edge.market.reading import NumberedCells, Reading
from perptape.core.edge.market.rows import MarkRow


def read_marks(rows: NumberedCells, reading: Reading) -> Iterator[MarkRow]:
    """Mark prices in time order. Raises MarketFileError at a damaged row."""
    place, columns, width, parse_time, *_ = reading
    at_time, at_price = columns["time"], columns["price"]
    before_ns = 0
    for row, cells in rows:
        try:
            price, at_ns = number(cells[at_price]), parse_time(cells[at_time])
            good = len(cells) == width and SMALLEST_PRICE <= price < LARGEST_PRICE
        except (ValueError, OverflowError, IndexError):
            price, at_ns, good = SMALLEST_PRICE, 0, False
        if not good:
            checks = {"time": (at_time, time_fault(parse_time)), "price": (at_price, price_fault)}
            raise damaged_row(place, row, cells, checks, width=width, otherwise="is no mark price")
        if at_ns < before_ns:
            raise backwards(place, row, at_ns, before_ns)
        before_ns = at_ns
        yield MarkRow(at_ns, price)


def read_mark_candles(rows: NumberedCells, reading: Reading) -> Iterator[MarkRow]:
    """The mark at each bar's start and, one nanosecond before its end, at its close.

    When the extremes were reached a bar does not say, and a mark price at the wrong moment liquidates somebody:
    they are left out.
    """
    for bar in read_candles(rows, reading):
        yield MarkRow(bar.start_ns, bar.open)
        yield MarkRow(bar.end_ns - 1, bar.close)
