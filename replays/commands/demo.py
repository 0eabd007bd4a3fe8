"""The demonstration: a session with a crash in it, recovered, replayed, rebuilt, proved, and told on one page."""

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.core.config import Configuration
from perptape.core.durations import MINUTE_NS
from perptape.core.edge.market import MarketDigest, MarketPoint, synthetic_path
from perptape.core.edge.market.conditions import NORMAL, VOLATILE, Conditions
from perptape.core.edge.market.points import BookPoint
from perptape.core.edge.simulation.exchange import ExchangeSettings
from perptape.core.edge.simulation.exchange.simulated import Stage
from perptape.core.errors import SimulationError
from perptape.core.money import ZERO
from perptape.core.position import net
from perptape.core.settings import TradingSettings
from perptape.core.state import State
from perptape.eventstore.store import EventStore
from perptape.replays.proof.player import Replay, replay_file
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.proof.verify import Verified, verify
from perptape.replays.record import STREAM, Hooks, Plan, Recorded, record
from perptape.replays.tape.source import TapePoint

START_NS = 1_736_150_400_000_000_000
"""2025-01-06T08:00:00Z, a Monday."""
STEP_NS = 10_000_000_000
HOURS: tuple[tuple[Conditions, int], ...] = ((NORMAL, 20), (VOLATILE, 3), (NORMAL, 13))
"""The market's day and a half: calm, a storm, calm again."""
PRICES = {"BTC-PERP": Decimal(50_000), "ETH-PERP": Decimal(3_000)}
KILL_AT_CALL = 120
"""The process is killed inside this call to the broker: the exchange has acted and the answer is lost."""

UNKILLED_NOTE = "Recorded again without the crash, the session ends with the same positions, cash, orders and memory."


class Demonstration(Struct, frozen=True):
    """What the demonstration did and proved."""

    recorded: Recorded
    replay: Replay
    verified: Verified
    rebuilt_digest: str
    killed_at: int
    """Last durable version when the process was killed."""
    same_as_unkilled: bool
    report: Path

    @property
    def proved(self) -> bool:
        """Whether every claim held."""
        digests = {self.recorded.state_digest, self.replay.state_digest, self.rebuilt_digest, self.verified.cold}
        return self.replay.divergence is None and self.verified.ok and len(digests) == 1 and self.same_as_unkilled


def demo_points(seed: int) -> Iterator[MarketPoint]:
    """The market of the demonstration: synthetic, the same for the same seed."""
    start_ns, prices = START_NS, dict(PRICES)
    for part, (conditions, hours) in enumerate(HOURS):
        steps = hours * 3_600_000_000_000 // STEP_NS
        path = synthetic_path(
            prices, conditions, seed=seed + part, start_ns=start_ns, steps=steps, step_ns=STEP_NS, candle_ns=MINUTE_NS
        )
        for point in path:
            if isinstance(point, BookPoint):
                prices[point.symbol] = (point.bid + point.ask) / 2
            yield point
        start_ns += steps * STEP_NS


def demo_plan(trading: TradingSettings, exchange: ExchangeSettings, seed: int) -> Plan:
    """What the demonstration records."""
    market = MarketDigest((), (("demo", str(seed)), ("start_ns", str(START_NS)), ("step_ns", str(STEP_NS))))
    return Plan(trading, exchange, partial(demo_points, seed), market, seed)


def run_demo(
    folder: Path, seed: int, configuration: Configuration, notify: Callable[[str], None] | None = None
) -> Demonstration:
    """Run it all into `folder`. Raises PerptapeError when the folder cannot be used."""
    say = notify or (lambda _text: None)
    trading, exchange = configuration.trading, configuration.section(ExchangeSettings)
    session = folder / "session.jsonl"
    _clear(folder, session)
    say("1  a bot trades BTC and ETH on a simulated exchange, and is killed while it sends an order …")
    killed_at = _record_until_killed(session, seed, trading, exchange)
    durable = f"{killed_at:,} events were durable"
    say(f"   killed (SIGKILL); {durable}; the exchange has an order that the bot does not know about")
    say("2  it restarts, asks the exchange what happened to that order, and continues …")
    # The killed process was waited for: nobody holds the stream, on whatever kind of machine this is.
    recorded = record(demo_plan(trading, exchange, seed), session, take_over=True)
    state = recorded.state
    say(
        f"   {recorded.events:,} events in {recorded.sessions} sessions: {state.intents:,} orders, "
        f"{state.account.total.fills:,} fills, net {net(state.account.total):+,.2f} USD, "
        f"equity {state.account.equity:,.2f}"
    )
    same = _same_as_unkilled(folder, recorded, trading, exchange, seed)
    outcome = "are the same as in" if same else "DIFFER FROM those of"
    say(f"   positions, cash, orders and memory {outcome} a run without the crash")
    replay = replay_file(session)
    say(f"3  replayed: {replay.reproduced:,} of {replay.decisions:,} decisions reproduced")
    rebuilt = rebuild(str(session), "", TapePoint())
    verified = verify(str(session), "")
    say(f"4  rebuilt and verified: cold start = {len(verified.warm)} warm starts = {rebuilt.state_digest[:16]}…")
    report = _write_report(folder, session, replay, verified, killed_at, same=same)
    return Demonstration(recorded, replay, verified, rebuilt.state_digest, killed_at, same, report)


def _clear(folder: Path, session: Path) -> None:
    """Remove what an earlier demonstration left, and nothing else."""
    folder.mkdir(parents=True, exist_ok=True)
    for left in (session, folder / "report.html"):
        left.unlink(missing_ok=True)
    for partial_folder in (folder / "session.jsonl.partial", folder / "unkilled.jsonl.partial"):
        shutil.rmtree(partial_folder, ignore_errors=True)


def _record_until_killed(session: Path, seed: int, trading: TradingSettings, exchange: ExchangeSettings) -> int:
    """Record in a process of its own, which kills itself inside a broker call; the last durable version."""
    context = get_context("spawn")
    process = context.Process(target=_killed_child, args=(session, seed, trading, exchange))
    process.start()
    process.join()
    if process.exitcode != -signal.SIGKILL:
        raise SimulationError(f"the demo bot should have been killed, but it ended with {process.exitcode}")
    with EventStore.open(f"sqlite:///{session.with_name(session.name + '.partial') / 'tape.sqlite'}") as store:
        return store.head(STREAM).version


def _killed_child(session: Path, seed: int, trading: TradingSettings, exchange: ExchangeSettings) -> None:
    calls = count(1)

    def kill_at(stage: Stage) -> None:
        if stage == "journaled" and next(calls) == KILL_AT_CALL:
            os.kill(os.getpid(), signal.SIGKILL)

    record(demo_plan(trading, exchange, seed), session, hooks=Hooks(stage=kill_at))


def _same_as_unkilled(
    folder: Path, recorded: Recorded, trading: TradingSettings, exchange: ExchangeSettings, seed: int
) -> bool:
    """Record the same plan without a crash and compare what a trader would."""
    path = folder / "unkilled.jsonl"
    other = record(demo_plan(trading, exchange, seed), path)
    path.unlink()
    return essence(recorded.state) == essence(other.state)


def essence(state: State) -> dict[str, Any]:
    """What must not depend on crashes: positions, cash, working orders, modes, guard sums and strategy memory."""
    return {
        "positions": state.positions,
        # What the venue holds back is as old as its last report, and starting again asks for one more.
        "account": replace(state.account, hold=ZERO),
        "results": state.results,
        "orders": {key: (order.status, order.filled_size) for key, order in state.orders.items()},
        "intents": state.intents,
        "mode": state.mode,
        "tripped": state.tripped,
        "sleeves": {symbol: market.sleeves for symbol, market in state.markets.items()},
    }


def _write_report(
    folder: Path, session: Path, replay: Replay, verified: Verified, killed_at: int, *, same: bool
) -> Path:
    from perptape.replays.report import Proof, ReplayProof, VerifyProof, WarmStart, read_story, render  # noqa: PLC0415 - only here

    proof = Proof(
        replay=ReplayProof(
            events=replay.events,
            observations=replay.observations,
            decisions=replay.decisions,
            reproduced=replay.reproduced,
            state_digest=replay.state_digest,
            divergence=replay.divergence.reason if replay.divergence else "",
        ),
        verify=VerifyProof(
            ok=verified.ok,
            cold=verified.cold,
            warm=tuple(WarmStart(warm.snapshot_version, warm.state_digest) for warm in verified.warm),
        ),
        killed_at=killed_at,
        note=UNKILLED_NOTE if same else "",
    )
    report = folder / "report.html"
    report.write_text(render(read_story(session), proof), encoding="utf-8")
    return report


def as_data(result: Demonstration) -> dict[str, Any]:
    """What `demo --json` prints."""
    return {
        "proved": result.proved,
        "file": str(result.recorded.path),
        "report": str(result.report),
        "events": result.recorded.events,
        "sessions": result.recorded.sessions,
        "decisions": result.replay.decisions,
        "reproduced": result.replay.reproduced,
        "killed_at": result.killed_at,
        "same_as_unkilled": result.same_as_unkilled,
        "state_digest": result.rebuilt_digest,
    }


def as_text(result: Demonstration) -> str:
    """The end of the story."""
    verdict = "PROVED" if result.proved else "NOT PROVED"
    return (
        f"{verdict}: {result.recorded.path}, state {result.rebuilt_digest}\n"
        f"Open {result.report} in a browser; then try: perptape replay {result.recorded.path}"
    )
