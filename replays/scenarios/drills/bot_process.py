"""A bot in a process of its own, for drills to attack.

`python -m perptape.replays.scenarios.drills.bot_process FOLDER [TASK…]`

It trades on a synthetic market at sixty times its speed, with its store, journal and health file in the folder, and
says on stdout how it is, a line of JSON each time. A task named `crashing` raises twice, one named `stubborn` ignores
its cancellation.
"""

import asyncio
import json
import sys
from decimal import Decimal
from functools import partial
from importlib.metadata import version as installed_version
from pathlib import Path

import msgspec

from perptape.core.canonical import canonical_json
from perptape.core.edge.live.background_task import BackgroundTask
from perptape.core.edge.live.process import SimulatedLife, run_process
from perptape.core.edge.live.runner import LiveOptions
from perptape.core.edge.market import synthetic_path
from perptape.core.edge.market.conditions import VOLATILE
from perptape.core.edge.simulation.exchange import ExchangeSettings
from perptape.core.edge.storage.behaviour import behaviour_digest
from perptape.core.settings import StrategySettings, TradingSettings, WindowSettings
from perptape.replays.tape.header import Header, Provenance, first_header, form_of

STREAM = "bot"
NONCE = "0" * 32
SPEED = 60
TRADING = TradingSettings(
    symbols=("BTC-PERP",),
    cycle_s=10,
    strategies=(
        StrategySettings(
            name="crossover", kind="ma_crossover", trigger="quote", parameters={"fast": 3, "slow": 7, "confirm": 1}
        ),
    ),
    windows=WindowSettings(sample_s=0, length=20),
)
MARKET = partial(
    synthetic_path,
    {"BTC-PERP": Decimal(50_000)},
    VOLATILE,
    seed=7,
    start_ns=1_736_150_400_000_000_000,
    steps=100_000,
    step_ns=2_000_000_000,
)


def header() -> Header:
    """The recording header of the stream."""
    provenance = Provenance(release=installed_version("perptape"), behaviour=behaviour_digest())
    return first_header(STREAM, NONCE, canonical_json(TRADING), provenance)


class Crashing:
    """Raises twice, and then goes on for ever."""

    def __init__(self) -> None:
        self.left = 2

    async def work(self) -> None:
        """One call of the task."""
        if self.left:
            self.left -= 1
            raise RuntimeError(f"crashes by script, {self.left} to come")
        await asyncio.Event().wait()


async def stubborn() -> None:
    """Never gives up."""
    while True:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            continue


async def tell(health: Path) -> None:
    """Say what the health file says."""
    _say(health)


def _say(health: Path) -> None:
    if health.exists():
        print(json.dumps(json.loads(health.read_bytes())), flush=True)


def main(folder: Path, *names: str) -> int:
    """Run until a signal comes, or nobody has wanted to stop it."""
    health = folder / "health.json"
    works = {"crashing": Crashing().work, "stubborn": stubborn}
    return run_process(
        SimulatedLife(
            store_url=store_url(folder),
            stream=STREAM,
            trading=TRADING,
            exchange=ExchangeSettings(),
            points=MARKET,
            metadata=msgspec.json.encode(header()),
            form=form_of(header()),
            nonce=NONCE,
            journal_path=folder / "exchange.sqlite",
            speed=SPEED,
            duration_s=60,
            tasks=(
                BackgroundTask("tell", partial(tell, health), 0.1),
                *(BackgroundTask(name, works[name]) for name in names),
            ),
            options=LiveOptions(stop_within_s=2, health_every_s=0.1, health_path=health),
        )
    )


def store_url(folder: Path) -> str:
    """Where the tape is."""
    return f"sqlite:///{folder / 'tape.sqlite'}"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), *sys.argv[2:]))
