"""A scenario: a short declarative script from which a recording is made by running the real bot in virtual time."""

import re
from collections.abc import Callable, Iterator
from typing import Any, Literal

from msgspec import Struct

from perptape.core.edge.market import MarketPoint
from perptape.core.edge.simulation.exchange import ExchangeSettings
from perptape.core.edge.simulation.network import NetworkSettings
from perptape.core.errors import SimulationError
from perptape.core.settings import TradingSettings
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.scenarios.language.script import At

START_NS = 1_736_150_400_000_000_000
"""2025-01-06T08:00:00Z, a Monday: second 0 of a scenario that says nothing else."""

Section = Literal["trading", "broker", "state", "extreme", "compliance", "depth", "own"]
Marker = Literal["scenario", "edge_case", "state"]
MARKERS: dict[Section, Marker] = {
    "trading": "scenario",
    "broker": "edge_case",
    "state": "state",
    "extreme": "edge_case",
    "compliance": "scenario",
    "depth": "scenario",
    "own": "scenario",
}
"""The pytest marker of each section. `depth` holds rows beside the specification's, `own` a user's."""


class Budget(Struct, frozen=True):
    """The bot's own budget of requests, which it never exceeds."""

    per_second: int
    burst: int


_KINDS: tuple[tuple[str, type[Any], str], ...] = (
    ("trading", TradingSettings, "canary(...), dev(...) or other TradingSettings"),
    ("exchange", ExchangeSettings, "funded(...) or other ExchangeSettings"),
    ("network", NetworkSettings, "NetworkSettings(...)"),
    ("start_ns", int, "nanoseconds since the epoch"),
    ("seed", int, "a whole number"),
)
_ROWS: tuple[tuple[str, type[Any], str], ...] = (
    ("verifies", Expectation, 'a tuple of functions under @verifies("phrase"), a single one with a comma behind it'),
    ("acts", At, "a tuple of At(second, act), a single one with a comma behind it"),
)


class Scenario(Struct, frozen=True):
    """One row: a bot, a venue, a market, what happens, and what must come of it."""

    id: str
    """Short and unique, such as T01."""
    name: str
    section: Section
    story: str
    """In one line: a → b → c."""
    trading: TradingSettings
    market: "Callable[[int], Iterator[MarketPoint]]"
    """The market path from a start in ns; it begins there, and its last point ends the scenario."""
    verifies: tuple[Expectation, ...]
    exchange: ExchangeSettings = ExchangeSettings()
    network: NetworkSettings = NetworkSettings()
    budget: Budget | None = None
    acts: tuple[At, ...] = ()
    start_ns: int = START_NS
    seed: int = 7
    """Decides client order ids and every draw."""

    def __post_init__(self) -> None:
        """Raises SimulationError for what cannot be a scenario: types are not checked for people who write one."""
        for name in ("id", "name"):
            if re.fullmatch(r"[A-Za-z0-9_-]+", str(getattr(self, name))) is None:
                self._refuse(name, "letters, digits, _ and - alone, since files are called by it", getattr(self, name))
        if self.section not in MARKERS:
            self._refuse("section", f"one of {', '.join(MARKERS)}", self.section)
        for name, kind, words in _KINDS:
            if not isinstance(getattr(self, name), kind):
                self._refuse(name, words, getattr(self, name))
        path: Any = self.market
        if not callable(path):
            self._refuse("market", "market(prices(...), ...)", path)
        for name, kind, words in _ROWS:
            rows = getattr(self, name)
            strangers = (
                [row for row in rows if not isinstance(row, kind)] if isinstance(rows, (tuple, list)) else [rows]
            )
            if strangers:
                self._refuse(name, words, strangers[0])

    def _refuse(self, name: str, words: str, found: object) -> None:
        shown = repr(found) if isinstance(found, str) else type(found).__name__
        raise SimulationError(f"scenario {self.id}: {name} must be {words}, not {shown}")

    @property
    def title(self) -> str:
        """Id and name, as files are called."""
        return f"{self.id}_{self.name}"

    @property
    def marker(self) -> Marker:
        """How pytest selects it."""
        return MARKERS[self.section]
