"""Appending to SQLite: take the write lock, read the head, write the rows, move the head, commit."""

from collections.abc import Sequence
from itertools import chain
from typing import Any

from sqlalchemy import Dialect, bindparam, insert, update
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
"""Rows in one INSERT of a longer append: measured a fifth faster than one row each; more gain nothing."""

_COLUMNS_PER_ROW = 1 + len(ENVELOPE_COLUMNS)


class SqliteAppender:
    """Appends on the driver's bare cursor: SQLAlchemy's own transaction costs as much as ten events."""

    def __init__(self, dialect: Dialect) -> None:
        row = dict.fromkeys(("place", *ENVELOPE_COLUMNS))
        moved = update(HEADS).values(version=bindparam("new_version"), hash=bindparam("new_hash"))
        self._find_head = head_text(dialect)
        self._insert_one = driver_text(dialect, insert(EVENTS).values(row))
        self._insert_many = driver_text(dialect, insert(EVENTS).values([row] * _ROWS_PER_INSERT))
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
        values: list[object] = list(chain.from_iterable(envelopes))
        place = place_of(head.stream_id, envelopes[0][0])
        values[::_COLUMNS_PER_ROW] = range(place, place + len(envelopes))
        wide = _COLUMNS_PER_ROW * _ROWS_PER_INSERT
        whole = len(values) - len(values) % wide
        if whole:
            cursor.executemany(self._insert_many, [values[at : at + wide] for at in range(0, whole, wide)])
        for at in range(whole, len(values), _COLUMNS_PER_ROW):
            cursor.execute(self._insert_one, values[at : at + _COLUMNS_PER_ROW])
        moved = head.after(envelopes[-1])
        cursor.execute(self._move_head, (moved.version, moved.hash, head.stream_id))
        return moved

    def forget(self) -> None:
        """Nothing is remembered."""
