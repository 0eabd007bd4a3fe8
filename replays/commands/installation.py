"""`perptape doctor`; heavy imports stand inside, for a quick start."""

import typer

from perptape.replays.commands.options import BotFile, Json, StoreUrl
from perptape.replays.commands.output import show
from perptape.replays.tape.which_store import store_url


def doctor(store: StoreUrl = None, config: BotFile = None, as_json: Json = False) -> None:
    """Check the installation and say what is missing."""
    from perptape.replays.commands.doctor import as_data, as_text, examine  # noqa: PLC0415 - heavy

    findings = examine(store_url(store, config))
    show(as_json, as_data(findings), as_text(findings))
    raise typer.Exit(0 if all(finding.ok for finding in findings) else 1)
