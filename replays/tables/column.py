"""The columns of a table: name, type, and what they hold in which unit."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from perptape.core.codec import Line

ColumnType = Literal["integer", "text", "boolean", "decimal", "quotient", "time"]
"""`time` is ns since the epoch, UTC; `decimal` and `quotient` are Decimals. Any of them may be None."""
Cells = tuple[Any, ...]
"""One value for each column, in their order."""


class Column(NamedTuple):
    """One column."""

    name: str
    type: ColumnType
    about: str
    """What it holds, with its unit, and when it is empty."""


class Rows(Protocol):
    """Makes the rows of one table from events in order; inside `perptape.core.money.arithmetic()`."""

    def take(self, line: Line) -> Iterable[Cells]:
        """The rows that are complete with this event."""
        ...

    def end(self) -> Iterable[Cells]:
        """The rows that waited for the end of the tape."""
        ...


def place(what: str) -> Sequence[Column]:
    """The first two columns of every table."""
    return (
        Column("version", "integer", f"tape version of {what}"),
        Column("at", "time", "when the bot received the observation that started this turn"),
    )


CAUSE = Column("cause", "integer", "version of the observation that led to it")
SYMBOL = Column("symbol", "text", "instrument")
SIDE = Column("side", "text", "buy or sell")
