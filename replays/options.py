"""Options that many commands have, each with the same words everywhere."""

from typing import Annotated, Final

import typer

DEFAULT_STORE: Final = "sqlite:///perptape.sqlite"

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
StoreUrl = Annotated[str, typer.Option("--store", metavar="URL", help="The event store.")]
