"""What the store asks of a kind of database: all that SQLite and PostgreSQL do in ways of their own.

Everything else in this package is written once, for both. `perptape.eventstore.backends` chooses one by a URL's scheme.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql.expression import Executable

from perptape.eventstore.envelope import EnvelopeLike, RecordLike
from perptape.eventstore.errors import StoreUnavailableError
from perptape.eventstore.head_row import HeadRow
from perptape.eventstore.watch import Watch

WRITES = "eventstore_writes"
"""Execution option of the connection that writes."""


class Attempt(NamedTuple):
    """A change that a guard must stop."""

    hole: str
    """What somebody could do if it were not stopped."""
    change: Executable
    says: str
    """Part of the guard's own words: another refusal would prove nothing about the guard."""


class Appender(Protocol):
    """Puts events after a head. It may remember heads from one append to the next."""

    def append(
        self, connection: Any, name: str, expected_version: int, records: Sequence[RecordLike], epoch: int | None
    ) -> HeadRow:
        """One append in a transaction of its own, over the driver's bare connection; returns the new head's row.

        Raises StreamNotFoundError, FencedError, ConflictError (for a repeated append, too), InvalidRecordError and
        the driver's errors.
        """
        ...

    def extend(self, cursor: DBAPICursor, head: HeadRow, envelopes: Sequence[EnvelopeLike]) -> HeadRow:
        """Add envelopes after a head of the caller's own making, inside the caller's transaction."""
        ...

    def forget(self) -> None:
        """Forget what is remembered: the connection was lost."""
        ...


class Backend(Protocol):
    """One database of one kind."""

    name: str
    """The URL without credentials, for messages."""
    archives: Path | None
    """The folder of the store's archives: what the URL's `archives` says, or beside a file; None for no place."""
    guards: frozenset[str]
    """Names of the triggers that every store has."""
    attempts: tuple[Attempt, ...]
    """Changes that only this kind of database knows and that its guards must stop."""
    driver_error: type[Exception]
    """What the driver raises."""

    def make_engine(self, busy_timeout_ms: int) -> Engine:
        """An engine whose every commit on a writing connection is durable, and whose writes wait only so long."""
        ...

    def make_appender(self, engine: Engine) -> Appender:
        """What appends to this database."""
        ...

    def make_watch(self, engine: Engine) -> Watch:
        """What notices that somebody wrote to this database, over a connection of its own."""
        ...

    def require_store(self) -> None:
        """Raise StoreMissingError or NotAStoreError where it shows without connecting that no store is there."""
        ...

    def require_place(self) -> None:
        """Raise StoreMissingError or NotAStoreError where it shows without connecting that none could be made."""
        ...

    def settle(self, connection: Connection) -> None:
        """Bring a store's database into the mode in which the store uses it, outside any transaction."""
        ...

    def lock_schema(self, connection: Connection) -> None:
        """Let no other process make or upgrade this store until the transaction ends."""
        ...

    def cursor(self, connection: Connection) -> DBAPICursor:
        """The driver's own cursor, in its fastest form, inside the connection's transaction if there is one."""
        ...

    def now_ns(self, connection: Connection) -> int:
        """What time it is for everybody who writes to this database: nanoseconds since the epoch, UTC."""
        ...

    def table_names(self, connection: Connection) -> set[str]:
        """The names of all tables in the store's place."""
        ...

    def guards_in_force(self, connection: Connection) -> set[str]:
        """The names of all triggers in the catalogue that are switched on."""
        ...

    def product(self, connection: Connection) -> str:
        """The database's name and version."""
        ...

    def size_bytes(self, connection: Connection) -> int:
        """What the store takes on the disk."""
        ...

    def worries(self, connection: Connection) -> tuple[str, ...]:
        """Settings of the database under which acknowledged events could be lost, each as a sentence."""
        ...

    def refused(self, error: BaseException | None, says: str) -> bool:
        """Whether this error is a guard's, in its own words, or a plain lack of rights."""
        ...

    def store_error(self, error: BaseException | None) -> StoreUnavailableError:
        """What a driver's error means for the store; StoreLostError when the connection is gone."""
        ...
