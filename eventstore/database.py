"""A connection to the database: an engine, one connection that writes, and errors in the store's own terms."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from perptape.eventstore.backend import WRITES
from perptape.eventstore.backends import backend_of
from perptape.eventstore.envelope import RecordLike
from perptape.eventstore.errors import StoreFailedError, StoreLostError, StoreUnavailableError
from perptape.eventstore.stream import Head
from perptape.eventstore.watch import Watch


class Database:
    """One store's database. Writers of one process take turns; readers use connections of their own."""

    def __init__(self, url: str, busy_timeout_ms: int) -> None:
        self.backend = backend_of(url)
        self.name = self.backend.name
        self.engine = self.backend.make_engine(busy_timeout_ms)
        self.appender = self.backend.make_appender(self.engine)
        self._failures = (self.backend.driver_error, SQLAlchemyError)
        self._writer: Connection | None = None
        self._turn = Lock()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that takes its locks before it reads; committed at the end, rolled back by an error."""
        with self._writing_connection() as writer, writer.begin():
            yield writer

    def append(self, stream: str, expected_version: int, records: Sequence[RecordLike], *, epoch: int | None) -> Head:
        """Add the records in a transaction of their own. Raises what the appender does, and StoreUnavailableError.

        It does what `writing` does, without its context managers: they take as long as storing several events.
        """
        with self._turn:
            try:
                driver = self._the_writer().connection.driver_connection
                return self.appender.append(driver, stream, expected_version, records, epoch).head()
            except self._failures as error:
                raise self._failed_writing(error) from error

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for queries."""
        with self._errors(), self.engine.connect() as connection:
            try:
                yield connection
            except self.backend.driver_error as error:
                if isinstance(self.backend.store_error(error), StoreLostError):
                    connection.invalidate()
                raise

    def watch(self) -> Watch:
        """Begin to watch for what is written, over a connection of its own, which its user closes."""
        with self._errors():
            return self.backend.make_watch(self.engine)

    def close(self) -> None:
        """Close every connection."""
        with self._turn:
            self._close_writer()
            self.engine.dispose()

    @contextmanager
    def _writing_connection(self) -> Iterator[Connection]:
        with self._turn:
            try:
                yield self._the_writer()
            except self._failures as error:
                raise self._failed_writing(error) from error

    def _the_writer(self) -> Connection:
        if self._writer is None:
            self._writer = self.engine.connect().execution_options(**{WRITES: True})
        return self._writer

    def _close_writer(self) -> None:
        self.appender.forget()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    @contextmanager
    def _errors(self) -> Iterator[None]:
        """Turn errors of the database into the store's own."""
        try:
            yield
        except self._failures as error:
            raise self._store_error(error) from error

    def _failed_writing(self, error: Exception) -> StoreUnavailableError:
        """The store's own error; a writer that was lost is not used again."""
        found = self._store_error(error)
        if isinstance(found, StoreLostError):
            if self._writer is not None:
                self._writer.invalidate()
            self._close_writer()
        return found

    def _store_error(self, error: Exception) -> StoreUnavailableError:
        if isinstance(error, DBAPIError):
            return self.backend.store_error(error.orig)
        if isinstance(error, SQLAlchemyError):
            return StoreFailedError(self.name, f"the database cannot be used: {error}")
        return self.backend.store_error(error)
