"""What every reader of rows is handed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from perptape.core.edge.market.columns import Columns
from perptape.core.edge.market.place import Place
from perptape.core.edge.market.timestamps import TimeParser

NumberedCells = Iterator[tuple[int, Sequence[str]]]


class Reading(NamedTuple):
    """How to read one table: where the fields are, how wide a row is, and how its times are written."""

    place: Place
    columns: Columns
    width: int
    parse_time: TimeParser
    interval_ns: int = 0
    """Length of a bar; 0 where there are no bars, or where each row gives its own end."""
    stamped_end: bool = False
    """Whether a bar's time is its end."""
