"""Bringing a store to any revision, up or down, as its owner would with Alembic."""

from contextlib import closing
from pathlib import Path

from alembic import command
from alembic.config import Config

from perptape.eventstore import schema
from perptape.eventstore.database import Database


def migrate(url: str, revision: str, scripts: str | Path = schema.SCRIPTS, *, down: bool = False) -> None:
    """Run the migrations up to this revision, or down to it, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(scripts))
    with closing(Database(url, busy_timeout_ms=1_000)) as database:
        with database.reading() as connection:
            database.backend.settle(connection)
        with database.writing() as connection:
            config.attributes["connection"] = connection
            (command.downgrade if down else command.upgrade)(config, revision)
