"""Appending to PostgreSQL: one statement and one round trip, as long as nobody else writes to the stream.

The statement moves the head *if it is still the one this process left there* and, if so, adds the rows: a transaction
of its own, in which the update locks the head's row. Locking the row first (`SELECT ... FOR UPDATE`), then writing,
then committing takes three round trips and half the throughput (measured, also with psycopg's pipelines); it is the
way for the first append of a process and for all that is not as remembered.
"""

from collections.abc import Sequence
from functools import cache
from itertools import chain
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.engine.interfaces import DBAPICursor

from perptape.eventstore.driver_sql import ENVELOPE_COLUMNS, head_text
from perptape.eventstore.envelope import EnvelopeLike, RecordLike
from perptape.eventstore.errors import StoreFailedError, StreamNotFoundError
from perptape.eventstore.head_row import HeadRow
from perptape.eventstore.place import place_of
from perptape.eventstore.postgres.listening import Notifier

_COLUMNS = ("place", *ENVELOPE_COLUMNS)
_TYPES = ("bigint", "text", "integer", "bigint", "bigint", "bytea", "bytea")

_FEW = 4
"""Up to so many rows a list of values is faster, above it an array for each column (measured)."""

_APPEND = f"""
WITH moved AS (
    UPDATE heads SET version = %b, hash = %b
    WHERE stream_id = %b AND version = %b AND hash = %b AND epoch = %b AND NOT sealed
    RETURNING stream_id
)
INSERT INTO events ({", ".join(_COLUMNS)}) SELECT added.* FROM moved, {{rows}} AS added
"""
_ARRAYS = _APPEND.format(rows=f"unnest({', '.join(f'%b::{kind}[]' for kind in _TYPES)})")


@cache
def _values(count: int) -> str:
    row = f"({', '.join(f'%b::{kind}' for kind in _TYPES)})"
    return _APPEND.format(rows=f"(VALUES {', '.join([row] * count)})")


class PostgresAppender:
    """Appends over a bare connection of psycopg's in autocommit, and remembers where it left each stream."""

    def __init__(self, dialect: Dialect, store: str) -> None:
        self._find_head = head_text(dialect)
        self._store = store
        self._left: dict[str, HeadRow] = {}
        self._notifier = Notifier()

    def append(
        self, connection: Any, name: str, expected_version: int, records: Sequence[RecordLike], epoch: int | None
    ) -> HeadRow:
        """One append in a transaction of its own."""
        left = self._left.pop(name, None)
        moved: HeadRow | None = None
        if left is not None and records and left.takes(expected_version, epoch):
            envelopes = left.envelopes(name, expected_version, records, epoch)
            moved = _extended(connection.cursor(), left, envelopes)
        if moved is None:
            moved = self._append_locked(connection, name, expected_version, records, epoch)
        self._left[name] = moved
        if records:
            self._notifier.notify(connection)
        return moved

    def extend(self, cursor: DBAPICursor, head: HeadRow, envelopes: Sequence[EnvelopeLike]) -> HeadRow:
        """Add envelopes after a head, inside the caller's transaction."""
        moved = _extended(cursor, head, envelopes)
        if moved is None:
            raise StoreFailedError(self._store, "a stream's head changed while it was locked")
        return moved

    def forget(self) -> None:
        """Forget where streams were left."""
        self._left.clear()

    def _append_locked(
        self, connection: Any, name: str, expected_version: int, records: Sequence[RecordLike], epoch: int | None
    ) -> HeadRow:
        with connection.transaction():
            cursor = connection.cursor()
            row = cursor.execute(self._find_head, (name,)).fetchone()
            if row is None:
                raise StreamNotFoundError(name)
            head = HeadRow(*row)
            envelopes = head.envelopes(name, expected_version, records, epoch)
            return self.extend(cursor, head, envelopes) if envelopes else head


def _extended(cursor: Any, head: HeadRow, envelopes: Sequence[EnvelopeLike]) -> HeadRow | None:
    """The head's row after the envelopes were added; None when the head is no longer there, and nothing was added."""
    moved = head.after(envelopes[-1])
    place = place_of(head.stream_id, envelopes[0][0])
    rows: list[object]
    if len(envelopes) <= _FEW:
        statement = _values(len(envelopes))
        rows = list(chain.from_iterable(envelopes))
        rows[:: len(_COLUMNS)] = range(place, place + len(envelopes))
    else:
        statement = _ARRAYS
        rows = [list(column) for column in zip(*envelopes, strict=True)]
        rows[0] = list(range(place, place + len(envelopes)))
    cursor.execute(statement, (moved.version, moved.hash, *head[:4], *rows))
    return moved if cursor.rowcount else None
