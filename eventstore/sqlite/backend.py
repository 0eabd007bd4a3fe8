"""Everything that is particular to SQLite but appending: its files, its pragmas, its locks, its catalogue.

Durable means that a commit has reached the disk when it returns: a write-ahead log with `synchronous=FULL` makes one
sync per commit. (NORMAL makes none and loses acknowledged events at a power cut.)
"""

import sqlite3
import time
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, insert
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPICursor

from perptape.eventstore.backend import WRITES, Appender, Attempt
from perptape.eventstore.errors import NotAStoreError, StoreMissingError, StoreUnavailableError
from perptape.eventstore.probe import EVENT
from perptape.eventstore.sqlite.appending import BEGIN_WRITING, LOG_PAGES, SqliteAppender
from perptape.eventstore.sqlite.failures import store_error
from perptape.eventstore.sqlite.watching import SqliteWatch
from perptape.eventstore.tables import EVENTS
from perptape.eventstore.watch import Watch


class SqliteBackend:
    """A file."""

    driver_error: type[Exception] = sqlite3.Error
    guards = frozenset(
        {
            "events_refuse_update",
            "events_refuse_delete",
            "streams_refuse_delete",
            "streams_refuse_update",
            "heads_refuse_delete",
            "heads_refuse_rewind",
            "heads_refuse_sealed",
            "segments_refuse_update",
            "segments_refuse_delete",
            "archives_refuse_update",
            "archives_refuse_delete",
        }
    )
    # A REPLACE is a deletion to SQLite and seen by guards only on connections with `recursive_triggers`, which ours
    # are; a trigger on INSERT would stop other programs' too, but costs every append a sixth (measured). What a
    # foreign program does to the file, `verify` finds.
    attempts: tuple[Attempt, ...] = (
        Attempt(
            "an event can be replaced",
            insert(EVENTS).prefix_with("OR REPLACE", dialect="sqlite").values(EVENT),
            "events are immutable",
        ),
    )

    def __init__(self, url: URL, name: str) -> None:
        self.name = name
        self._url = url
        self._path = Path((url.database or "").removeprefix("file:"))
        self.archives: Path | None = self._path.parent / f"{self._path.name}.archives"

    def make_engine(self, busy_timeout_ms: int) -> Engine:
        """An engine whose every connection is durable, waits for locks, and lets guards see a REPLACE."""
        arguments = {"isolation_level": None, "timeout": busy_timeout_ms / 1000, "check_same_thread": False}
        engine = create_engine(self._url, connect_args=arguments)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
        return engine

    def make_appender(self, engine: Engine) -> Appender:
        """What appends to this database."""
        return SqliteAppender(engine.dialect, self.name)

    def make_watch(self, engine: Engine) -> Watch:
        """What notices that somebody wrote to this database."""
        return SqliteWatch(engine, self.name)

    def require_store(self) -> None:
        """Raise StoreMissingError or NotAStoreError unless there is a file that could be a store."""
        try:
            if not self._path.exists():
                raise StoreMissingError(self.name, "no such file; create a store with `perptape store init`")
            if not self._path.is_file():
                raise NotAStoreError(self.name, "not a file but a folder or device")
        except OSError as error:
            raise StoreMissingError(self.name, f"the file cannot be accessed: {error.strerror}") from error

    def require_place(self) -> None:
        """Raise StoreMissingError or NotAStoreError unless a store could be made there."""
        folder = self._path.parent
        try:
            if self._path.exists():
                self.require_store()
            elif not folder.is_dir():
                raise StoreMissingError(self.name, f"the folder {folder} does not exist; create it first")
        except OSError as error:
            raise StoreMissingError(self.name, f"the file cannot be created: {error.strerror}") from error

    def settle(self, connection: Connection) -> None:
        """Make the file keep a write-ahead log, which lets readers go on while a writer writes."""
        cursor = self.cursor(connection)
        cursor.execute("PRAGMA journal_mode")
        if cursor.fetchall()[0][0] != "wal":
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.fetchone()

    def lock_schema(self, connection: Connection) -> None:
        """Nothing is left to do: a writing connection's transaction holds the only write lock there is."""

    def cursor(self, connection: Connection) -> DBAPICursor:
        """The driver's own cursor."""
        return connection.connection.cursor()

    def now_ns(self, connection: Connection) -> int:  # noqa: ARG002 - a file has no clock of its own
        """The machine's clock: whoever writes to the file runs on the same machine."""
        return time.time_ns()

    def table_names(self, connection: Connection) -> set[str]:
        """The names of all tables in the database's catalogue."""
        return set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'table'").scalars())

    def guards_in_force(self, connection: Connection) -> set[str]:
        """The names of all triggers in the database's catalogue; SQLite cannot switch one off."""
        return set(connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars())

    def product(self, connection: Connection) -> str:  # noqa: ARG002 - a library, the same for every file
        """SQLite's version."""
        return f"SQLite {sqlite3.sqlite_version}"

    def size_bytes(self, connection: Connection) -> int:  # noqa: ARG002 - the files say it
        """The file and its write-ahead log."""
        files = (self._path, self._path.with_name(f"{self._path.name}-wal"))
        return sum(file.stat().st_size for file in files if file.exists())

    def worries(self, connection: Connection) -> tuple[str, ...]:
        """A journal in which a reader stops the writer."""
        mode = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        return (
            () if mode == "wal" else (f"it has no write-ahead log (journal_mode is {mode}), so readers block writers",)
        )

    def refused(self, error: BaseException | None, says: str) -> bool:
        """Whether this error is a guard's."""
        return isinstance(error, sqlite3.IntegrityError) and says in str(error)

    def store_error(self, error: BaseException | None) -> StoreUnavailableError:
        """What a driver's error means for the store."""
        return store_error(error, self.name)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    # Nothing here writes: the file may turn out to be somebody else's.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA recursive_triggers=ON")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")


def _begin(connection: Connection) -> None:
    # A transaction that takes the write lock only at its first write can fail in its middle.
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql(BEGIN_WRITING if writes else "BEGIN")
