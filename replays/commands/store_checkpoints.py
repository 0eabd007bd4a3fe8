"""`perptape store key` and `perptape store checkpoint`; heavy imports stand inside, as in the command line itself."""

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from perptape.replays.commands.options import BotFile, Json, StoreUrl
from perptape.replays.tape.which_store import store_url


def key(
    output: Annotated[Path, typer.Option("-o", "--output", metavar="KEYFILE", help="New file for the private key.")],
    as_json: Json = False,
) -> None:
    """Create a key for signing checkpoints.

    Prints the public key.
    """
    from perptape.eventstore.checkpoint_key import make_key  # noqa: PLC0415 - heavy

    made = make_key(output)
    text = f"{output}: private key written; keep it away from the store\npublic key {made.public}"
    data = {"file": str(output), "public_key": made.public}
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)


def checkpoint(
    source: Annotated[str, typer.Argument(metavar="STREAM|S.jsonl")],
    *,
    signing: Annotated[
        Path | None, typer.Option("--key", metavar="KEYFILE", help="Sign the checkpoint with this key.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Append to this file; default: print.")
    ] = None,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Record a stream's last hash as a checkpoint.

    Keep checkpoints where nobody who can write to the store can change them: they reveal a rewritten history.
    """
    from perptape.eventstore.checkpoint import checkpoint_line  # noqa: PLC0415 - heavy
    from perptape.eventstore.checkpoint_key import read_key  # noqa: PLC0415 - heavy
    from perptape.replays.commands.show.progress import progress_bar  # noqa: PLC0415 - heavy
    from perptape.replays.proof.checkpoints import make_checkpoint  # noqa: PLC0415 - heavy
    from perptape.replays.tape.errors import DamageError  # noqa: PLC0415 - heavy
    from perptape.replays.tape.source import file_size  # noqa: PLC0415 - heavy

    url = store_url(store, config)
    secret = read_key(signing) if signing is not None else None
    try:
        with progress_bar("checking", 0, file_size(source), quiet=as_json) as advance:
            made = make_checkpoint(source, url, output, key=secret, now_ns=time.time_ns(), progress=advance)
    except DamageError as damage:
        sys.stderr.write(f"perptape: {source}: {damage}; no checkpoint was made\n")
        raise typer.Exit(1) from damage
    line = checkpoint_line(made).decode().rstrip("\n")
    if as_json:
        typer.echo(json.dumps(json.loads(line), indent=2, ensure_ascii=False))
    elif output is None:
        typer.echo(line)
    else:
        signed = f", signed by {made.public_key}" if made.public_key else ""
        typer.echo(f"{output}: {made.stream} at version {made.version:,}, {made.hash.decode()}{signed}")
