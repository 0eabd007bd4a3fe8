"""How Alembic reaches the database: over the connection that `perptape.eventstore.schema` hands it.

For developers, on its own command line: `alembic -x url=URL upgrade head`.
"""

from alembic import context
from alembic.util import CommandError
from sqlalchemy import Connection

from perptape.eventstore.database import Database
from perptape.eventstore.tables import METADATA


def migrate(connection: Connection) -> None:
    """Run the migrations inside the connection's transaction: all of them, or none."""
    context.configure(connection=connection, target_metadata=METADATA)
    with context.begin_transaction():
        context.run_migrations()


def main() -> None:
    """Use the connection that was handed over, or open the URL of the command line."""
    if context.is_offline_mode():
        raise CommandError("these migrations need a database: alembic -x url=URL upgrade head")
    handed_over = context.config.attributes.get("connection")
    if handed_over is not None:
        migrate(handed_over)
        return
    url = context.get_x_argument(as_dictionary=True).get("url")
    if not isinstance(url, str):
        raise CommandError("say which store: alembic -x url=URL upgrade head")
    database = Database(url, busy_timeout_ms=5_000)
    try:
        with database.writing() as connection:
            database.backend.lock_schema(connection)
            migrate(connection)
    finally:
        database.close()


main()
