"""Everything that is particular to PostgreSQL but appending: its locks, its catalogue, its guards.

Each store has a schema to itself: the first of the connection's search path (`public`, unless somebody says otherwise).
"""

from pathlib import Path

import psycopg
from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPICursor

from perptape.eventstore.backend import Appender, Attempt
from perptape.eventstore.errors import StoreUnavailableError
from perptape.eventstore.postgres.appending import PostgresAppender
from perptape.eventstore.postgres.connection import make_engine
from perptape.eventstore.postgres.failures import store_error
from perptape.eventstore.postgres.listening import PostgresWatch
from perptape.eventstore.probe import EVENT, SEALED
from perptape.eventstore.tables import EVENTS
from perptape.eventstore.watch import Watch

_SCHEMA_LOCK = 0x7065_7270
"""Any number, as long as nobody else's: `perp`."""

_TABLES = "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"

# O fires for everybody but replication, A for replication too; the others are switched off or for replication only.
_TRIGGERS = """
SELECT trigger.tgname
FROM pg_catalog.pg_trigger AS trigger
JOIN pg_catalog.pg_class AS guarded ON guarded.oid = trigger.tgrelid
JOIN pg_catalog.pg_namespace AS schema ON schema.oid = guarded.relnamespace
WHERE schema.nspname = current_schema() AND NOT trigger.tgisinternal AND trigger.tgenabled IN ('O', 'A')
"""

_NOW_US = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
"""The server's clock has microseconds."""

_SIZE = """
SELECT coalesce(sum(pg_catalog.pg_total_relation_size(class.oid)), 0)
FROM pg_catalog.pg_class AS class
JOIN pg_catalog.pg_namespace AS schema ON schema.oid = class.relnamespace
WHERE schema.nspname = current_schema() AND class.relkind = 'r'
"""

_WORRYING = {
    "fsync": "if the machine crashes, acknowledged events are lost",
    "full_page_writes": "if the machine crashes, a half-written page can destroy events",
}

_NO_RIGHTS = "42501"


def _truncate(what: str) -> TextClause:
    # It takes a lock that stops everybody, and everybody queues behind whoever waits for it: not for long.
    return text(f"SET LOCAL lock_timeout = '200ms'; TRUNCATE {what}")


class PostgresBackend:
    """A schema of a database on a server."""

    driver_error: type[Exception] = psycopg.Error
    guards = frozenset(
        {
            "events_refuse_update",
            "events_refuse_delete",
            "events_refuse_truncate",
            "streams_refuse_delete",
            "streams_refuse_update",
            "streams_refuse_truncate",
            "heads_refuse_delete",
            "heads_refuse_truncate",
            "heads_refuse_rewind",
            "heads_refuse_sealed",
            "segments_refuse_update",
            "segments_refuse_delete",
            "archives_refuse_update",
            "archives_refuse_delete",
            "segments_refuse_truncate",
            "archives_refuse_truncate",
        }
    )
    attempts: tuple[Attempt, ...] = (
        Attempt(
            "an event can be replaced",
            insert(EVENTS).values(EVENT).on_conflict_do_update(index_elements=["place"], set_={"data": b"{ }"}),
            "events are immutable",
        ),
        Attempt("all events can be deleted at once", _truncate("events"), "events are immutable"),
        Attempt("all streams can be deleted at once", _truncate("streams CASCADE"), "streams are immutable"),
        Attempt("all heads can be deleted at once", _truncate("heads"), "a stream keeps its head"),
        Attempt("the entries of all segments can be deleted at once", _truncate("segments"), SEALED),
        Attempt("the entries of all archives can be deleted at once", _truncate("archives"), SEALED),
    )

    def __init__(self, url: URL, name: str) -> None:
        self.name = name
        self.archives: Path | None = None
        self._url = url

    def make_engine(self, busy_timeout_ms: int) -> Engine:
        """An engine whose every connection is durable and waits so long for locks."""
        return make_engine(self._url, self.name, busy_timeout_ms)

    def make_appender(self, engine: Engine) -> Appender:
        """What appends to this database."""
        return PostgresAppender(engine.dialect, self.name)

    def make_watch(self, engine: Engine) -> Watch:
        """What notices that somebody wrote to this database."""
        return PostgresWatch(engine, self.name)

    def require_store(self) -> None:
        """Nothing shows without connecting."""

    def require_place(self) -> None:
        """Nothing shows without connecting."""

    def settle(self, connection: Connection) -> None:
        """Each connection brings its settings along; the database needs none."""

    def lock_schema(self, connection: Connection) -> None:
        """Let no other process make or upgrade this store until the transaction ends; take the time it takes."""
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_SCHEMA_LOCK}, hashtext(current_schema()))")

    def cursor(self, connection: Connection) -> DBAPICursor:
        """The driver's own cursor, which receives in binary: bytes come as they are, not as hexadecimal digits."""
        return connection.connection.cursor(binary=True)

    def now_ns(self, connection: Connection) -> int:
        """The server's clock, as it is now and not as it was when the transaction began."""
        return int(connection.exec_driver_sql(_NOW_US).scalar_one()) * 1_000

    def table_names(self, connection: Connection) -> set[str]:
        """The names of all tables in the store's schema."""
        return set(connection.exec_driver_sql(_TABLES).scalars())

    def guards_in_force(self, connection: Connection) -> set[str]:
        """The names of all triggers in the store's schema that are switched on."""
        return set(connection.exec_driver_sql(_TRIGGERS).scalars())

    def product(self, connection: Connection) -> str:
        """The server's version."""
        return f"PostgreSQL {connection.exec_driver_sql('SHOW server_version').scalar_one()}"

    def size_bytes(self, connection: Connection) -> int:
        """The tables of the store's schema with their indexes; the server's log is not the store's alone."""
        return int(connection.exec_driver_sql(_SIZE).scalar_one())

    def worries(self, connection: Connection) -> tuple[str, ...]:
        """Settings of the server that a connection cannot make good."""
        found = []
        for setting, risk in _WORRYING.items():
            if connection.exec_driver_sql(f"SHOW {setting}").scalar_one() == "off":
                found.append(f"the server runs with {setting} = off: {risk}")
        return tuple(found)

    def refused(self, error: BaseException | None, says: str) -> bool:
        """Whether this error is a guard's, or a lack of rights: what a user may not try needs no guard."""
        if isinstance(error, psycopg.IntegrityError):
            return says in str(error)
        return isinstance(error, psycopg.Error) and error.sqlstate == _NO_RIGHTS

    def store_error(self, error: BaseException | None) -> StoreUnavailableError:
        """What a driver's error means for the store."""
        return store_error(error, self.name)
