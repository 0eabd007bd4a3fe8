"""`perptape bench`; heavy imports stand inside, for a quick start."""

from typing import Annotated

import typer

from perptape.replays.commands.options import Json
from perptape.replays.commands.output import show


def bench(
    names: Annotated[list[str] | None, typer.Argument(metavar="[NAME…]", help="Beginnings of benchmark names.")] = None,
    postgres: Annotated[
        str, typer.Option(metavar="URL", help="A PostgreSQL database in which schemas may be made, for its benchmarks.")
    ] = "",
    as_json: Json = False,
) -> None:
    """Measure beside the floors, interleaved in one run."""
    from perptape.replays.bench import Sizes, as_data, as_text, run_benchmarks  # noqa: PLC0415 - heavy

    tell = None if as_json else lambda text: typer.echo(text, err=True)
    results = run_benchmarks(names or [], sizes=Sizes(postgres=postgres), tell=tell)
    show(as_json, as_data(results), as_text(results))
