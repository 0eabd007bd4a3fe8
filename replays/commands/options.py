"""Options that many commands have, each with the same words everywhere."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
ConfigFile = Annotated[
    Path | None, typer.Option("-c", "--config", metavar="BOT.TOML", help="Configuration; else the canary profile.")
]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="The event store; else PERPTAPE_STORE, `store` of bot.toml, or perptape.sqlite in this folder.",
        show_default=False,
    ),
]
BotFile = Annotated[
    Path | None,
    typer.Option("-c", "--config", metavar="BOT.TOML", help="Whose `store` to use; else bot.toml in this folder."),
]
StrategyCode = Annotated[
    list[str] | None,
    typer.Option(
        "--strategy",
        metavar="PATH.py:Class",
        help="Run this code, which a recording names (repeatable); that of bot.toml and trusted folders runs anyway.",
        show_default=False,
    ),
]
TrustHeader = Annotated[bool, typer.Option("--trust-header", help="Run whatever strategy code a recording names.")]
