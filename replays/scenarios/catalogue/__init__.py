"""The catalogue: every row of the functional specification, one module each, grouped as in the specification.

The section `depth` is ours: rules that no row told, found because mutants of them survived (docs/mutation.md).

A module holds `SCENARIO`, a script that is recorded, or `DRILL`, a live attack. Adding a row is adding a module.
"""

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from perptape.replays.scenarios.drills.drill import Drill
from perptape.replays.scenarios.language.scenario import Scenario, Section

SECTIONS: tuple[Section, ...] = ("trading", "broker", "state", "extreme", "compliance", "depth")

CatalogueRow = Scenario | Drill


@cache
def catalogue() -> tuple[CatalogueRow, ...]:
    """Every row, section by section, in the order of their ids."""
    rows: list[CatalogueRow] = []
    for section in SECTIONS:
        package = import_module(f"{__name__}.{section}")
        for module in sorted(iter_modules(package.__path__), key=lambda found: found.name):
            row = import_module(f"{package.__name__}.{module.name}")
            rows.append(row.DRILL if hasattr(row, "DRILL") else row.SCENARIO)
    return tuple(rows)


def scenarios() -> tuple[Scenario, ...]:
    """The rows that are recorded sessions."""
    return tuple(row for row in catalogue() if isinstance(row, Scenario))


def drills() -> tuple[Drill, ...]:
    """The rows that are live attacks."""
    return tuple(row for row in catalogue() if isinstance(row, Drill))
