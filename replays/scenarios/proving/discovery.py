"""Scenarios of a user: found in a Python file, beside the strategies that they try."""

import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from perptape.core.config import register_strategies
from perptape.core.errors import ConfigurationError, PerptapeError, StrategyLoadError
from perptape.core.strategies import STRATEGIES
from perptape.replays.scenarios.catalogue import CatalogueRow, catalogue
from perptape.replays.scenarios.drills.drill import Drill
from perptape.replays.scenarios.language.errors import NoScenarioError, in_one_line
from perptape.replays.scenarios.language.scenario import Scenario

RECORDINGS = Path(__file__).parents[1] / "recordings"
"""Where the catalogue's recordings are: in the repository as they are, beside their goldens; in a wheel compressed."""


def recording_of(row: CatalogueRow) -> Path:
    """Where a catalogue row's recording is."""
    recording = RECORDINGS / row.section / f"{row.title}.jsonl"
    compressed = recording.with_name(f"{recording.name}.zst")
    return compressed if compressed.exists() else recording


def named(names: list[str]) -> list[CatalogueRow]:
    """The rows of these ids and the scenarios of these Python files, each once, in the order given; without any, all.

    Raises NoScenarioError for a name that is neither, and for two rows with one id.
    """
    if not names:
        return list(catalogue())
    rows: dict[str, CatalogueRow] = {}
    for name in dict.fromkeys(names):
        for row in _of_file(Path(name)) if name.endswith(".py") else _of_catalogue(name):
            if rows.setdefault(row.id, row) is not row:
                raise NoScenarioError(f"{name}: two scenarios have the id {row.id}: make ids unique")
    return list(rows.values())


def _of_catalogue(name: str) -> list[CatalogueRow]:
    found = [row for row in catalogue() if name.lower() in (row.id.lower(), row.title.lower(), row.section)]
    if not found:
        known = ", ".join(row.id for row in catalogue())
        raise NoScenarioError(f"{name}: no such scenario; use a section, a Python file, or one of {known}")
    return found


def _of_file(path: Path) -> list[CatalogueRow]:
    found = [value for value in _values(path) if isinstance(value, (Scenario, Drill))]
    if not found:
        raise NoScenarioError(f"{path}: contains no scenario: define one with perptape.Scenario(...)")
    for row in found:
        if isinstance(row, Scenario):
            try:
                register_strategies(row.trading, path.parent, STRATEGIES)
            except (ConfigurationError, StrategyLoadError) as error:
                raise NoScenarioError(f"{path}: {row.id}: {error}") from error
    return list(found)


def _values(path: Path) -> Iterator[object]:
    """What the module of a file holds, in order, tuples and lists item by item."""
    spec = spec_from_file_location(f"perptape_own_{path.stem}", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise NoScenarioError(f"{path}: there is no such file")
    module = module_from_spec(spec)
    sys.modules[module.__name__] = module
    try:
        spec.loader.exec_module(module)
    except PerptapeError as error:
        raise NoScenarioError(f"{path}: {error}") from error
    except (Exception, SystemExit) as error:  # it is a user's code, and whatever it raises is told in one line
        raise NoScenarioError(f"{path}: cannot be run: {in_one_line(error, path)}") from error
    for value in vars(module).values():
        if isinstance(value, (tuple, list)):
            yield from value
        else:
            yield value
