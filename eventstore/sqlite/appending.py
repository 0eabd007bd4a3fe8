"""Appending to SQLite: take the write lock, move the head, write the rows, commit.

Where this process left the head the last time it is moved on at once, *if it is still there*, and what is to be written
is made before the lock is taken. For the first append of a process and for all that is not as remembered, the head is
read once the lock is held.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Dialect, bindparam, func, insert, literal_column, update
from sqlalchemy.engine.interfaces import DBAPICursor

from perptape.eventstore.driver_sql import ENVELOPE_COLUMNS, driver_text, head_text
from perptape.eventstore.envelope import EnvelopeLike, RecordLike
from perptape.eventstore.errors import StoreFailedError, StreamNotFoundError
from perptape.eventstore.head_row import HeadRow
from perptape.eventstore.place import place_of
from perptape.eventstore.tables import EVENTS, HEADS

BEGIN_WRITING = "BEGIN IMMEDIATE"
"""Begins a transaction that holds the write lock from its beginning."""

LOG_PAGES = 250
"""Pages in the write-ahead log at which SQLite moves them to the file, while appends are short.

A commit that makes the log longer takes nearly twice as long as one that writes over what was moved (measured: 390
against 215 µs), so the log is kept short; not so short that every hundredth append waits for the moving.
"""

_LOG_PAGES_OF_GROUPS = 1000
"""The same once appends are long: they fill pages so fast that moving them more often costs more than it gains."""

_ROWS_PER_INSERT = 20
"""The most rows in one INSERT: measured a fifth faster than one row each; more gain nothing."""

_COLUMNS = ("place", *ENVELOPE_COLUMNS)
_WIDTH = len(_COLUMNS)


class SqliteAppender:
    """Appends on the driver's bare cursor: SQLAlchemy's own transaction costs as much as ten events."""

    def __init__(self, dialect: Dialect, store: str) -> None:
        values: dict[str, object] = {name: None for name in _COLUMNS}  # noqa: C420 - `fromkeys` has a narrower type
        values["cause"] = func.nullif(bindparam(None, type_=EVENTS.c.cause.type), literal_column("0"))
        # What an INSERT that fails leaves behind goes with the transaction: SQLite need not be able to undo it alone.
        adding = insert(EVENTS).prefix_with("OR FAIL", dialect="sqlite").values(values)
        into, row = driver_text(dialect, adding).split(" VALUES ")
        moved = update(HEADS).values(version=bindparam("new_version"), hash=bindparam("new_hash"))
        self._inserts = [f"{into} VALUES {', '.join([row] * rows)}" for rows in range(_ROWS_PER_INSERT + 1)]
        """The statement for each number of rows."""
        self._find_head = head_text(dialect)
        left = ("stream_id", "version", "hash", "epoch")
        still = (HEADS.c.sealed.is_(False), *(HEADS.c[name] == bindparam(f"left_{name}") for name in left))
        names = ("new_version", "new_hash", *(f"left_{name}" for name in left))
        self._move_head = driver_text(dialect, moved.where(*still), *names)
        self._store = store
        self._left: dict[str, HeadRow] = {}
        self._groups = False
        """Whether there has been a long append over this connection."""

    def append(
        self, connection: Any, name: str, expected_version: int, records: Sequence[RecordLike], epoch: int | None
    ) -> HeadRow:
        """One append in a transaction of its own."""
        left = self._left.pop(name, None)
        envelopes: Sequence[EnvelopeLike] = ()
        if left is not None and left.takes(expected_version, epoch):
            envelopes = left.envelopes(name, expected_version, records, epoch)
        cursor = connection.cursor()
        try:
            cursor.execute(BEGIN_WRITING)
            moved = self._extended(cursor, left, envelopes) if left is not None and envelopes else None
            if moved is None:
                moved = self._found(cursor, name)
                if envelopes := moved.envelopes(name, expected_version, records, epoch):
                    moved = self.extend(cursor, moved, envelopes)
            connection.commit()
        except BaseException:  # whatever it was, nothing may stay open or half done
            connection.rollback()
            raise
        self._left[name] = moved
        return moved

    def extend(self, cursor: DBAPICursor, head: HeadRow, envelopes: Sequence[EnvelopeLike]) -> HeadRow:
        """Add envelopes after a head, inside the caller's transaction."""
        moved = self._extended(cursor, head, envelopes)
        if moved is None:
            raise StoreFailedError(self._store, "a stream's head changed while it was locked")
        return moved

    def forget(self) -> None:
        """Forget where streams were left, and what is set on the connection."""
        self._left.clear()
        self._groups = False

    def _found(self, cursor: DBAPICursor, name: str) -> HeadRow:
        cursor.execute(self._find_head, (name,))
        row = cursor.fetchone()
        if row is None:
            raise StreamNotFoundError(name)
        return HeadRow(*row)

    def _extended(self, cursor: DBAPICursor, head: HeadRow, envelopes: Sequence[EnvelopeLike]) -> HeadRow | None:
        """The head's row after the envelopes were added; None, and nothing added, when the head is elsewhere."""
        moved = head.after(envelopes[-1])
        stream_id, version, digest, epoch, _ = head
        to = (moved.version, bytearray(moved.hash), stream_id, version, bytearray(digest), epoch)
        cursor.execute(self._move_head, to)
        if not cursor.rowcount:
            return None
        values = _parameters(stream_id, envelopes)
        wide = _WIDTH * _ROWS_PER_INSERT
        rest = len(values) % wide
        whole = len(values) - rest
        if whole:
            if not self._groups:
                cursor.execute(f"PRAGMA wal_autocheckpoint={_LOG_PAGES_OF_GROUPS}")
                self._groups = True
            cursor.executemany(self._inserts[-1], [values[at : at + wide] for at in range(0, whole, wide)])
        if rest:
            cursor.execute(self._inserts[rest // _WIDTH], values[whole:])
        return moved


def _parameters(stream_id: int, envelopes: Sequence[EnvelopeLike]) -> list[object]:
    """The values of all rows, one after another, of types that the driver binds at once.

    For anything but numbers, text and bytearrays Python's driver first looks for an adapter, which takes longer than
    storing the value (measured: a third of a microsecond for `bytes`, a fifth for None). Hence the copies, and 0 for no
    cause, of which the statement makes NULL.
    """
    before = place_of(stream_id, 0)
    values: list[object] = []
    for version, kind, schema, at_ns, cause, data, digest in envelopes:
        values += (before + version, kind, schema, at_ns, cause or 0, bytearray(data), bytearray(digest))
    return values
