"""The schema of a store: made and upgraded by the migrations, and checked at every opening without them.

Alembic is imported only to make or upgrade a store; opening one reads its revision with one query.
"""

from importlib.resources import files

from sqlalchemy import Connection

from perptape.eventstore.backend import Backend
from perptape.eventstore.database import Database
from perptape.eventstore.errors import NotAStoreError, StoreOutdatedError, StoreTooNewError
from perptape.eventstore.guards import prove_guards

REVISIONS = ("0001", "0002", "0003")
"""Every revision of the schema, oldest first; the last is the one this release uses."""

SCRIPTS = str(files("perptape.migrations"))
"""The folder of the migrations."""

_BUSY_TIMEOUT_MS = 5_000


def initialise(url: str) -> None:
    """Make a store, or leave one that is up to date as it is.

    Raises StoreUrlError, StoreMissingError (no such folder), NotAStoreError (a database of something else) and
    StoreOutdatedError or StoreTooNewError (a store of another release).
    """
    database = Database(url, _BUSY_TIMEOUT_MS)
    try:
        database.backend.require_place()
        with database.reading() as connection:
            if database.backend.table_names(connection):
                require_current(connection, database.backend)
                return
        _migrate(database)
    finally:
        database.close()


def upgrade(url: str) -> None:
    """Bring a store to this release's schema, in one transaction. Raises what `initialise` does."""
    database = Database(url, _BUSY_TIMEOUT_MS)
    try:
        database.backend.require_store()
        with database.reading() as connection:
            found = _revision(connection, database.backend)
        if found not in REVISIONS:
            raise _too_new(database.name, found)
        _migrate(database)
    finally:
        database.close()


def revision(url: str) -> str:
    """The schema's revision in the store at the URL. Raises StoreMissingError and NotAStoreError."""
    database = Database(url, _BUSY_TIMEOUT_MS)
    try:
        database.backend.require_store()
        with database.reading() as connection:
            return _revision(connection, database.backend)
    finally:
        database.close()


def require_current(connection: Connection, backend: Backend) -> None:
    """Raise NotAStoreError, StoreOutdatedError or StoreTooNewError unless the schema is this release's."""
    store, found = backend.name, _revision(connection, backend)
    if found == REVISIONS[-1]:
        return
    if found in REVISIONS:
        raise StoreOutdatedError(
            store, f"its schema is {found}, this release uses {REVISIONS[-1]}; run `perptape store upgrade`"
        )
    raise _too_new(store, found)


def _too_new(store: str, found: str) -> StoreTooNewError:
    return StoreTooNewError(
        store, f"its schema is {found}, this release knows {REVISIONS[-1]} and older; use a newer release of perptape"
    )


def _revision(connection: Connection, backend: Backend) -> str:
    if "alembic_version" not in backend.table_names(connection):
        raise NotAStoreError(backend.name, "not an event store; create one with `perptape store init`")
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalars().all()
    if len(found) != 1:
        raise NotAStoreError(backend.name, f"its schema revision must be one, found {len(found)}")
    return str(found[0])


def _migrate(database: Database) -> None:
    from alembic import command  # noqa: PLC0415  (it takes longer to import than a store to open)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    # Alembic reads its options with interpolation: a percent sign in a path is written twice.
    config.set_main_option("script_location", SCRIPTS.replace("%", "%%"))
    with database.reading() as connection:
        database.backend.settle(connection)
    with database.writing() as connection:
        database.backend.lock_schema(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        prove_guards(connection, database.backend)  # a migration that lost one is rolled back
