"""Recording a session: the bot on the simulated exchange, driven by market files, onto a store, and out to a file.

While it runs, everything lies in `<output>.partial/`: the bot's tape and the exchange's journal, each durable by
itself. A killed run is resumed from there; the finished file is renamed into place, and then the folder out of the way,
which is the moment from which on the run is finished.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from importlib.metadata import version as installed_version
from pathlib import Path

import msgspec
from msgspec import Struct

from perptape.core.canonical import canonical_json
from perptape.core.config import RuntimeSettings
from perptape.core.edge.alerts import TapeAlerts
from perptape.core.edge.market import (
    MarketDigest,
    MarketFile,
    MarketPoint,
    market_digest,
    market_path,
    require_same_market,
)
from perptape.core.edge.market.trimming import within_prices
from perptape.core.edge.simulation.exchange import ExchangeSettings, SimulatedExchange
from perptape.core.edge.simulation.exchange.simulated import Stage, unwatched
from perptape.core.edge.simulation.virtual_time import VirtualClock, run_to_end
from perptape.core.edge.storage.behaviour import behaviour_digest
from perptape.core.edge.storage.log import StoreLog
from perptape.core.errors import MarketDataError, SimulationError
from perptape.core.opening import state_digest
from perptape.core.orchestrator import Orchestrator
from perptape.core.ports import Log
from perptape.core.settings import TradingSettings
from perptape.core.state import State
from perptape.eventstore.envelope import body
from perptape.eventstore.errors import StreamExistsError, StreamNotFoundError
from perptape.eventstore.port import Store
from perptape.eventstore.snapshot_retention import Retention
from perptape.eventstore.store import EventStore
from perptape.replays.tape.header import Header, Provenance, first_header, form_of
from perptape.replays.tape.writer import RecordingWriter

STREAM = "bot"
MARKET_ENDED = "the market path ended"
MARK = "plan.json"
TAPE = "tape.sqlite"
JOURNAL = "exchange.sqlite"
Points = Callable[[], Iterator[MarketPoint]]


class Plan(Struct, frozen=True):
    """What is to be recorded: settings, venue, market and seed. The same plan always gives the same event lines."""

    trading: TradingSettings
    exchange: ExchangeSettings
    points: Points
    """The whole market path, from its start, each time it is called."""
    market: MarketDigest
    seed: int
    user_sources: tuple[tuple[str, str], ...] = ()
    runtime: RuntimeSettings = RuntimeSettings()
    """Of these, which snapshots are taken and kept; they shape no event."""


class Hooks(Struct, frozen=True):
    """Seams for tests that kill the process: around every append and every stage of every broker call."""

    stage: Callable[[Stage], None] = unwatched
    log: Callable[[Log], Log] = lambda log: log


class Recorded(Struct, frozen=True):
    """What came of it."""

    path: Path
    events: int
    sessions: int
    """More than one when the run was killed and resumed."""
    state: State
    state_digest: str


def plan_from_files(
    trading: TradingSettings,
    exchange: ExchangeSettings,
    files: Mapping[str, Sequence[MarketFile]],
    seed: int,
    user_sources: Sequence[tuple[str, str]] = (),
    *,
    runtime: RuntimeSettings | None = None,
) -> Plan:
    """A plan on market files by symbol. Raises MarketDataError for a symbol that the settings do not name."""
    for symbol, of_symbol in files.items():
        if symbol not in trading.symbols:
            raise MarketDataError(
                f"{of_symbol[0].path}: symbol {symbol} is not among the bot's ({', '.join(trading.symbols)}): name one "
                f"with SYMBOL=FILE, or set trading.symbols in a configuration"
            )
    seeded = msgspec.structs.replace(exchange, seed=seed)
    return Plan(
        trading,
        seeded,
        lambda: within_prices(market_path(files)),
        market_digest(files),
        seed,
        tuple(user_sources),
        runtime or RuntimeSettings(),
    )


def nonce_from(seed: int) -> str:
    """The nonce of a recorded stream: it follows from the seed, so that recording again gives the same ids."""
    return sha256(f"perptape record {seed}".encode()).hexdigest()[:32]


def record(
    plan: Plan,
    output: Path,
    *,
    progress: Callable[[int], None] | None = None,
    hooks: Hooks | None = None,
    take_over: bool = False,
    store_url: str | None = None,
) -> Recorded:
    """Run the plan, or resume it where it was killed, and write the recording.

    The tape lies in the working folder until it is finished; in the store of a URL it stays, as the stream `bot`.

    Raises SimulationError when an unfinished run of another plan is in the way, or nothing can be written there, and
    LeaseHeldError while another process records there: one that has surely ended, or any if the caller knows that none
    runs and says `take_over`, is no hindrance.
    """
    hooks = hooks or Hooks()
    partial = _working_folder(output)
    behaviour = behaviour_digest(plan.user_sources)
    _claim(partial, plan, behaviour, output)
    with EventStore.open(store_url or f"sqlite:///{partial / TAPE}", create=True) as store:
        nonce = nonce_from(plan.seed)
        header = _header(plan, nonce, behaviour)
        _ensure_stream(store, header)
        retention = Retention(*msgspec.structs.astuple(plan.runtime.snapshots))
        # Before the exchange's journal is opened: that has no lease of its own.
        with StoreLog(store, STREAM, retention, command="perptape record", take_over=take_over) as log:
            journal = partial / JOURNAL
            state = asyncio.run(_run(plan, hooks.log(log), journal, behaviour, progress=progress, stage=hooks.stage))
            _export(store, header, output)
    _clear(partial)
    return Recorded(output, state.version, state.session, state, state_digest(state))


async def _run(
    plan: Plan,
    log: Log,
    journal: Path,
    behaviour: str,
    *,
    progress: Callable[[int], None] | None,
    stage: Callable[[Stage], None],
) -> State:
    exchange = SimulatedExchange.open(journal, plan.points, plan.exchange, _digest_of(plan.market), stage=stage)
    try:
        clock = VirtualClock(exchange)
        orchestrator = Orchestrator(log, exchange, TapeAlerts(), clock, behaviour=behaviour)
        state = orchestrator.state
        exchange.resume(state.feed_seq)
        exchange.advance_to(state.at_ns)
        clock.begin(state.at_ns if state.version else exchange.peek_ns() or 0)
        if state.version and not state.running and exchange.peek_ns() is None:
            return state
        await orchestrator.start(plan.trading)
        await run_to_end(orchestrator, exchange, progress)
        await orchestrator.stop(MARKET_ENDED)
        return orchestrator.state
    finally:
        exchange.close()


def _header(plan: Plan, nonce: str, behaviour: str) -> Header:
    provenance = Provenance(release=installed_version("perptape"), behaviour=behaviour)
    return first_header(STREAM, nonce, canonical_json(plan.trading), provenance)


def _working_folder(output: Path) -> Path:
    """The folder for the unfinished run, made if need be."""
    if output.is_dir():
        raise SimulationError(f"{output}: is a folder: name a file")
    partial = output.with_name(output.name + ".partial")
    try:
        partial.mkdir(parents=True, exist_ok=True)
        if _cleared(partial).exists():
            shutil.rmtree(_cleared(partial))
    except OSError as error:
        reason = f"the folder {partial} cannot be made ({error.strerror})"
        raise SimulationError(f"{output}: cannot be written, {reason}: choose another place") from error
    return partial


def _claim(partial: Path, plan: Plan, behaviour: str, output: Path) -> None:
    """Mark the working folder with the plan, or find out that it belongs to another one."""
    mark = partial / MARK
    settings = sha256(canonical_json(plan.trading) + canonical_json(plan.exchange)).hexdigest()
    if not mark.exists():
        _write_durably(mark, msgspec.json.encode({"settings": settings, "market": plan.market, "behaviour": behaviour}))
        return
    begun = msgspec.json.decode(mark.read_bytes())
    remedy = f"finish it with the same options, or remove {partial} to begin anew"
    if begun["behaviour"] != behaviour:
        raise SimulationError(
            f"{output}: an unfinished recording was started by different code: delete {partial} to start over"
        )
    if begun["settings"] != settings:
        raise SimulationError(
            f"{output}: an unfinished recording was started with different settings or seed: {remedy}"
        )
    try:
        require_same_market(msgspec.convert(begun["market"], MarketDigest), plan.market)
    except MarketDataError as error:
        raise SimulationError(
            f"{output}: an unfinished recording was started with different market data: {remedy}"
        ) from error


def _clear(partial: Path) -> None:
    """Remove the working folder. It gets another name first: half a folder must not look like a run to be resumed."""
    cleared = _cleared(partial)
    partial.rename(cleared)
    shutil.rmtree(cleared)


def _cleared(partial: Path) -> Path:
    return partial.with_name(partial.name + ".cleared")


def _write_durably(path: Path, content: bytes) -> None:
    scratch = path.with_name(path.name + ".new")
    with scratch.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def _digest_of(market: MarketDigest) -> str:
    return sha256(msgspec.json.encode(market)).hexdigest()


def _ensure_stream(store: Store, header: Header) -> None:
    try:
        store.stream(STREAM)
    except StreamNotFoundError:
        with suppress(StreamExistsError):  # another process has just begun: one of the two gets the lease
            metadata = msgspec.json.encode(header)
            store.create_stream(STREAM, header.nonce, metadata, format_name=form_of(header))


def _export(store: Store, header: Header, output: Path) -> None:
    """Write the whole file beside its place, make it durable, and rename it there."""
    scratch = output.with_name(f"{output.name}.partial") / output.name
    with RecordingWriter(scratch, header) as writer:
        for envelope in store.read(STREAM):
            writer.write(body(envelope.version, envelope[1:6]))
    with scratch.open("rb") as file:
        os.fsync(file.fileno())
    scratch.replace(output)
