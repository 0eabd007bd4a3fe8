"""`perptape scenarios`: the catalogue, listed, shown, run and recorded; and a user's own scenarios the same way."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from perptape.replays.commands.options import Json

scenarios_app = typer.Typer(help="List, run and record scenarios.", no_args_is_help=False)
_Names = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[ID|SECTION|FILE.py]…", help="Scenario ids, sections, or your own files; default: the whole catalogue."
    ),
]


@scenarios_app.command("list")
def list_(names: _Names = None, as_json: Json = False) -> None:
    """List the scenarios, one line each."""
    from perptape.replays.scenarios.drills.drill import Drill  # noqa: PLC0415 - heavy
    from perptape.replays.scenarios.proving.discovery import named  # noqa: PLC0415 - heavy

    found = named(names or [])
    rows = [
        {
            "id": row.id,
            "name": row.name,
            "section": row.section,
            "marker": row.marker,
            "drill": isinstance(row, Drill),
            "story": row.story,
            "verifies": [expectation.phrase for expectation in row.verifies],
        }
        for row in found
    ]
    width = max(len(f"{row.id} {row.name}") for row in found)
    lines = [f"{f'{row.id} {row.name}':<{width}}  {row.story}{'  (drill)' * isinstance(row, Drill)}" for row in found]
    _show(as_json, rows, "\n".join(lines))


@scenarios_app.command("show")
def show(
    names: Annotated[list[str], typer.Argument(metavar="ID|SECTION|FILE.py…")],
    as_json: Json = False,
) -> None:
    """Describe scenarios and what they verify."""
    from perptape.replays.scenarios.describe.description import as_data, as_text  # noqa: PLC0415 - heavy
    from perptape.replays.scenarios.proving.discovery import named  # noqa: PLC0415 - heavy

    rows = named(names)
    _show(as_json, [as_data(row) for row in rows], "\n\n".join(as_text(row) for row in rows))


@scenarios_app.command("run")
def run(
    names: _Names = None,
    *,
    drills: Annotated[
        bool, typer.Option("--drills/--no-drills", help="Also run the drills, which kill real processes.")
    ] = True,
    jobs: Annotated[
        int | None, typer.Option(min=1, help="Number of scenarios to run at a time; default: one per core.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run scenarios and prove each one.

    Each must meet its expectations, replay, rebuild, verify, and give the same bytes when recorded again.
    """
    from perptape.replays.scenarios.proving.in_parallel import prove_all  # noqa: PLC0415 - heavy

    proved = []
    for row in prove_all(names or [], drills=drills, jobs=jobs):
        proved.append(row)
        if not as_json:
            typer.echo(f"{'ok    ' if row.ok else 'FAILED'} {row.id} {row.name:<28} {_figures(row)}")
            for failure in row.failures:
                typer.echo(f"       {failure}")
    passed = sum(row.ok for row in proved)
    failed = len(proved) - passed
    if as_json:
        rows = [
            {
                "id": row.id,
                "ok": row.ok,
                "events": row.events,
                "decisions": row.decisions,
                "seconds": row.seconds,
                "failure": row.failure,
            }
            for row in proved
        ]
        typer.echo(json.dumps({"scenarios": rows, "passed": passed, "failed": failed}, indent=2, ensure_ascii=False))
    else:
        events = sum(row.events for row in proved)
        typer.echo(f"{passed} passed, {failed} failed; {events:,} events, {sum(row.seconds for row in proved):.1f} s")
    raise typer.Exit(1 if failed else 0)


@scenarios_app.command("record")
def record(
    names: _Names = None,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="FOLDER", help="Where the recordings go.")],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace recordings that differ.")] = False,
    as_json: Json = False,
) -> None:
    """Write the recordings of scenarios.

    Each becomes SECTION/ID_name.jsonl in the output folder.
    """
    from perptape.replays.scenarios.proving.recorder import record_all  # noqa: PLC0415 - heavy

    written = record_all(names or [], output, overwrite=overwrite)
    rows = [{"id": one.id, "file": str(one.path), "events": one.events, "change": one.change} for one in written]
    _show(as_json, rows, "\n".join(f"{one.change:<9} {one.path}  {one.events:,} events" for one in written))
    kept = [one for one in written if one.change == "differs"]
    if kept:
        said = "1 recording differs and was" if len(kept) == 1 else f"{len(kept)} recordings differ and were"
        sys.stderr.write(f"perptape: {said} not replaced: use --overwrite\n")
        raise typer.Exit(1)


@scenarios_app.command("reference")
def reference(
    names: _Names = None,
    *,
    output: Annotated[Path, typer.Option("-o", "--output", metavar="PAGE.html", help="Where the page goes.")],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 unless the page is up to date.")
    ] = False,
) -> None:
    """Write a reference page of the scenarios.

    It shows the story, script, chart and expectations of each.
    """
    from perptape.replays.scenarios.describe.reference import reference  # noqa: PLC0415 - heavy
    from perptape.replays.scenarios.proving.discovery import named  # noqa: PLC0415 - heavy

    page = reference(named(names or []))
    current = output.exists() and output.read_text(encoding="utf-8") == page
    if check:
        typer.echo(f"{output}: {'up to date' if current else 'out of date: run perptape scenarios reference'}")
        raise typer.Exit(0 if current else 1)
    output.write_text(page, encoding="utf-8")
    typer.echo(f"{output}: {'unchanged' if current else 'written'}, {len(page):,} characters")


def _figures(row: Any) -> str:
    return f"{row.events:>6,} events {row.decisions:>5,} decisions {row.seconds:6.2f} s"


def _show(as_json: bool, data: Any, text: str) -> None:
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else text)
