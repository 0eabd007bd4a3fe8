"""What a recording promises however often it was killed, and which of it was broken."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from perptape.core.edge.simulation.exchange import SimulatedExchange
from perptape.core.money import arithmetic
from perptape.core.state import State
from perptape.replays.commands.demo import essence
from perptape.replays.proof.player import replay_file
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.proof.verify import verify
from perptape.replays.record import Plan, _digest_of, record
from perptape.replays.tape.fold import fold_recording
from perptape.replays.tape.reader import open_recording
from perptape.replays.tape.source import TapePoint
from tests.replays.crash.moments import acknowledged

_HASH = re.compile(rb',"hash":"[0-9a-f]{64}"\}$')


def is_finished(folder: Path, output: str) -> bool:
    """Whether the file is in its place and nothing is left to be resumed: to record again would be to begin anew."""
    return (folder / output).exists() and not (folder / f"{output}.partial").exists()


def broken(plan: Plan, folder: Path, output: str, expected: dict[str, Any] | None) -> list[str]:
    """Finish the recording in `folder` if it is not finished, and list the promises that it breaks.

    `expected` is what an unkilled run came to; None when this one may differ.
    """
    kept = folder.with_name("exchange.sqlite")
    path = folder / output
    may_be_left = {output}
    if is_finished(folder, output):
        may_be_left.add(f"{output}.partial.cleared")
    else:
        _keep_journal(folder / f"{output}.partial" / "exchange.sqlite", kept)
        record(plan, path)
    rebuilt = rebuild(str(path), "", TapePoint())
    with open_recording(path) as opened, arithmetic():
        state = fold_recording(opened, State())
    found = [
        *_left_behind(folder, may_be_left),
        *_lost_events(path, acknowledged(folder)),
        *_not_provable(path, rebuilt.state_digest),
        *_differences(state, expected),
    ]
    return [*found, *_at_the_exchange(plan, state, kept)] if kept.exists() else found


def _keep_journal(journal: Path, copy: Path) -> None:
    """Copy the exchange's journal at the moment at which `record` puts its folder out of the way."""

    def before_clearing(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "os.rename" and Path(arguments[0]) == journal.parent:
            with sqlite3.connect(journal) as source, sqlite3.connect(copy) as target:
                source.backup(target)
            source.close()
            target.close()

    sys.addaudithook(before_clearing)


def _left_behind(folder: Path, may_be_left: set[str]) -> Iterator[str]:
    there = {path.name for path in folder.iterdir()}
    if not there <= may_be_left:
        yield f"the folder holds {sorted(there)}"


def _lost_events(path: Path, told: dict[int, str]) -> Iterator[str]:
    """Every acknowledged event is in the finished file, at its version and with its contents."""
    lines = path.read_bytes().splitlines()[1:-1]
    if sum(b'"type":"ConfigurationLoaded"' in line for line in lines) != 1:
        yield "the settings are not on the tape exactly once"
    held = {version: sha256(_HASH.sub(b"", line)).hexdigest() for version, line in enumerate(lines, 1)}
    lost = [version for version, digest in told.items() if held.get(version) != digest]
    if lost:
        yield f"acknowledged versions are lost or changed: {lost[:10]}"


def _not_provable(path: Path, state_digest: str) -> Iterator[str]:
    replay = replay_file(path)
    if replay.divergence is not None:
        yield f"the replay diverges: {replay.divergence}"
    if replay.state_digest != state_digest:
        yield "the replay ends in another state"
    if not verify(str(path), "").ok:
        yield "the file does not verify"


def _differences(state: State, expected: dict[str, Any] | None) -> Iterator[str]:
    if expected is None:
        return
    found = essence(state)
    for name, value in expected.items():
        if found[name] != value:
            yield f"{name} differ from the unkilled run:\n  {found[name]}\n  {value}"


def _at_the_exchange(plan: Plan, state: State, journal: Path) -> Iterator[str]:
    """One order for each intent, and the same positions and money on both sides."""
    exchange = SimulatedExchange.open(journal, plan.points, plan.exchange, _digest_of(plan.market))
    try:
        exchange.resume(state.feed_seq)
        venue = exchange.state
        orders = list(venue.orders.values())
        if venue.ordinals["order"] != len(orders) or len({order.request.intent for order in orders}) != len(orders):
            yield f"{venue.ordinals['order']} orders at the exchange for {len(orders)} client order ids"
        there = {symbol: holding.size for symbol, holding in venue.account.holdings.items()}
        here = {symbol: position.size for symbol, position in state.positions.items()}
        if there != here:
            yield f"positions: the exchange has {there}, the bot {here}"
        if venue.account.cash != state.account.cash:
            yield f"cash: the exchange has {venue.account.cash}, the bot {state.account.cash}"
        working = sorted(order.request.client_order_id for order in venue.working())
        if working != sorted(state.orders):
            yield f"working orders: the exchange has {working}, the bot {sorted(state.orders)}"
    finally:
        exchange.close()
