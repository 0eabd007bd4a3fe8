"""All tables by name."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from perptape.replays.tables import blocks, equity, events, fills, funding, orders, signals
from perptape.replays.tables.column import Column, Rows
from perptape.replays.tables.errors import TableError

TableName = Literal["fills", "orders", "signals", "blocks", "equity", "funding", "events"]


class Table(NamedTuple):
    """A table: its columns, and what makes its rows from a tape."""

    name: TableName
    columns: tuple[Column, ...]
    rows: Callable[[], Rows]


_ALL = (
    Table("fills", fills.COLUMNS, fills.FillRows),
    Table("orders", orders.COLUMNS, orders.OrderRows),
    Table("signals", signals.COLUMNS, signals.SignalRows),
    Table("blocks", blocks.COLUMNS, blocks.BlockRows),
    Table("equity", equity.COLUMNS, equity.EquityRows),
    Table("funding", funding.COLUMNS, funding.FundingRows),
    Table("events", events.COLUMNS, events.EventRows),
)
TABLES: dict[str, Table] = {table.name: table for table in _ALL}


def find_table(name: str) -> Table:
    """The table of this name. Raises TableError."""
    table = TABLES.get(name)
    if table is None:
        raise TableError(f"no table {name!r}: choose one of {', '.join(TABLES)}")
    return table
