"""Records what a release leaves for all later ones to read: `python -m tests.releases.leave`, once, before a release.

A recording that is there already is never written again: it is the evidence of what that release did.
"""

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from perptape.cli import VERSION
from perptape.core.edge.market import MarketDigest, MarketPoint
from perptape.core.edge.simulation.exchange import ExchangeSettings
from perptape.replays.commands.config import load_settings
from perptape.replays.commands.demo import demo_points
from perptape.replays.record import Hooks, Plan, record
from tests.replays.session import plan as eventful_plan

FOLDER = Path(__file__).parent
CANARY_POINTS = 2_400
CRASH_AT_STAGE = 8


class Crashed(BaseException):
    """Ends a run in its middle, as a kill would; nothing is told and nothing is tidied up."""


def canary_points() -> Iterator[MarketPoint]:
    """The first hours of the demonstration's market."""
    return islice(demo_points(7), CANARY_POINTS)


def canary_plan() -> Plan:
    """The canary profile, as `perptape record` runs it without a configuration."""
    configuration = load_settings(None)
    return Plan(configuration.trading, configuration.section(ExchangeSettings), canary_points, MarketDigest(()), seed=7)


def crash_at(stage_number: int) -> Hooks:
    """Hooks that end the run at this stage of its broker calls."""
    stages = iter(range(1, stage_number + 1))

    def stage(_stage: object) -> None:
        if next(stages) == stage_number:
            raise Crashed

    return Hooks(stage=stage)


def leave(folder: Path) -> None:
    """Record the sessions of this release into its folder."""
    folder.mkdir(exist_ok=True)
    for name, plan in {"eventful": eventful_plan(), "canary": canary_plan()}.items():
        path = folder / f"{name}.jsonl.zst"
        if path.exists():
            print(f"{path.name}: there already")
            continue
        with suppress(Crashed):
            record(plan, path, hooks=crash_at(CRASH_AT_STAGE))
        recorded = record(plan, path)
        print(f"{path.name}: {recorded.events} events, {recorded.sessions} sessions, {path.stat().st_size} bytes")


if __name__ == "__main__":
    leave(FOLDER / VERSION)
