"""The hot statements as the driver takes them: written in SQLAlchemy Core, compiled once, run on a bare cursor.

Core's own execution costs more per row than the row itself; compiling keeps the statements portable all the same.
"""

from typing import NamedTuple

from sqlalchemy import Dialect, bindparam, insert, select, update
from sqlalchemy.sql.expression import ClauseElement

from eventstore.tables import EVENTS, HEADS, STREAMS

ROWS_PER_INSERT = 20
"""Rows in one INSERT of a longer append: measured a fifth faster than one row each; more gain nothing."""

_ENVELOPE = ("type", "schema", "at_ns", "cause", "data", "hash")

COLUMNS_PER_ROW = 1 + len(_ENVELOPE)


class DriverSql(NamedTuple):
    """Statement texts in one database's dialect, each with its positional parameters in the order named."""

    insert_one: str
    """place, type, schema, at_ns, cause, data, hash"""
    insert_many: str
    """The same, ROWS_PER_INSERT times."""
    head: str
    """name -> stream_id, version, hash, epoch; locks the row where the database can."""
    move_head: str
    """version, hash, stream_id"""
    page: str
    """after (a place), upto (a place) -> the fields of envelopes, in order"""
    hashes: str
    """after (a place), upto (a place) -> hashes, in order"""


def driver_sql(dialect: Dialect) -> DriverSql:
    """The statements for a dialect with positional parameters."""
    row = dict.fromkeys(("place", *_ENVELOPE))
    in_range = (
        EVENTS.c.place > bindparam("after"),
        EVENTS.c.place <= bindparam("upto"),
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
            "new_version",
            "new_hash",
            "ours",
        ),
        page=_text(
            dialect,
            select(EVENTS.c.version, *(EVENTS.c[name] for name in _ENVELOPE)).where(*in_range).order_by(EVENTS.c.place),
            "after",
            "upto",
        ),
        hashes=_text(
            dialect,
            select(EVENTS.c.hash).where(*in_range).order_by(EVENTS.c.place),
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
