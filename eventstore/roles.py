"""What a role of the server needs to use a store, and no more.

The owner makes the store and upgrades it; the bot logs in as another role, a *writer*, which can add events and change
or delete none, whatever became of the guards; whoever only looks is a *reader*. With `psql`, as the server's
administrator (a database `perptape`, its owner, and the bot's role):

    CREATE ROLE perptape_owner LOGIN PASSWORD '...';
    CREATE ROLE bot LOGIN PASSWORD '...';
    CREATE DATABASE perptape OWNER perptape_owner;

and then `grant_writer(url of the store as its owner, "bot")`; after an upgrade of the store once more, which may have
brought new tables.
"""

from sqlalchemy import Connection

from perptape.eventstore.database import Database
from perptape.eventstore.errors import StoreUrlError
from perptape.eventstore.schema import require_current

_READER = (
    "GRANT USAGE ON SCHEMA {schema} TO {role}",
    "GRANT SELECT ON streams, heads, events, snapshots, segments, archives, imports TO {role}",
    "GRANT SELECT ON leases, alembic_version TO {role}",
)
_WRITER = (
    *_READER,
    "GRANT INSERT ON streams, heads, events, snapshots, segments, imports, leases TO {role}",
    "GRANT UPDATE (version, hash, epoch, sealed) ON heads TO {role}",
    "GRANT UPDATE, DELETE ON snapshots, imports, leases TO {role}",
    "GRANT USAGE ON SEQUENCE streams_id_seq TO {role}",
)
_BUSY_TIMEOUT_MS = 5_000


def grant_reader(url: str, role: str) -> None:
    """Let a role read the store. Raises StoreUrlError (no PostgreSQL) and the rest of StoreUnavailableError."""
    _grant(url, role, _READER)


def grant_writer(url: str, role: str) -> None:
    """Let a role read the store and add to it. Raises what `grant_reader` does."""
    _grant(url, role, _WRITER)


def _grant(url: str, role: str, rights: tuple[str, ...]) -> None:
    database = Database(url, _BUSY_TIMEOUT_MS)
    try:
        if database.engine.dialect.name != "postgresql":
            raise StoreUrlError(database.name, "roles exist only on PostgreSQL")
        with database.reading() as connection:
            require_current(connection, database.backend)
        with database.writing() as connection:
            quote = connection.dialect.identifier_preparer.quote_identifier
            names = {"schema": quote(_schema(connection)), "role": quote(role)}
            for right in rights:
                connection.exec_driver_sql(right.format(**names))
    finally:
        database.close()


def _schema(connection: Connection) -> str:
    return str(connection.exec_driver_sql("SELECT current_schema()").scalar_one())
