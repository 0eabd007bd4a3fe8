"""Where in which file: what every complaint about a row begins with."""

from pathlib import Path
from typing import NamedTuple

from perptape.core.edge.market.errors import MarketFileError

FIX_ROW = "correct or remove it, or fetch the file again"


class Place(NamedTuple):
    """A file and the unit its rows are counted in: line, item or row."""

    path: Path
    unit: str

    def error(
        self, problem: str, remedy: str = FIX_ROW, *, number: int | None = None, field: str | None = None
    ) -> MarketFileError:
        """The error for a fault at row `number` in `field`, or of the whole file."""
        where = None if number is None else f"{self.unit} {number}"
        return MarketFileError(self.path, problem, remedy, where=where, field=field)
