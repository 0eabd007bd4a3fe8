"""What the first rows of a file tell: layout, how times are written, how long bars are, which way it is sorted."""

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice, pairwise
from typing import Literal, NamedTuple

from perptape.core.edge.market.candles import read_candles
from perptape.core.edge.market.content import Content
from perptape.core.edge.market.funding import read_funding
from perptape.core.edge.market.intervals import common_spacing_ns, named_interval_ns
from perptape.core.edge.market.layout import Layout, find_layout, usual_width
from perptape.core.edge.market.marks import read_mark_candles, read_marks
from perptape.core.edge.market.place import Place
from perptape.core.edge.market.quotes import read_quote_bars, read_quotes
from perptape.core.edge.market.reading import NumberedCells, Reading
from perptape.core.edge.market.rows import CandleRow, MarketRow
from perptape.core.edge.market.symbols import symbol_in
from perptape.core.edge.market.table import Table
from perptape.core.edge.market.timestamps import TimeParser, parser_for, time_of_day_parser
from perptape.core.edge.market.trades import read_trades

BarStamp = Literal["start", "end"]

NumberedSample = Sequence[tuple[int, Sequence[str]]]

_SAMPLED_ROWS = 2048
_READERS: Mapping[str, Callable[[NumberedCells, Reading], Iterator[MarketRow]]] = {
    "candles": read_candles,
    "trades": read_trades,
    "quotes": read_quotes,
    "marks": read_marks,
    "funding": read_funding,
    "lean-quote-bars": read_quote_bars,
    "mark-candles": read_mark_candles,
}
"""By the format's name, else by its kind."""
_BARS = frozenset({"lean-quote-bars", "mark-candles"})
_NEVER_REVERSED = frozenset({"trades", "quotes"})
"""Long files, whose rows share times: turning them around in memory would be slow and would not restore the order."""
_READ_THROUGH_BYTES_MAX = 32 * 1024 * 1024
_TRIED_FOR_TIME = 64
_DATE = re.compile(r"(?<!\d)(20\d{6})(?!\d)")


class Inspection(NamedTuple):
    """All that is needed to read the file's rows."""

    layout: Layout
    reading: Reading
    symbol: str | None
    newest_first: bool
    span: tuple[int, int | None]


def inspect(table: Table, content: Content, *, wanted: str | None, bar_stamp: BarStamp | None) -> Inspection:
    """Look at the first rows of `table`. Raises MarketFileError for an unknown file, and for damage it meets."""
    place = Place(content.path, table.unit)
    sample = list(islice(table.rows, _SAMPLED_ROWS))
    if not sample:
        raise place.error("the file has no rows", "fetch or copy the file again")
    cells_of = [cells for _, cells in sample]
    layout = find_layout(table.header, cells_of, content.names, wanted=wanted, place=place)
    width = usual_width(cells_of) if table.header is None else len(table.header)
    parse_time = _time_parser(layout, sample, content.names, place)
    times_ns = list(_good_times(cells_of, layout.columns["time"], parse_time))
    interval_ns = _interval_ns(layout, times_ns, content.names, place)
    stamped_end = (layout.stamps or bar_stamp) == "end"
    reading = Reading(place, layout.columns, width, parse_time, interval_ns, stamped_end)
    newest_first = layout.format.kind not in _NEVER_REVERSED and _falls(times_ns)
    inspection = Inspection(layout, reading, _symbol(layout, cells_of, content.names), newest_first, (0, None))
    return inspection._replace(span=_span(sample, table, content, inspection))


def read_rows(rows: NumberedCells, inspection: Inspection) -> Iterator[MarketRow]:
    """The rows of a table in time order, checked. Raises MarketFileError at a damaged row."""
    layout, reading, _, newest_first, _ = inspection
    if newest_first:
        rows = reversed(list(rows))
    if "symbol" in layout.columns:
        rows = _of_one_symbol(rows, layout.columns["symbol"], reading)
    reader = _READERS.get(layout.format.name) or _READERS[layout.format.kind]
    return reader(rows, reading)


def _time_parser(layout: Layout, sample: NumberedSample, names: Sequence[str], place: Place) -> TimeParser:
    if layout.format.of_day:
        date = next((found[1] for name in names if (found := _DATE.search(name))), None)
        if date is None:
            problem = f"format {layout.format.name} has times of day, and no name of the file tells the day"
            raise place.error(problem, "name the file with its day, such as 20221213_trade.zip")
        return time_of_day_parser(parser_for(date)(date))
    at_time = layout.columns["time"]
    for _, cells in sample[:_TRIED_FOR_TIME]:
        if len(cells) > at_time:
            try:
                return parser_for(cells[at_time])
            except ValueError:
                continue
    number, cells = sample[0]
    shown = cells[at_time] if len(cells) > at_time else ""
    problem = f"'{shown[:40]}' is not a time between 2000 and 2100 (unix or ISO 8601)"
    raise place.error(problem, "write times as unix seconds to nanoseconds or as RFC 3339", number=number, field="time")


def _good_times(cells_of: Sequence[Sequence[str]], at_time: int, parse_time: TimeParser) -> Iterator[int]:
    for cells in cells_of:
        # A damaged time is reported with its line when the row is read.
        with suppress(ValueError, IndexError, OverflowError):
            yield parse_time(cells[at_time])


def _interval_ns(layout: Layout, times_ns: Sequence[int], names: Sequence[str], place: Place) -> int:
    if layout.format.kind != "candles" and layout.format.name not in _BARS:
        return 0
    interval_ns = common_spacing_ns(times_ns) or named_interval_ns(names)
    if interval_ns is None and "end" not in layout.columns:
        problem = "the file has one bar, and neither a closing time nor its name tells how long that is"
        raise place.error(problem, "name the file with its bar length, such as BTC-5m.csv")
    return interval_ns or 0


def _falls(times_ns: Sequence[int]) -> bool:
    falls = sum(later < earlier for earlier, later in pairwise(times_ns))
    return 2 * falls > len(times_ns) - 1


def _symbol(layout: Layout, cells_of: Sequence[Sequence[str]], names: Sequence[str]) -> str | None:
    at = layout.columns.get("symbol", -1)
    inside = cells_of[0][at] if 0 <= at < len(cells_of[0]) else ""
    return symbol_in((inside,)) or symbol_in(names)


def _of_one_symbol(rows: NumberedCells, at_symbol: int, reading: Reading) -> NumberedCells:
    only: str | None = None
    for number, cells in rows:
        if len(cells) == reading.width:
            only = cells[at_symbol] if only is None else only
            if cells[at_symbol] != only:
                problem = f"the file is about {only} and here about '{cells[at_symbol][:40]}'"
                remedy = "give one file per symbol"
                raise reading.place.error(problem, remedy, number=number, field="symbol")
        yield number, cells


def _span(sample: NumberedSample, table: Table, content: Content, inspection: Inspection) -> tuple[int, int | None]:
    """The time of the first row, and where the last one ends unless that takes reading a long file."""
    checked = list(read_rows(iter(sample), inspection))
    if not checked:
        raise inspection.reading.place.error("the file has no usable rows", "fetch or copy the file again")
    first, last = checked[0], checked[-1]
    if len(sample) == _SAMPLED_ROWS:
        if content.path.stat().st_size > _READ_THROUGH_BYTES_MAX and not inspection.newest_first:
            return _begin_ns(first), None
        final = [*read_rows(iter(deque(table.rows, maxlen=1) or sample[-1:]), inspection)]
        if inspection.newest_first:
            first = final[0]
        else:
            last = final[-1]
    return _begin_ns(first), last.end_ns if isinstance(last, CandleRow) else last.at_ns


def _begin_ns(row: MarketRow) -> int:
    return row.start_ns if isinstance(row, CandleRow) else row.at_ns
