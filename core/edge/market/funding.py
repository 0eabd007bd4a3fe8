"""Rows of funding rate files."""

from collections.abc import Iterator
from decimal import Decimal

from perptape.core.edge.market.damage import LARGEST_RATE, damaged_row, number, rate_fault, time_fault
from perptape.core.edge.market.ordering import backwards, repeated
from perptape.core.edge.market.reading import NumberedCells, Reading
from perptape.core.edge.market.rows import FundingRow

_ZERO = Decimal(0)


def read_funding(rows: NumberedCells, reading: Reading) -> Iterator[FundingRow]:
    """Funding rates in time order, one per time; times keep the jitter that venues send them with.

    In candle-shaped files the rate is the open. Raises MarketFileError at a damaged row.
    """
    place, columns, width, parse_time, *_ = reading
    at_time, at_rate = columns["time"], columns.get("rate", columns.get("open", -1))
    before_ns = 0
    for row, cells in rows:
        try:
            rate, at_ns = number(cells[at_rate]) or _ZERO, parse_time(cells[at_time])
            good = len(cells) == width and abs(rate) < LARGEST_RATE
        except (ValueError, OverflowError, IndexError):
            rate, at_ns, good = _ZERO, 0, False
        if not good:
            checks = {"time": (at_time, time_fault(parse_time)), "rate": (at_rate, rate_fault)}
            raise damaged_row(place, row, cells, checks, width=width, otherwise="is no funding rate")
        if at_ns == before_ns:
            raise repeated(place, row, at_ns)
        if at_ns < before_ns:
            raise backwards(place, row, at_ns, before_ns)
        before_ns = at_ns
        yield FundingRow(at_ns, rate)
