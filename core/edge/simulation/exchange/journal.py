"""The journal: what was asked of the exchange and what it did to the account, durable before anyone is told.

A row holds the time, the feed position, the kind, the client order id and the request or report as JSON. A request
and the reports it causes at once are one transaction. The market is not journaled: the digest of its input is.
"""

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from perptape.core.edge.simulation.exchange.errors import JournalMismatchError, JournalUnusableError

Synchronous = Literal["FULL", "NORMAL"]
"""FULL outlives a power cut; NORMAL outlives a killed process and costs no sync per row."""

_TABLES = (
    "CREATE TABLE IF NOT EXISTS origin (digest TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS journal (number INTEGER PRIMARY KEY, at_ns INTEGER NOT NULL, seq INTEGER NOT NULL,
    kind TEXT NOT NULL, client_order_id TEXT NOT NULL, payload BLOB NOT NULL)""",
)
_APPEND = "INSERT INTO journal (at_ns, seq, kind, client_order_id, payload) VALUES (?, ?, ?, ?, ?)"
_READ = "SELECT at_ns, seq, kind, client_order_id, payload FROM journal ORDER BY number"
_DROP = "DELETE FROM journal WHERE number IN (SELECT number FROM journal ORDER BY number DESC LIMIT ?)"


class Row(NamedTuple):
    """One entry. `seq` is the message's own for a report, and that of the last message taken for a request."""

    at_ns: int
    seq: int
    kind: str
    client_order_id: str
    payload: bytes


class Journal(Protocol):
    """Where the exchange keeps its rows."""

    def rows(self) -> Sequence[Row]:
        """Every row, in the order of writing."""
        ...

    def append(self, rows: Sequence[Row]) -> None:
        """Make the rows durable, all or none."""

    def drop_newest(self, count: int) -> None:
        """Take back that many of the newest rows, all or none."""

    def close(self) -> None:
        """Let go of what it holds."""


class MemoryJournal:
    """A journal that lives as long as its process; handing it to a second exchange simulates a restart."""

    def __init__(self) -> None:
        self._rows: list[Row] = []

    def rows(self) -> Sequence[Row]:
        """Every row, in the order of writing."""
        return tuple(self._rows)

    def append(self, rows: Sequence[Row]) -> None:
        """Keep the rows."""
        self._rows.extend(rows)

    def drop_newest(self, count: int) -> None:
        """Take back the newest rows."""
        del self._rows[len(self._rows) - count :]

    def close(self) -> None:
        """Nothing is held."""


class SqliteJournal:
    """A journal in a SQLite file in WAL mode."""

    def __init__(self, path: Path, digest: str, synchronous: Synchronous = "FULL") -> None:
        """Open or create it; `digest` says what it belongs to.

        Raises JournalMismatchError when it belongs to something else, JournalUnusableError when it cannot be opened.
        """
        self._path = path
        try:
            self._connection = sqlite3.connect(path, isolation_level=None)
        except (sqlite3.Error, ValueError) as error:
            raise self._unusable("open", error) from error
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute(f"PRAGMA synchronous={synchronous}")
            for statement in _TABLES:
                self._connection.execute(statement)
            self._connection.execute("INSERT INTO origin SELECT ? WHERE NOT EXISTS (SELECT 1 FROM origin)", (digest,))
            [(written,)] = self._connection.execute("SELECT digest FROM origin").fetchall()
        except (sqlite3.Error, ValueError) as error:
            self.close()
            raise self._unusable("open", error) from error
        if written != digest:
            self.close()
            raise JournalMismatchError(
                f"{path}: the journal belongs to other settings or another market input ({written[:12]}, "
                f"now {digest[:12]}); use the same ones, or name a new journal"
            )

    def rows(self) -> Sequence[Row]:
        """Every row, in the order of writing."""
        try:
            return [Row(*row) for row in self._connection.execute(_READ)]
        except sqlite3.Error as error:
            raise self._unusable("read", error) from error

    def append(self, rows: Sequence[Row]) -> None:
        """Make the rows durable in one transaction."""
        execute = self._connection.execute
        try:
            if len(rows) == 1:
                execute(_APPEND, rows[0])
                return
            execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(_APPEND, rows)
                execute("COMMIT")
            except sqlite3.Error:
                # A failed commit may have ended the transaction already.
                if self._connection.in_transaction:
                    execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._unusable("write", error) from error

    def drop_newest(self, count: int) -> None:
        """Take back the newest rows in one transaction."""
        try:
            self._connection.execute(_DROP, (count,))
        except sqlite3.Error as error:
            raise self._unusable("write", error) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _unusable(self, verb: str, error: Exception) -> JournalUnusableError:
        return JournalUnusableError(
            f"{self._path}: cannot {verb} the exchange's journal ({error}); check the path, the rights and the disk"
        )
