"""Everything that is particular to SQLite: its files, its pragmas, its locks, its errors, its catalogue.

Durable means that a commit has reached the disk when it returns: a write-ahead log with `synchronous=FULL` makes one
sync per commit. (NORMAL makes none and loses acknowledged events at a power cut.)
"""

import re
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from eventstore.errors import (
    NotAStoreError,
    StoreBusyError,
    StoreFailedError,
    StoreFullError,
    StoreMissingError,
    StoreReadOnlyError,
    StoreUnavailableError,
    StoreUrlError,
)

BEGIN_WRITING = "BEGIN IMMEDIATE"
"""Begins a transaction that holds the write lock from its beginning."""

WRITES = "eventstore_writes"
"""Execution option of connections whose transactions take the write lock at their beginning."""

_SECRET = re.compile(r"(?<=://)[^/@]*@|(?<=password=)[^&]*")

_ERRORS: dict[int, tuple[type[StoreUnavailableError], str]] = {
    sqlite3.SQLITE_BUSY: (StoreBusyError, "another process is writing to it; try again, or stop that process"),
    sqlite3.SQLITE_LOCKED: (StoreBusyError, "another connection is writing to it; try again"),
    sqlite3.SQLITE_READONLY: (StoreReadOnlyError, "it cannot be written; check the permissions of file and folder"),
    sqlite3.SQLITE_FULL: (StoreFullError, "the disk is full; free some space and try again"),
    sqlite3.SQLITE_NOTADB: (NotAStoreError, "the file is not an SQLite database"),
    sqlite3.SQLITE_CANTOPEN: (StoreMissingError, "the file cannot be opened; check the permissions of file and folder"),
    sqlite3.SQLITE_PERM: (StoreMissingError, "the file may not be opened; check its permissions"),
    sqlite3.SQLITE_CONSTRAINT: (
        StoreFailedError,
        "it holds a row where its streams say that there is none; look at it with `perptape store check`",
    ),
    sqlite3.SQLITE_CORRUPT: (StoreFailedError, "the file is damaged; restore it from a backup"),
    sqlite3.SQLITE_IOERR: (StoreFailedError, "the disk failed while reading or writing"),
}


def parse_url(url: str) -> URL:
    """The URL of a store in a file. Raises StoreUrlError."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreUrlError(redacted(url), "this is not a URL; a store in a file is sqlite:///FILE") from None
    if parsed.get_backend_name() != "sqlite":
        raise StoreUrlError(redacted(url), "only SQLite stores can be used: sqlite:///FILE")
    if not parsed.database or parsed.database == ":memory:":
        raise StoreUrlError(redacted(url), "it names no file, and a store must outlive its process: sqlite:///FILE")
    return parsed


def redacted(url: str) -> str:
    """The URL without user, password and line breaks, for messages."""
    return _SECRET.sub("***", " ".join(url.split()))


def file_of(url: URL) -> Path:
    """The file that holds the store, also when the URL hands SQLite a `file:` URI."""
    return Path((url.database or "").removeprefix("file:"))


def require_file(url: URL) -> None:
    """Raise StoreMissingError or NotAStoreError unless there is a file that could be a store."""
    path, store = file_of(url), redacted(str(url))
    try:
        if not path.exists():
            raise StoreMissingError(store, "there is no such file; make a store with `perptape store init`")
        if not path.is_file():
            raise NotAStoreError(store, "this is a folder or a device, not a file")
    except OSError as error:
        raise StoreMissingError(store, f"the file cannot be looked at: {error.strerror}") from error


def require_place(url: URL) -> None:
    """Raise StoreMissingError or NotAStoreError unless a store could be made there."""
    path, store = file_of(url), redacted(str(url))
    try:
        if path.exists():
            require_file(url)
        elif not path.parent.is_dir():
            raise StoreMissingError(store, f"the folder {path.parent} does not exist; make it first")
    except OSError as error:
        raise StoreMissingError(store, f"the file cannot be made: {error.strerror}") from error


def make_engine(url: URL, busy_timeout_ms: int) -> Engine:
    """An engine whose every connection is durable, waits for locks, and lets guards see a REPLACE."""
    engine = create_engine(
        url, connect_args={"isolation_level": None, "timeout": busy_timeout_ms / 1000, "check_same_thread": False}
    )

    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        # Nothing here writes: the file may turn out to be somebody else's.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA recursive_triggers=ON")
        connection.execute("PRAGMA foreign_keys=ON")

    def begin(connection: Connection) -> None:
        # A transaction that takes the write lock only at its first write can fail in its middle.
        writes = connection.get_execution_options().get(WRITES)
        connection.exec_driver_sql(BEGIN_WRITING if writes else "BEGIN")

    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def use_write_ahead_log(cursor: Any) -> None:
    """Make the file keep a write-ahead log, which lets readers go on while a writer writes."""
    cursor.execute("PRAGMA journal_mode")
    if cursor.fetchone()[0] != "wal":
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.fetchone()


def trigger_names(connection: Connection) -> set[str]:
    """The names of all triggers in the database's catalogue."""
    return set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars())


def table_names(connection: Connection) -> set[str]:
    """The names of all tables in the database's catalogue."""
    return set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())


def store_error(error: BaseException | None, store: str) -> StoreUnavailableError:
    """What a driver's error means for the store. `store` is its redacted URL."""
    code = getattr(error, "sqlite_errorcode", 0)
    kind, problem = _ERRORS.get(code & 0xFF, (StoreFailedError, f"the database refused: {error}"))
    return kind(store, problem)
