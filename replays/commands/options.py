"""Options that many commands have, each with the same words everywhere."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
ConfigFile = Annotated[
    Path | None,
    typer.Option("-c", "--config", metavar="BOT.TOML", help="Configuration file; default: the canary profile."),
]
StoreUrl = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        help="The event store; default: PERPTAPE_STORE, `store` in bot.toml, or perptape.sqlite in this folder.",
        show_default=False,
    ),
]
BotFile = Annotated[
    Path | None,
    typer.Option(
        "-c",
        "--config",
        metavar="BOT.TOML",
        help="Configuration file with the `store` to use; default: bot.toml in this folder.",
    ),
]
StrategyCode = Annotated[
    list[str] | None,
    typer.Option(
        "--strategy",
        metavar="PATH.py:Class",
        help="Allow this strategy to run (repeatable); strategies in bot.toml and trusted folders always may.",
        show_default=False,
    ),
]
TrustHeader = Annotated[bool, typer.Option("--trust-header", help="Run any strategy code that a recording names.")]
