"""`perptape store export`, `import` and `archive`; heavy imports stand inside, as in the command line itself."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from perptape.replays.commands.options import BotFile, Json, StoreUrl
from perptape.replays.tape.which_store import store_url


def export(
    stream: Annotated[str, typer.Argument(metavar="STREAM", help="A stream, or one segment of it: NAME#2.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="S.jsonl", help="The recording to write: .jsonl or .jsonl.zst.")
    ],
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Write a stream to a recording file."""
    from perptape.eventstore.errors import DamagedError  # noqa: PLC0415 - heavy
    from perptape.eventstore.store import EventStore  # noqa: PLC0415 - heavy
    from perptape.replays.commands.show.progress import progress_bar  # noqa: PLC0415 - heavy
    from perptape.replays.upkeep.transfer import export_stream, moved_json  # noqa: PLC0415 - heavy

    with EventStore.open(store_url(store, config)) as opened:
        try:
            span = _span(opened, stream)
            with progress_bar("exporting", *span, quiet=as_json) as advance:
                moved = export_stream(opened, stream, output, advance)
        except DamagedError as damage:
            _fail(f"{damage}; nothing was exported", damage)
    _show(as_json, moved_json(moved), f"{moved.file}: {moved.events:,} events of {moved.stream}")


def import_(
    file: Annotated[Path, typer.Argument(metavar="S.jsonl")],
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Load a recording into the store as a stream.

    All or nothing; a killed import continues when it is run again.
    """
    from perptape.eventstore.store import EventStore  # noqa: PLC0415 - heavy
    from perptape.replays.commands.show.progress import progress_bar  # noqa: PLC0415 - heavy
    from perptape.replays.tape.errors import DamageError  # noqa: PLC0415 - heavy
    from perptape.replays.tape.source import file_size  # noqa: PLC0415 - heavy
    from perptape.replays.upkeep.transfer import import_recording, moved_json  # noqa: PLC0415 - heavy

    try:
        with (
            EventStore.open(store_url(store, config), create=True) as opened,
            progress_bar("importing", 0, file_size(str(file)), quiet=as_json) as advance,
        ):
            moved = import_recording(opened, file, advance)
    except DamageError as damage:
        _fail(f"{file}: {damage}; nothing was imported", damage)
    _show(as_json, moved_json(moved), f"{moved.stream}: {moved.events:,} events from {moved.file}")


def archive(
    stream: Annotated[str, typer.Argument(metavar="STREAM")],
    *,
    to: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Folder for the files; default: the archive folder of the store."),
    ] = None,
    seal: Annotated[
        bool, typer.Option("--seal", help="Seal the open segment first; the stream continues in a new one.")
    ] = False,
    store: StoreUrl = None,
    config: BotFile = None,
    as_json: Json = False,
) -> None:
    """Move sealed segments of a stream to compressed files.

    Archived segments are still read, verified and replayed.
    """
    from perptape.eventstore.errors import DamagedError  # noqa: PLC0415 - heavy
    from perptape.eventstore.store import EventStore  # noqa: PLC0415 - heavy
    from perptape.replays.commands.show import archived  # noqa: PLC0415 - heavy
    from perptape.replays.commands.show.progress import progress_bar  # noqa: PLC0415 - heavy
    from perptape.replays.tape.errors import DamageError  # noqa: PLC0415 - heavy
    from perptape.replays.upkeep.archive import archive_stream  # noqa: PLC0415 - heavy

    url = store_url(store, config)
    with EventStore.open(url) as opened:
        try:
            span = _span(opened, stream)
            with progress_bar("archiving", *span, quiet=as_json) as advance:
                report = archive_stream(opened, stream, url, to=to, seal=seal, progress=advance)
        except (DamageError, DamagedError) as damage:
            _fail(f"{stream}: {damage}; nothing more was archived", damage)
    _show(as_json, archived.as_json(report), archived.as_text(report))


def _span(store: Any, name: str) -> tuple[int, int | None]:
    """The versions before the first and of the last, for progress."""
    from perptape.eventstore.errors import StreamNotFoundError  # noqa: PLC0415 - heavy

    try:
        stream = store.stream(name)
    except StreamNotFoundError:
        return 0, None  # whoever goes on says so
    return stream.first_version - 1, stream.head.version


def _fail(message: str, damage: Exception) -> NoReturn:
    sys.stderr.write(f"perptape: {message}\n")
    raise typer.Exit(1) from damage


def _show(as_json: bool, data: Any, text: str) -> None:
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)
