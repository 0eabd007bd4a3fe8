"""Rows of candle files."""

from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from operator import itemgetter

from perptape.core.durations import SECOND_NS
from perptape.core.edge.market.damage import (
    LARGEST_PRICE,
    LARGEST_SIZE,
    SMALLEST_PRICE,
    Check,
    damaged_row,
    is_plain,
    number,
    price_fault,
    size_fault,
    time_fault,
)
from perptape.core.edge.market.reading import NumberedCells, Reading
from perptape.core.edge.market.rows import CandleRow
from perptape.core.edge.market.timestamps import shown

_ZERO = Decimal(0)
_CLOSING_UNITS_NS = (1_000_000, 1_000, 1)
_DISORDER = "high must be the highest and low the lowest of open, high, low and close"


def read_candles(rows: NumberedCells, reading: Reading) -> Iterator[CandleRow]:
    """Bars in time order, without overlap; absent bars are allowed. Raises MarketFileError at a damaged row."""
    place, columns, width, parse_time, interval_ns, stamped_end = reading
    at_time, at_end = columns["time"], columns.get("end", -1)
    names = ("open", "high", "low", "close", "volume") if "volume" in columns else ("open", "high", "low", "close")
    numbers_of = itemgetter(*(columns[name] for name in names))
    volume = _ZERO
    before_ns, reached_ns = 0, 0
    for row, cells in rows:
        try:
            texts = numbers_of(cells)
            open_, high, low, close, *rest = map(Decimal if is_plain(texts) else number, texts)
            if rest:
                volume = rest[0] or _ZERO
            good = (
                len(cells) == width
                and SMALLEST_PRICE <= low <= open_ <= high < LARGEST_PRICE
                and low <= close <= high
                and _ZERO <= volume < LARGEST_SIZE
            )
            start_ns = parse_time(cells[at_time])
            if at_end >= 0:
                end_ns = closing_ns(start_ns, parse_time(cells[at_end]))
            elif stamped_end:
                start_ns, end_ns = start_ns - interval_ns, start_ns
            else:
                end_ns = start_ns + interval_ns
        except (InvalidOperation, ValueError, OverflowError, IndexError):
            good, start_ns, end_ns = False, 0, 1
            open_ = high = low = close = _ZERO
        if not good or end_ns <= start_ns:
            raise damaged_row(
                place, row, cells, _checks(reading), width=width,
                otherwise=_DISORDER if not good else "the bar ends before it starts", field=None if good else "high",
            )  # fmt: skip
        if start_ns < reached_ns:
            raise place.error(*_disorder(start_ns, before_ns, reached_ns), number=row, field="time")
        before_ns, reached_ns = start_ns, end_ns
        yield CandleRow(start_ns, end_ns, open_, high, low, close, volume)


def closing_ns(start_ns: int, close_ns: int) -> int:
    """The end of a bar whose file names its closing time.

    Several venues name the last millisecond (or microsecond, or second) that still belongs to the bar; the end is
    one such unit later.
    """
    span_ns = close_ns - start_ns
    if span_ns % SECOND_NS == 0:
        return close_ns + SECOND_NS if (span_ns + SECOND_NS) % (60 * SECOND_NS) == 0 else close_ns
    for unit_ns in _CLOSING_UNITS_NS:
        if (span_ns + unit_ns) % SECOND_NS == 0:
            return close_ns + unit_ns
    return close_ns


def _checks(reading: Reading) -> dict[str, tuple[int, Check]]:
    columns = reading.columns
    times = {name: (columns[name], time_fault(reading.parse_time)) for name in ("time", "end") if name in columns}
    prices = {name: (columns[name], price_fault) for name in ("open", "high", "low", "close")}
    volume = {"volume": (columns["volume"], size_fault)} if "volume" in columns else {}
    return {**times, **prices, **volume}


def _disorder(start_ns: int, before_ns: int, reached_ns: int) -> tuple[str, str]:
    if start_ns == before_ns:
        return f"the bar of {shown(start_ns)} comes twice", "remove one of the two"
    if start_ns < before_ns:
        return f"time goes backwards from {shown(before_ns)} to {shown(start_ns)}", "sort the file by time"
    problem = f"the bar of {shown(start_ns)} begins before {shown(reached_ns)}, where the one above it ends"
    return problem, "correct its time, or give bars of one length in one file"
