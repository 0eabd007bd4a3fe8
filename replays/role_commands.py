"""`perptape store grant`; heavy imports stand inside, as in the command line itself."""

import json
from typing import Annotated

import typer

from replays.options import DEFAULT_STORE, Json


def grant(
    role: Annotated[
        str, typer.Argument(metavar="ROLE", help="A role of the server, which its administrator has made.")
    ],
    store: Annotated[
        str, typer.Option("--store", metavar="URL", help="The store on PostgreSQL, as its owner.")
    ] = DEFAULT_STORE,
    reader: Annotated[bool, typer.Option("--reader", help="Let it only read.")] = False,
    as_json: Json = False,
) -> None:
    """Let a role of PostgreSQL add to the store, or only read it; it can change and delete no event."""
    from eventstore.backends import redacted  # noqa: PLC0415 - heavy
    from eventstore.postgres.roles import grant_reader, grant_writer  # noqa: PLC0415 - heavy

    (grant_reader if reader else grant_writer)(store, role)
    rights = "read" if reader else "add"
    if as_json:
        typer.echo(json.dumps({"role": role, "rights": rights, "store": redacted(store)}))
    else:
        typer.echo(f"{redacted(store)}: {role} may {'read it' if reader else 'read it and add to it'}")
