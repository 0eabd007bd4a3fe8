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
    about: str
    """What a row is."""
    columns: tuple[Column, ...]
    rows: Callable[[], Rows]


_ALL = (
    Table(
        "fills",
        "One row for each execution that changed the account. An execution that the venue reports twice has one "
        "row. Executions before the bot's first account report are part of the opening positions and have no row.",
        fills.COLUMNS,
        fills.FillRows,
    ),
    Table(
        "orders",
        "One row for each order that the bot requested or adopted, with its status at the end of the tape. Sorted by "
        "version.",
        orders.COLUMNS,
        orders.OrderRows,
    ),
    Table(
        "signals",
        "One row for each signal of a strategy, before the signals for one symbol are aggregated.",
        signals.COLUMNS,
        signals.SignalRows,
    ),
    Table(
        "blocks",
        "One row for each order that a guard refused before it was requested.",
        blocks.COLUMNS,
        blocks.BlockRows,
    ),
    Table(
        "equity",
        "One row for each event that changed the account, starting with the venue's first report. The last row is the "
        "account at the end.",
        equity.COLUMNS,
        equity.EquityRows,
    ),
    Table(
        "funding",
        "One row for each funding payment that changed the account. A payment that the venue reports twice has one "
        "row.",
        funding.COLUMNS,
        funding.FundingRows,
    ),
    Table(
        "events",
        "One row for each event of the tape.",
        events.COLUMNS,
        events.EventRows,
    ),
)
TABLES: dict[str, Table] = {table.name: table for table in _ALL}


def find_table(name: str) -> Table:
    """The table of this name. Raises TableError."""
    table = TABLES.get(name)
    if table is None:
        raise TableError(f"no table {name!r}: choose one of {', '.join(TABLES)}")
    return table
