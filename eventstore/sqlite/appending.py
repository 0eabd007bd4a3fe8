"""Appending to SQLite: take the write lock, read the head, write the rows, move the head, commit."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Dialect, bindparam, func, insert, literal_column, update
from sqlalchemy.engine.interfaces import DBAPICursor

from eventstore.driver_sql import ENVELOPE_COLUMNS, driver_text, head_text
from eventstore.envelope import EnvelopeLike, RecordLike
from eventstore.errors import StreamNotFoundError
from eventstore.head_row import HeadRow
from eventstore.place import place_of
from eventstore.tables import EVENTS, HEADS

BEGIN_WRITING = "BEGIN IMMEDIATE"
"""Begins a transaction that holds the write lock from its beginning."""

_ROWS_PER_INSERT = 20
"""The most rows in one INSERT: measured a fifth faster than one row each; more gain nothing."""

_COLUMNS = ("place", *ENVELOPE_COLUMNS)
_WIDTH = len(_COLUMNS)
_CAUSE, _DATA, _HASH = (_COLUMNS.index(name) for name in ("cause", "data", "hash"))


class SqliteAppender:
    """Appends on the driver's bare cursor: SQLAlchemy's own transaction costs as much as ten events."""

    def __init__(self, dialect: Dialect) -> None:
        values: dict[str, object] = dict.fromkeys(_COLUMNS)
        values["cause"] = func.nullif(bindparam(None, type_=EVENTS.c.cause.type), literal_column("0"))
        # What an INSERT that fails leaves behind goes with the transaction: SQLite need not be able to undo it alone.
        adding = insert(EVENTS).prefix_with("OR FAIL", dialect="sqlite").values(values)
        into, row = driver_text(dialect, adding).split(" VALUES ")
        moved = update(HEADS).values(version=bindparam("new_version"), hash=bindparam("new_hash"))
        self._inserts = [f"{into} VALUES {', '.join([row] * rows)}" for rows in range(_ROWS_PER_INSERT + 1)]
        """The statement for each number of rows."""
        self._find_head = head_text(dialect)
        self._move_head = driver_text(
            dialect, moved.where(HEADS.c.stream_id == bindparam("ours")), "new_version", "new_hash", "ours"
        )

    def append(
        self, connection: Any, name: str, expected_version: int, records: Sequence[RecordLike], epoch: int | None
    ) -> HeadRow:
        """One append in a transaction of its own."""
        cursor = connection.cursor()
        try:
            cursor.execute(BEGIN_WRITING)
            cursor.execute(self._find_head, (name,))
            row = cursor.fetchone()
            if row is None:
                raise StreamNotFoundError(name)
            head = HeadRow(*row)
            if envelopes := head.envelopes(name, expected_version, records, epoch):
                head = self.extend(cursor, head, envelopes)
            connection.commit()
        except BaseException:  # whatever it was, nothing may stay open or half done
            connection.rollback()
            raise
        return head

    def extend(self, cursor: DBAPICursor, head: HeadRow, envelopes: Sequence[EnvelopeLike]) -> HeadRow:
        """Add envelopes after a head, inside the caller's transaction."""
        values = _parameters(head.stream_id, envelopes)
        wide = _WIDTH * _ROWS_PER_INSERT
        rest = len(values) % wide
        whole = len(values) - rest
        if whole:
            cursor.executemany(self._inserts[-1], [values[at : at + wide] for at in range(0, whole, wide)])
        if rest:
            cursor.execute(self._inserts[rest // _WIDTH], values[whole:])
        moved = head.after(envelopes[-1])
        cursor.execute(self._move_head, (moved.version, moved.hash, head.stream_id))
        return moved

    def forget(self) -> None:
        """Nothing is remembered."""


def _parameters(stream_id: int, envelopes: Sequence[EnvelopeLike]) -> list[Any]:
    """The values of all rows, one after another, of types that the driver binds at once.

    For anything but numbers, text and bytearrays Python's driver first looks for an adapter, which takes longer than
    storing the value (measured: a third of a microsecond for `bytes`, a fifth for None). Hence the copies, and 0 for no
    cause, of which the statement makes NULL.
    """
    values: list[Any] = list(chain.from_iterable(envelopes))
    place = place_of(stream_id, envelopes[0][0])
    values[::_WIDTH] = range(place, place + len(envelopes))
    values[_CAUSE::_WIDTH] = [cause or 0 for cause in values[_CAUSE::_WIDTH]]
    for column in (_DATA, _HASH):
        values[column::_WIDTH] = map(bytearray, values[column::_WIDTH])
    return values
