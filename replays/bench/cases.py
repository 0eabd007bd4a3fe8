"""The benchmarks by name: what is measured, and against which floor."""

from collections.abc import Callable, Sequence
from pathlib import Path

from perptape.core.money import arithmetic
from perptape.core.state import State
from perptape.replays.bench import floor_replay
from perptape.replays.bench.measure import Case, Work, timed
from perptape.replays.bench.store_cases import POSTGRES_NAMES, SQLITE_NAMES, store_case
from perptape.replays.bench.tape import Workload, recorded
from perptape.replays.proof.player import replay_file
from perptape.replays.tape.fold import fold_recording
from perptape.replays.tape.reader import open_recording

QUOTES = 200_000
CANDLES = 100_000
FILLS = 100_000
SINGLES = 2_000
"""Events of the benchmarks that commit each one by itself."""
Notify = Callable[[str], None]


class Sizes:
    """How much work there is, tests measure less; and where PostgreSQL is."""

    def __init__(
        self,
        quotes: int = QUOTES,
        candles: int = CANDLES,
        fills: int = FILLS,
        singles: int = SINGLES,
        postgres: str = "",
    ) -> None:
        self.tapes = {
            "10/20": Workload("quote", 10, 20, quotes),
            "100/500": Workload("quote", 100, 500, quotes),
            "candles": Workload("candle", 10, 20, candles),
        }
        self.fills = fills
        self.singles = singles
        self.postgres = postgres
        """URL of a database for the benchmarks of PostgreSQL, in which schemas may be made; empty without one."""


NAMES = (
    "replay 10/20",
    "replay 100/500",
    "replay candles",
    "rebuild 10/20",
    "rebuild 100/500",
    *SQLITE_NAMES,
    *POSTGRES_NAMES,
)


def chosen(names: Sequence[str], *, postgres: bool = False) -> list[str]:
    """The benchmarks whose names begin with one of these; all of them without any. PostgreSQL's need a server."""
    known = NAMES if postgres else [name for name in NAMES if name not in POSTGRES_NAMES]
    return [name for name in known if not names or any(name.startswith(wanted) for wanted in names)]


def case(name: str, sizes: Sizes, notify: Notify | None) -> Case:
    """The benchmark of this name, ready to be measured; makes its recording when there is none yet."""
    kind, _, variant = name.partition(" ")
    if kind in ("replay", "rebuild"):
        return _tape_case(name, kind, sizes.tapes[variant], notify)
    return store_case(name, sizes.singles if "one" in name else sizes.fills, sizes.postgres)


def _tape_case(name: str, kind: str, tape: Workload, notify: Notify | None) -> Case:
    path = recorded(tape, notify=notify)
    with path.open("rb") as lines:
        events = sum(1 for _ in lines) - 2
    ours = _replays(path) if kind == "replay" else _rebuilds(path)
    return Case(name, timed(ours), timed(_bare(path, tape, events, decides=kind == "replay")))


def _replays(path: Path) -> Work:
    def work() -> int:
        result = replay_file(path)
        if result.divergence is not None:
            raise RuntimeError(f"{path} diverges at version {result.divergence.version}: nothing to measure")
        return result.events

    return work


def _rebuilds(path: Path) -> Work:
    def work() -> int:
        state = State()
        with open_recording(path) as recording, arithmetic():
            fold_recording(recording, state)
        return state.version

    return work


def _bare(path: Path, tape: Workload, events: int, *, decides: bool) -> Work:
    def work() -> int:
        floor_replay.run(path, tape.trigger, tape.fast, tape.slow, decides=decides)
        return events

    return work
