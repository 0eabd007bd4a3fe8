"""The results, for people and for programs."""

from collections.abc import Sequence
from io import StringIO
from typing import Any

from rich.console import Console
from rich.table import Table

from replays.bench.measure import Result

_WIDTH = 100


def as_data(results: Sequence[Result]) -> dict[str, Any]:
    """What `bench --json` prints."""
    return {
        "results": [
            {
                "name": result.name,
                "ours_per_s": round(result.ours_per_s),
                "floor_per_s": round(result.floor_per_s),
                "ratio": round(result.ratio, 3),
            }
            for result in results
        ]
    }


def as_text(results: Sequence[Result]) -> str:
    """A table of both figures and their ratio."""
    table = Table(box=None, pad_edge=False)
    table.add_column("benchmark")
    table.add_column("events/s", justify="right")
    table.add_column("floor, events/s", justify="right")
    table.add_column("ratio", justify="right")
    for result in results:
        table.add_row(result.name, f"{result.ours_per_s:,.0f}", f"{result.floor_per_s:,.0f}", f"{result.ratio:.2f}")
    console = Console(file=StringIO(), width=_WIDTH)
    with console.capture() as shown:
        console.print(table)
    return "\n".join(line.rstrip() for line in shown.get().splitlines())
