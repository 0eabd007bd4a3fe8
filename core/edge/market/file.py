"""A market file, opened: what it holds, and its rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from perptape.core.edge.market.content import Content, find_content
from perptape.core.edge.market.inspection import BarStamp, Inspection, inspect, read_rows
from perptape.core.edge.market.rows import MarketKind, MarketRow
from perptape.core.edge.market.table import open_table


@dataclass(frozen=True, slots=True)
class MarketFile:
    """A recognised market file; made by `open_market_file`."""

    path: Path
    kind: MarketKind
    format: str
    """A name of `FORMATS`."""
    symbol: str | None
    """What its contents or names tell, as `BASE-PERP`."""
    interval_ns: int | None
    """Length of its bars; None for a file without bars."""
    bar_stamp: BarStamp | None
    """Which end of a bar its times are; None for a file without bars."""
    first_ns: int
    last_ns: int | None
    """Where its last row ends; None when that would take reading the whole file."""
    sha256: str
    """Hexadecimal digest of the file's bytes as they lie there."""
    content: Content
    inspection: Inspection

    def rows(self) -> Iterator[MarketRow]:
        """The rows in time order, read and checked as they are asked for. Raises MarketFileError at damage."""
        with open_table(self.content) as table:
            yield from read_rows(table.rows, self.inspection)


def open_market_file(
    path: Path | str,
    *,
    format: str | None = None,  # noqa: A002 the name of the option
    bar_stamp: BarStamp | None = None,
) -> MarketFile:
    """Recognise the market file at `path` by its contents and check its first rows.

    `format` names one of `FORMATS` instead of guessing; `bar_stamp` says whether candle times are starts (the
    default) or ends, where the file does not say it itself. Raises MarketFileError for what is missing, empty,
    damaged or unknown; damage further down is raised by `rows()`.
    """
    content = find_content(Path(path))
    with open_table(content) as table:
        inspection = inspect(table, content, wanted=format, bar_stamp=bar_stamp)
    first_ns, last_ns = inspection.span
    reading = inspection.reading
    return MarketFile(
        path=content.path,
        kind=inspection.layout.format.kind,
        format=inspection.layout.format.name,
        symbol=inspection.symbol,
        interval_ns=reading.interval_ns or None,
        bar_stamp=("end" if reading.stamped_end else "start") if reading.interval_ns else None,
        first_ns=first_ns,
        last_ns=last_ns,
        sha256=content.sha256,
        content=content,
        inspection=inspection,
    )
