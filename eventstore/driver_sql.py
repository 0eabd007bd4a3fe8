"""Hot statements as the driver takes them: written in SQLAlchemy Core, compiled once, run on a bare cursor.

Core's own execution costs more per row than the row itself; compiling keeps the statements portable all the same.
"""

from typing import NamedTuple

from sqlalchemy import Dialect, bindparam, select
from sqlalchemy.sql.expression import ClauseElement

from perptape.eventstore.tables import EVENTS, HEADS, STREAMS

ENVELOPE_COLUMNS = ("type", "schema", "at_ns", "cause", "data", "hash")
"""The columns of `events` that hold an envelope's fields after its version, in their order."""


class ReadingSql(NamedTuple):
    """The statements that read events, each with its positional parameters in the order named."""

    page: str
    """after (a place), upto (a place) -> the fields of envelopes, in order"""
    hashes: str
    """after (a place), upto (a place) -> hashes, in order"""


def reading_sql(dialect: Dialect) -> ReadingSql:
    """The reading statements for a dialect with positional parameters."""
    in_range = (
        EVENTS.c.place > bindparam("after"),
        EVENTS.c.place <= bindparam("upto"),
    )
    envelopes = select(EVENTS.c.version, *(EVENTS.c[name] for name in ENVELOPE_COLUMNS))
    return ReadingSql(
        page=driver_text(dialect, envelopes.where(*in_range).order_by(EVENTS.c.place), "after", "upto"),
        hashes=driver_text(dialect, select(EVENTS.c.hash).where(*in_range).order_by(EVENTS.c.place), "after", "upto"),
    )


def head_text(dialect: Dialect) -> str:
    """A stream's name -> stream_id, version, hash, epoch of its head; locks the row where the database can."""
    statement = select(*HEADS.columns).join(STREAMS, STREAMS.c.id == HEADS.c.stream_id)
    return driver_text(dialect, statement.where(STREAMS.c.name == bindparam("name")).with_for_update(of=HEADS), "name")


def driver_text(dialect: Dialect, statement: ClauseElement, *order: str) -> str:
    """A statement as the driver takes it; `order` names its parameters as the caller gives them."""
    compiled = statement.compile(dialect=dialect)
    names = getattr(compiled, "positiontup", None)
    if names is None or (order and tuple(names) != order):
        raise AssertionError(f"{dialect.name} orders parameters as {names}, the store gives {order}")
    return str(compiled)
