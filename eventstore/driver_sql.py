"""The hot statements as the driver takes them: written in SQLAlchemy Core, compiled once, run on a bare cursor.

Core's own execution costs more per row than the row itself; compiling keeps the statements portable all the same.
"""

from typing import NamedTuple

from sqlalchemy import Dialect, bindparam, insert, select, update
from sqlalchemy.sql.expression import ClauseElement

from eventstore.tables import EVENTS, HEADS, STREAMS

ROWS_PER_INSERT = 10
"""Rows in one INSERT of a longer append: measured a fifth faster than one row each, and than a hundred."""

COLUMNS_PER_ROW = len(EVENTS.columns)


class DriverSql(NamedTuple):
    """Statement texts in one database's dialect, each with its positional parameters in the order named."""

    insert_one: str
    """The columns of `events`."""
    insert_many: str
    """The columns of `events`, ROWS_PER_INSERT times."""
    head: str
    """name -> stream_id, version, hash, epoch; locks the row where the database can."""
    move_head: str
    """version, hash, stream_id"""
    page: str
    """stream_id, after, upto -> the fields of envelopes, in order"""
    hashes: str
    """stream_id, after, upto -> hashes, in order"""


def driver_sql(dialect: Dialect) -> DriverSql:
    """The statements for a dialect with positional parameters."""
    row = dict.fromkeys(EVENTS.columns.keys())
    in_range = (
        EVENTS.c.stream_id == bindparam("stream_id"),
        EVENTS.c.version > bindparam("after"),
        EVENTS.c.version <= bindparam("upto"),
    )
    return DriverSql(
        insert_one=_text(dialect, insert(EVENTS).values(row)),
        insert_many=_text(dialect, insert(EVENTS).values([row] * ROWS_PER_INSERT)),
        head=_text(
            dialect,
            select(*HEADS.columns)
            .join(STREAMS, STREAMS.c.id == HEADS.c.stream_id)
            .where(STREAMS.c.name == bindparam("name"))
            .with_for_update(of=HEADS),
        ),
        move_head=_text(
            dialect,
            update(HEADS)
            .values(version=bindparam("new_version"), hash=bindparam("new_hash"))
            .where(HEADS.c.stream_id == bindparam("ours")),
            "new_version", "new_hash", "ours",
        ),
        page=_text(
            dialect,
            select(*list(EVENTS.columns)[1:]).where(*in_range).order_by(EVENTS.c.version),
            "stream_id",
            "after",
            "upto",
        ),
        hashes=_text(
            dialect,
            select(EVENTS.c.hash).where(*in_range).order_by(EVENTS.c.version),
            "stream_id",
            "after",
            "upto",
        ),
    )


def _text(dialect: Dialect, statement: ClauseElement, *order: str) -> str:
    compiled = statement.compile(dialect=dialect)
    names = getattr(compiled, "positiontup", None)
    if names is None or (order and tuple(names) != order):
        raise AssertionError(f"{dialect.name} orders parameters as {names}, the store gives {order}")
    return str(compiled)
