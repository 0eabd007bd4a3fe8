"""The recordings of the benchmarks: made by really running the bot on the simulated exchange, and kept for next time."""

import os
import tempfile
from collections.abc import Callable
from decimal import Decimal
from getpass import getuser
from hashlib import sha256
from pathlib import Path
from typing import Literal

from msgspec import Struct

from core.canonical import canonical_json
from core.edge.behaviour import behaviour_digest
from core.edge.exchange import ExchangeSettings
from core.edge.market import MarketDigest
from core.settings import GuardSettings, StrategySettings, TradingSettings
from replays.bench.market import SEED, SYMBOLS, candles, quotes
from replays.record import Plan, record

CASH = Decimal(100_000)

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


class Tape(Struct, frozen=True):
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


def plan_of(tape: Tape) -> Plan:
    """The run that makes the recording: all guards on, a margin account, 500 of quote currency a position."""
    points = quotes if tape.trigger == "quote" else candles
    trading = TradingSettings(
        profile="bench",
        symbols=tuple(SYMBOLS),
        strategies=(
            StrategySettings(
                name="trend",
                kind="ma_crossover",
                trigger=tape.trigger,
                parameters={"fast": tape.fast, "slow": tape.slow},
            ),
        ),
        guards=GUARDS,
    )
    return Plan(
        trading=trading,
        exchange=ExchangeSettings(seed=SEED, cash=CASH, hold=Decimal(0)),
        points=lambda: points(tape.count),
        market=MarketDigest((), (("bench", tape.name),)),
        seed=SEED,
    )


def recorded(tape: Tape, folder: Path | None = None, tell: Callable[[str], None] | None = None) -> Path:
    """The recording's file, made now unless this code has made it before. Kept in the user's temporary folder."""
    folder = folder or Path(tempfile.gettempdir()) / f"perptape-bench-{getuser()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    plan = plan_of(tape)
    made_by = sha256(behaviour_digest().encode() + canonical_json(plan.trading) + canonical_json(plan.exchange))
    path = folder / f"{tape.name}-{made_by.hexdigest()[:16]}.jsonl"
    if path.exists():
        return path
    for outdated in folder.glob(f"{tape.name}-*.jsonl"):
        outdated.unlink()
    if tell is not None:
        tell(f"recording {tape.count:,} {tape.trigger}s for {tape.fast}/{tape.slow} once, for this run and later ones")
    mine = folder / f"{os.getpid()}-{path.name}"
    record(plan, mine)
    mine.replace(path)
    return path
