"""`perptape golden`: recordings held against their goldens, and goldens accepted, one difference at a time."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from perptape.replays.commands.options import Json

if TYPE_CHECKING:
    from perptape.replays.golden.difference import Difference

golden_app = typer.Typer(help="Check recordings against their goldens.", no_args_is_help=False)
_Paths = Annotated[list[Path], typer.Argument(metavar="PATH…", help="Recordings, goldens, or folders of recordings.")]


@golden_app.command("check")
def check(
    paths: _Paths,
    *,
    summary: Annotated[
        Path | None, typer.Option(metavar="FILE.md", help="Append a Markdown summary to this file.")
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Copy recordings that differ, their goldens and a summary to this new folder."
        ),
    ] = None,
    as_json: Json = False,
) -> None:
    """Check recordings against their goldens.

    Each recording is replayed and rebuilt, and its results are compared with its golden.
    """
    from perptape.core.errors import PerptapeError  # noqa: PLC0415 - heavy
    from perptape.replays.commands.show.progress import progress_bar  # noqa: PLC0415 - heavy
    from perptape.replays.golden.check import Checked, check, found_in  # noqa: PLC0415 - heavy
    from perptape.replays.golden.keep import keep as keep_differing  # noqa: PLC0415 - heavy
    from perptape.replays.golden.keep import prepare  # noqa: PLC0415 - heavy
    from perptape.replays.golden.summary import append_summary  # noqa: PLC0415 - heavy
    from perptape.replays.golden.text import checked_json, checked_text  # noqa: PLC0415 - heavy
    from perptape.replays.tape.source import file_size  # noqa: PLC0415 - heavy

    results: list[Checked] = []
    faults: list[str] = []

    def write_files() -> None:
        if summary is not None:
            append_summary(summary, results, faults)
        if keep is not None:
            keep_differing(keep, results, faults)

    if keep is not None:
        prepare(keep)
    try:
        recordings = found_in(paths)
    except PerptapeError as error:
        faults.append(str(error))
        write_files()
        raise
    for recording in recordings:
        try:
            with progress_bar(f"checking {recording.name}", 0, file_size(str(recording)), quiet=as_json) as advance:
                results.append(check(recording, advance))
        except PerptapeError as error:
            faults.append(str(error))
        else:
            if not as_json:
                typer.echo(checked_text(results[-1]))
    if as_json:
        typer.echo(json.dumps([checked_json(result) for result in results], indent=2, ensure_ascii=False))
    for fault in faults:
        sys.stderr.write(f"perptape: {fault}\n")
    write_files()
    if faults:
        raise typer.Exit(2)
    raise typer.Exit(0 if all(result.ok for result in results) else 1)


@golden_app.command("accept")
def accept(
    paths: _Paths,
    *,
    because: Annotated[
        str, typer.Option(metavar="TEXT", help="Quote from the changelog entry that explains why decisions changed.")
    ] = "",
    changelog: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The changelog; default: the nearest CHANGELOG.md in a parent folder."),
    ] = None,
    review: Annotated[
        bool, typer.Option("--review", help="Show one difference at a time and ask whether to accept it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Update goldens to today's results.

    Recordings are never changed and goldens never deleted.
    """
    from perptape.replays.commands.show.progress import progress_bar  # noqa: PLC0415 - heavy
    from perptape.replays.golden.accept import accept  # noqa: PLC0415 - heavy
    from perptape.replays.golden.check import found_in  # noqa: PLC0415 - heavy
    from perptape.replays.golden.text import accepted_json, accepted_text, difference_lines  # noqa: PLC0415 - heavy
    from perptape.replays.tape.source import file_size  # noqa: PLC0415 - heavy

    def ask(difference: "Difference") -> bool:
        typer.echo("\n".join(difference_lines(difference)), err=True)
        return typer.confirm("accept this?", default=False, err=True)

    done = []
    for recording in found_in(paths):
        if review:
            typer.echo(f"{recording}:", err=True)
            done.append(accept(recording, because=because, changelog=changelog, agree=ask))
        else:
            with progress_bar(f"taking {recording.name}", 0, file_size(str(recording)), quiet=as_json) as advance:
                done.append(accept(recording, because=because, changelog=changelog, progress=advance))
        if not as_json:
            typer.echo(accepted_text(done[-1]))
    if as_json:
        typer.echo(json.dumps([accepted_json(one) for one in done], indent=2, ensure_ascii=False))
    raise typer.Exit(1 if any(one.refused for one in done) else 0)
