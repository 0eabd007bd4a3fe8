"""`perptape store grant`; heavy imports stand inside, as in the command line itself."""

import json
from typing import Annotated

import typer

from perptape.replays.commands.options import BotFile, Json, StoreUrl
from perptape.replays.tape.which_store import store_url


def grant(
    role: Annotated[str, typer.Argument(metavar="ROLE", help="An existing role of the server.")],
    store: StoreUrl = None,
    config: BotFile = None,
    reader: Annotated[bool, typer.Option("--reader", help="Read-only access.")] = False,
    as_json: Json = False,
) -> None:
    """Give a PostgreSQL role access to the store.

    The role may read and append, or only read; it can never change or delete an event.
    """
    from perptape.eventstore.backends import redacted  # noqa: PLC0415 - heavy
    from perptape.eventstore.roles import grant_reader, grant_writer  # noqa: PLC0415 - heavy

    url = store_url(store, config)
    (grant_reader if reader else grant_writer)(url, role)
    rights = "read" if reader else "add"
    if as_json:
        typer.echo(json.dumps({"role": role, "rights": rights, "store": redacted(url)}))
    else:
        typer.echo(f"{redacted(url)}: {role} may {'read' if reader else 'read and append'}")
