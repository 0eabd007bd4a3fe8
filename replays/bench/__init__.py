"""Benchmarks: what perptape does in a second, beside what a bare program does with the same input."""

from collections.abc import Callable, Sequence
from typing import Any

from perptape.core.errors import PerptapeError
from perptape.replays.bench.cases import NAMES, Sizes, case, chosen
from perptape.replays.bench.measure import ROUNDS, Result, measure


class BenchmarkNameError(PerptapeError):
    """No benchmark of that name."""


def run_benchmarks(
    names: Sequence[str],
    *,
    notify: Callable[[str], None] | None = None,
    sizes: Sizes | None = None,
    rounds: int = ROUNDS,
) -> list[Result]:
    """Measure the benchmarks whose names begin with one of `names`, or all. Raises BenchmarkNameError."""
    sizes = sizes or Sizes()
    postgres = bool(sizes.postgres)
    unknown = [name for name in names if not chosen([name], postgres=postgres)]
    if unknown and not postgres and chosen(unknown[:1], postgres=True):
        raise BenchmarkNameError(f"bench {unknown[0]}: give the URL of a PostgreSQL database with --postgres")
    if unknown:
        raise BenchmarkNameError(f"bench {unknown[0]}: no benchmark begins so; there are {', '.join(NAMES)}")
    results = []
    for name in chosen(names, postgres=postgres):
        if notify is not None:
            notify(f"measuring {name}, {rounds} rounds of ours and the floor in turn")
        results.append(measure(case(name, sizes, notify), rounds))
    return results


def as_data(results: Sequence[Result]) -> dict[str, Any]:
    """What `bench --json` prints."""
    return {
        "results": [
            {
                "name": result.name,
                "ours_per_s": round(result.ours_per_s, 1),
                "floor_per_s": round(result.floor_per_s, 1),
                "ratio": round(result.ratio, 4),
            }
            for result in results
        ]
    }


def as_text(results: Sequence[Result]) -> str:
    """A row a benchmark: events per second of ours and of the floor, and the ratio."""
    rows = [f"{'':<24}{'ours/s':>12}{'floor/s':>12}{'ratio':>8}"]
    rows += [
        f"{result.name:<24}{result.ours_per_s:>12,.0f}{result.floor_per_s:>12,.0f}{result.ratio:>8.2f}"
        for result in results
    ]
    return "\n".join(rows)


__all__ = ["NAMES", "BenchmarkNameError", "Result", "Sizes", "as_data", "as_text", "run_benchmarks"]
