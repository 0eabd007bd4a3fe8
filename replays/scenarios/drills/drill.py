"""A drill: a live attack on process, disk or store, whose surviving log is held to the row's expectations."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.replays.evidence.expectation import Expectation
from perptape.replays.scenarios.language.scenario import MARKERS, Marker, Section


class Survived(Struct, frozen=True):
    """What is left after the attack."""

    facts: Any
    """What the drill's expectations look at."""
    recordings: tuple[Path, ...] = ()
    """The surviving logs, exported: each is verified and replayed."""


class Drill(Struct, frozen=True):
    """One row that cannot be a recording: real processes, real files, real kills."""

    id: str
    name: str
    section: Section
    story: str
    attack: Callable[[Path], Survived]
    """Carried out in an empty folder of its own."""
    verifies: tuple[Expectation, ...]
    """Their checks take the facts."""

    @property
    def title(self) -> str:
        """Id and name."""
        return f"{self.id}_{self.name}"

    @property
    def marker(self) -> Marker:
        """How pytest selects it."""
        return MARKERS[self.section]
