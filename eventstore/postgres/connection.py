"""Connections to PostgreSQL: durable, with time limits, and in one schema."""

from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL

from perptape.eventstore.backend import WRITES
from perptape.eventstore.errors import StoreMissingError
from perptape.eventstore.postgres.failures import connect_error, store_error

_STATEMENT_TIMEOUT_MS = 60_000
"""No statement of a store takes a second."""

# What libpq is told unless the URL says otherwise: a server that is gone is noticed within seconds, not hours.
_DEFAULTS: dict[str, Any] = {
    "connect_timeout": 5,
    "application_name": "perptape",
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}

# In the order of the parameters: whatever the role's or the database's defaults are, a commit is on the disk when it
# returns, and each statement sees what was committed before it. One schema holds one store: without that, a second
# schema in the search path could pass for the first.
_PREPARE = """
SELECT current_schema(),
       set_config('search_path', quote_ident(current_schema()) || ', pg_temp', false),
       set_config('synchronous_commit', 'on', false),
       set_config('default_transaction_isolation', 'read committed', false),
       set_config('lock_timeout', %s, false),
       set_config('statement_timeout', %s, false)
"""


def make_engine(url: URL, name: str, busy_timeout_ms: int) -> Engine:
    """An engine whose connections are in autocommit: appends are one statement, reads need no transaction."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"), paramstyle="format", pool_pre_ping=True, pool_size=2, max_overflow=8
    )
    limits = (f"{max(busy_timeout_ms, 1)}ms", f"{_STATEMENT_TIMEOUT_MS}ms")

    def connect(_dialect: object, _record: object, _positional: object, said: dict[str, Any]) -> psycopg.Connection:
        return _connect({**_DEFAULTS, **said, "client_encoding": "utf8"}, name, limits)

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "begin", _begin)
    return engine


def _connect(settings: dict[str, Any], name: str, limits: tuple[str, str]) -> psycopg.Connection:
    try:
        connection = psycopg.connect(autocommit=True, **settings)
    except psycopg.Error as error:  # not its context: there is the password
        raise connect_error(error, name, str(settings.get("password", ""))) from None
    try:
        _prepare(connection, name, limits)
    except BaseException:  # whatever it was, nothing may stay open
        connection.close()
        raise
    return connection


def _prepare(connection: psycopg.Connection, name: str, limits: tuple[str, str]) -> None:
    try:
        row = connection.execute(_PREPARE, limits).fetchone()
    except psycopg.Error as error:
        raise store_error(error, name) from error
    if row is None or row[0] is None:
        raise StoreMissingError(name, "the schema of its search_path does not exist; create it with CREATE SCHEMA")


def _begin(connection: Connection) -> None:
    if connection.get_execution_options().get(WRITES):
        connection.exec_driver_sql("BEGIN")
