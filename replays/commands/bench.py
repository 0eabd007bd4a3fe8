"""`perptape bench`; heavy imports stand inside, for a quick start."""

from typing import Annotated

import typer

from perptape.replays.commands.options import Json
from perptape.replays.commands.output import show


def bench(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME…]", help="Run only benchmarks whose names start with NAME; default: all."),
    ] = None,
    postgres: Annotated[
        str, typer.Option(metavar="URL", help="Also benchmark PostgreSQL, in a database where you may create schemas.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Measure throughput and compare it with bare libraries.

    Each benchmark and its floor, the same work done with bare libraries, run in turn, so that a busy machine
    slows both.
    """
    from perptape.replays.bench import Sizes, as_data, as_text, run_benchmarks  # noqa: PLC0415 - heavy

    notify = None if as_json else lambda text: typer.echo(text, err=True)
    results = run_benchmarks(names or [], sizes=Sizes(postgres=postgres), notify=notify)
    show(as_json, as_data(results), as_text(results))
