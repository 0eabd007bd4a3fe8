"""A connection to the database: an engine, one connection that writes, and errors in the store's own terms."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from eventstore import sqlite
from eventstore.errors import StoreFailedError


class Database:
    """One store's database. Writers of one process take turns; readers use connections of their own."""

    def __init__(self, url: str, busy_timeout_ms: int) -> None:
        self.url = sqlite.parse_url(url)
        self.name = sqlite.redacted(url)
        self.engine = sqlite.make_engine(self.url, busy_timeout_ms)
        self._writer: Connection | None = None
        self._turn = Lock()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock; committed at the end, rolled back by an error."""
        with self._turn, self.errors():
            writer = self._writing_connection()
            with writer.begin():
                yield writer

    @contextmanager
    def appending(self) -> Iterator[DBAPICursor]:
        """As `writing`, on the driver's bare cursor: SQLAlchemy's own transaction costs as much as ten events."""
        with self._turn, self.errors():
            bare = self._writing_connection().connection
            cursor = bare.cursor()
            try:
                cursor.execute(sqlite.BEGIN_WRITING)
                yield cursor
                bare.commit()
            except BaseException:  # whatever it was, nothing may stay open or half done
                bare.rollback()
                raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries."""
        with self.errors(), self.engine.connect() as connection:
            yield connection

    def _writing_connection(self) -> Connection:
        if self._writer is None:
            self._writer = self.engine.connect().execution_options(**{sqlite.WRITES: True})
        return self._writer

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn errors of the database into the store's own."""
        try:
            yield
        except DBAPIError as error:
            raise sqlite.store_error(error.orig, self.name) from error
        except sqlite3.Error as error:
            raise sqlite.store_error(error, self.name) from error
        except SQLAlchemyError as error:
            raise StoreFailedError(self.name, f"the database cannot be used: {error}") from error

    def close(self) -> None:
        """Close every connection."""
        with self._turn:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            self.engine.dispose()


def driver_cursor(connection: Connection) -> DBAPICursor:
    """The driver's own cursor, inside the connection's transaction if there is one."""
    return connection.connection.cursor()
