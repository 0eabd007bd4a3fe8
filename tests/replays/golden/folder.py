"""A folder with recordings of the small scenario and their goldens, as a user would have one."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from perptape.replays.golden.accept import accept
from perptape.replays.scenarios import BTC, Scenario, canary, market, play, prices, scripted
from tests.replays.scenarios.small import small
from tests.replays.surgery import Tape

PLAN = f"{BTC} 10 buy; {BTC} 40 close; {BTC} 70 buy"


def rising(price: int = 51_000, plan: str = PLAN) -> Scenario:
    """BTC goes from 50,000 to `price` in two minutes; it is bought, sold, and bought again."""
    path = market(prices(BTC, {0: 50_000, 120: price}))
    return small(trading=canary(scripted("puppet", plan)), market=path)


@dataclass
class Folder:
    """The user's folder."""

    path: Path

    def record(self, scenario: Scenario, name: str = "s") -> Path:
        """Record a scenario under a name, in place of what is there."""
        path = self.path / f"{name}.jsonl"
        play(scenario).write(path)
        return path

    def golden(self, name: str = "s") -> Path:
        """Where the golden of a name is."""
        return self.path / f"{name}.golden.json"

    def accepted(self, scenario: Scenario | None = None, name: str = "s") -> Path:
        """Record a scenario and accept it."""
        path = self.record(scenario or rising(), name)
        accept(path)
        return path

    def changelog(self, text: str = "- Entries are half as large.\n") -> Path:
        """Write a changelog beside the recordings."""
        path = self.path / "CHANGELOG.md"
        path.write_text(text, encoding="utf-8")
        return path


def with_other_decision(path: Path, kind: str = "OrderRequested", **data: Any) -> int:
    """Make it so that another decision was recorded than today's code makes; gives the version."""
    tape = Tape.read(path)
    for at in tape.decisions:
        if tape.at(at)["type"] == "StateDigestRecorded":  # as of a release whose states cannot be compared
            tape = tape.changed(at, state_schema="0")
    version = next(at for at in tape.decisions if tape.at(at)["type"] == kind)
    event = tape.at(version)
    event["data"].update(data)
    path.write_bytes(tape.forged(version, event).content)
    return version
