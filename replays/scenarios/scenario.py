"""A scenario: a short declarative script from which a recording is made by running the real bot in virtual time."""

from collections.abc import Callable, Iterator
from typing import Literal

from msgspec import Struct

from core.edge.exchange import ExchangeSettings
from core.edge.market import MarketPoint
from core.edge.network import NetworkSettings
from core.settings import TradingSettings
from replays.scenarios.expectation import Expectation
from replays.scenarios.script import At

START_NS = 1_736_150_400_000_000_000
"""2025-01-06T08:00:00Z, a Monday: second 0 of a scenario that says nothing else."""
SECOND_NS = 1_000_000_000

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
    snapshot_every: int = 50

    @property
    def title(self) -> str:
        """Id and name, as files are called."""
        return f"{self.id}_{self.name}"

    @property
    def marker(self) -> Marker:
        """How pytest selects it."""
        return MARKERS[self.section]
