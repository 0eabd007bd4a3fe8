"""`perptape export-table`; heavy imports stand inside, for a quick start."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from perptape.replays.commands.options import BotFile, Json, StoreUrl
from perptape.replays.tape.which_store import store_url


def export_table(
    source: Annotated[str, typer.Argument(metavar="S.jsonl|STREAM")],
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="fills, orders, signals, blocks, equity, funding or events.")
    ],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help=".parquet or .csv; - prints CSV.", show_default=False)
    ],
    *,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace the file if it exists.")] = False,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Write a table of a session as parquet or CSV.

    docs/notebook.md describes the tables and their columns.
    """
    from perptape.replays.commands.show.progress import progress_bar  # noqa: PLC0415 - heavy
    from perptape.replays.tables import export, open_recording  # noqa: PLC0415 - heavy
    from perptape.replays.tables.errors import TableError  # noqa: PLC0415 - heavy
    from perptape.replays.tape.errors import DamageError  # noqa: PLC0415 - heavy

    to_screen = str(output) == "-"
    if to_screen and as_json:
        raise TableError("-o - and --json both print to standard output: write to a file, or omit --json")
    try:
        recording = open_recording(source, store_url(store, config))
        if to_screen:
            _print(lambda: export.print_table(recording, table, sys.stdout))
            return
        with progress_bar(f"exporting {table}", *recording.span, quiet=as_json) as advance:
            done = export.export_table(recording, table, output, overwrite=overwrite, progress=advance)
    except DamageError as damage:
        sys.stderr.write(f"perptape: {source}: {damage}\n")
        raise typer.Exit(1) from damage
    data = {"source": done.source, "stream": done.stream, "table": table, "file": done.file, "rows": done.rows}
    rows = f"{done.rows:,} row{'' if done.rows == 1 else 's'}"
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else f"{done.file}: {rows} of {table}")


def _print(write: Callable[[], None]) -> None:
    """Print until whoever reads has had enough, as `head` has."""
    try:
        write()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
