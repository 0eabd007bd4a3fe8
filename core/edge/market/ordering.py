"""Rows must come in time order: a file that goes backwards is refused, never sorted in silence."""

from perptape.core.edge.market.errors import MarketFileError
from perptape.core.edge.market.place import Place
from perptape.core.edge.market.timestamps import shown

_SORT = "sort the file by time, oldest first"


def backwards(place: Place, row: int, at_ns: int, before_ns: int) -> MarketFileError:
    """The error for a row that is older than the one above it."""
    problem = f"time goes backwards from {shown(before_ns)} to {shown(at_ns)}"
    return place.error(problem, _SORT, number=row, field="time")


def repeated(place: Place, row: int, at_ns: int) -> MarketFileError:
    """The error for a second row of one time where a time can have only one."""
    return place.error(f"the time {shown(at_ns)} comes twice", "remove one of the two", number=row, field="time")
