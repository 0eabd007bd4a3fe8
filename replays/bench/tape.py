"""The recordings of the benchmarks: made by running the bot on the simulated exchange, and kept for the next time."""

import asyncio
import os
import tempfile
from collections.abc import Callable
from decimal import Decimal
from getpass import getuser
from hashlib import sha256
from pathlib import Path
from typing import Literal

from msgspec import Struct

from perptape.core.canonical import canonical_json
from perptape.core.edge.alerts import TapeAlerts
from perptape.core.edge.simulation.exchange import ExchangeSettings, SimulatedExchange
from perptape.core.edge.simulation.virtual_time import VirtualClock, run_to_end
from perptape.core.edge.storage.behaviour import behaviour_digest
from perptape.core.orchestrator import Orchestrator
from perptape.core.settings import GuardSettings, StrategySettings, TradingSettings
from perptape.replays.bench.file_log import FileLog
from perptape.replays.bench.market import SEED, SYMBOLS, candles, quotes
from perptape.replays.tape.header import Header, Provenance, first_header
from perptape.replays.tape.writer import RecordingWriter

STREAM = "bench"
NONCE = "bench"

EXCHANGE = ExchangeSettings(seed=SEED, cash=Decimal(100_000), hold=Decimal(0))

CYCLE_S = 3_600
"""No strategy here is asked by the cycle."""

GUARDS = GuardSettings(
    daily_loss_limit=Decimal(50_000),
    drawdown_limit=Decimal("0.9"),
    trade_value_max=Decimal(1_500),
    position_caps={"BTC-PERP": Decimal(1), "ETH-PERP": Decimal(10)},
    underlying_limits={"BTC": Decimal(1), "ETH": Decimal(10)},
    depth_min=Decimal(1_000),
    staleness_s=120,
    orders_per_minute_max=1_000,
)
"""Every guard measures, and none is so tight that it ends the work."""


class Workload(Struct, frozen=True):
    """What one recording is of: a market, and the moving averages that the bot follows on it."""

    trigger: Literal["quote", "candle"]
    fast: int
    slow: int
    count: int
    """Quotes or candles of the market."""

    @property
    def name(self) -> str:
        """What the file is called, without the part that tells versions apart."""
        return f"{self.trigger}-{self.fast}-{self.slow}-{self.count}"


def settings_of(tape: Workload) -> TradingSettings:
    """All guards on, and positions of 500 of quote currency."""
    strategy = StrategySettings(
        name="trend",
        kind="ma_crossover",
        trigger=tape.trigger,
        parameters={"fast": tape.fast, "slow": tape.slow},
    )
    return TradingSettings(
        profile="bench",
        symbols=tuple(SYMBOLS),
        cycle_s=CYCLE_S,
        strategies=(strategy,),
        guards=GUARDS,
    )


def recorded(tape: Workload, folder: Path | None = None, notify: Callable[[str], None] | None = None) -> Path:
    """The recording's file, made now unless this code has made it before; else from the user's temporary folder."""
    folder = folder or Path(tempfile.gettempdir()) / f"perptape-bench-{getuser()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{tape.name}-{_made_by(tape)}.jsonl"
    if path.exists():
        return path
    if notify is not None:
        notify(f"recording {tape.count:,} {tape.trigger}s for {tape.fast}/{tape.slow}, kept for later runs")
    for outdated in folder.glob(f"{tape.name}-*.jsonl"):
        outdated.unlink()
    mine = folder / f".{os.getpid()}-{path.name}"
    with RecordingWriter(mine, _header(tape)) as writer:
        asyncio.run(_run(tape, writer))
    mine.replace(path)
    return path


async def _run(tape: Workload, writer: RecordingWriter) -> None:
    points = quotes if tape.trigger == "quote" else candles
    exchange = SimulatedExchange.open(None, lambda: points(tape.count), EXCHANGE)
    clock = VirtualClock(exchange)
    orchestrator = Orchestrator(FileLog(writer, NONCE), exchange, TapeAlerts(), clock, behaviour=behaviour_digest())
    clock.begin(exchange.peek_ns() or 0)
    await orchestrator.start(settings_of(tape))
    await run_to_end(orchestrator, exchange)
    await orchestrator.stop("the market path ended")
    exchange.close()


def _header(tape: Workload) -> Header:
    provenance = Provenance(release="bench", behaviour=behaviour_digest())
    return first_header(STREAM, NONCE, canonical_json(settings_of(tape)), provenance)


def _made_by(tape: Workload) -> str:
    """What shapes the recording: code and settings."""
    parts = (behaviour_digest().encode(), canonical_json(settings_of(tape)), canonical_json(EXCHANGE))
    return sha256(b"\n".join(parts)).hexdigest()[:16]
