"""SQLite's error codes in the store's own terms."""

import sqlite3

from perptape.eventstore.errors import (
    NotAStoreError,
    StoreBusyError,
    StoreFailedError,
    StoreFullError,
    StoreMissingError,
    StoreReadOnlyError,
    StoreUnavailableError,
)

_ERRORS: dict[int, tuple[type[StoreUnavailableError], str]] = {
    sqlite3.SQLITE_BUSY: (StoreBusyError, "another process is writing to it; try again, or stop that process"),
    sqlite3.SQLITE_LOCKED: (StoreBusyError, "another connection is writing to it; try again"),
    sqlite3.SQLITE_READONLY: (
        StoreReadOnlyError,
        "it cannot be written; check the permissions of the file and its folder",
    ),
    sqlite3.SQLITE_FULL: (StoreFullError, "the disk is full; free some space and try again"),
    sqlite3.SQLITE_NOTADB: (NotAStoreError, "the file is not an SQLite database"),
    sqlite3.SQLITE_CANTOPEN: (
        StoreMissingError,
        "the file cannot be opened; check the permissions of the file and its folder",
    ),
    sqlite3.SQLITE_PERM: (StoreMissingError, "access to the file was denied; check its permissions"),
    sqlite3.SQLITE_CONSTRAINT: (
        StoreFailedError,
        "it contains a row that its streams do not account for; examine it with `perptape store check`",
    ),
    sqlite3.SQLITE_CORRUPT: (StoreFailedError, "the file is damaged; restore it from a backup"),
    # What cannot grow beside the file (its shared memory) or in it is not told as a full disk.
    sqlite3.SQLITE_IOERR_SHMSIZE: (
        StoreFullError,
        "there is no space for the files next to the database; free some space and try again",
    ),
    sqlite3.SQLITE_IOERR_WRITE: (StoreFullError, "it cannot grow; free some space, or raise the quota, and try again"),
    sqlite3.SQLITE_IOERR: (StoreFailedError, "the disk failed while reading or writing"),
}


def store_error(error: BaseException | None, store: str) -> StoreUnavailableError:
    """What a driver's error means for the store of this name."""
    code = getattr(error, "sqlite_errorcode", 0)
    found = _ERRORS.get(code) or _ERRORS.get(code & 0xFF)
    kind, problem = found or (StoreFailedError, f"the database refused: {error}")
    return kind(store, problem)
