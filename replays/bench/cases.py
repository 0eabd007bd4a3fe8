"""The benchmarks by name: what is measured, and against which floor."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from core.money import arithmetic
from core.state import State
from eventstore.store import EventStore
from replays.bench import floor_replay, floor_store
from replays.bench.fills import NONCE, STREAM, fills, rows
from replays.bench.measure import Case, Timed, Work, timed
from replays.bench.tape import Tape, recorded
from replays.fold import fold_recording
from replays.player import replay_file
from replays.recording.reader import open_recording

QUOTES = 200_000
CANDLES = 100_000
FILLS = 100_000
SINGLES = 2_000
"""Events of the benchmarks that commit each one by itself."""
GROUP = 100
Tell = Callable[[str], None]


class Sizes:
    """How much work there is; tests measure less."""

    def __init__(
        self, quotes: int = QUOTES, candles: int = CANDLES, fills: int = FILLS, singles: int = SINGLES
    ) -> None:
        self.tapes = {
            "10/20": Tape("quote", 10, 20, quotes),
            "100/500": Tape("quote", 100, 500, quotes),
            "candles": Tape("candle", 10, 20, candles),
        }
        self.fills = fills
        self.singles = singles


NAMES = (
    "replay 10/20",
    "replay 100/500",
    "replay candles",
    "rebuild 10/20",
    "rebuild 100/500",
    "append one",
    "append grouped",
    "read",
)


def chosen(names: Sequence[str]) -> list[str]:
    """The benchmarks whose names begin with one of these; all of them without any."""
    return [name for name in NAMES if not names or any(name.startswith(wanted) for wanted in names)]


def case(name: str, sizes: Sizes, tell: Tell | None) -> Case:
    """The benchmark of this name, ready to be measured; makes its recording when there is none yet."""
    kind, _, variant = name.partition(" ")
    if kind in ("replay", "rebuild"):
        return _tape_case(name, kind, sizes.tapes[variant], tell)
    return _store_case(name, sizes)


def _tape_case(name: str, kind: str, tape: Tape, tell: Tell | None) -> Case:
    path = recorded(tape, tell=tell)
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


def _bare(path: Path, tape: Tape, events: int, *, decides: bool) -> Work:
    def work() -> int:
        floor_replay.run(path, tape.trigger, tape.fast, tape.slow, decides=decides)
        return events

    return work


def _store_case(name: str, sizes: Sizes) -> Case:
    if name == "append one":
        return Case(name, _append(sizes.singles, 1), _bare_append(sizes.singles, 1))
    if name == "append grouped":
        return Case(name, _append(sizes.fills, GROUP), _bare_append(sizes.fills, GROUP))
    return Case(name, _read(sizes.fills), _bare_read(sizes.fills))


@contextmanager
def _fresh_store() -> Iterator[EventStore]:
    with (
        TemporaryDirectory(prefix="perptape-bench-") as folder,
        EventStore.open(f"sqlite:///{folder}/ours.sqlite", create=True) as store,
    ):
        store.create_stream(STREAM, NONCE, b"{}")
        yield store


def _append_all(store: EventStore, count: int, group: int) -> int:
    records = fills(count)
    for start in range(0, count, group):
        store.append(STREAM, start, records[start : start + group])
    return count


def _append(count: int, group: int) -> Callable[[], Timed]:
    def run() -> Timed:
        fills(count)
        with _fresh_store() as store:
            return timed(lambda: _append_all(store, count, group))()

    return run


def _bare_append(count: int, group: int) -> Callable[[], Timed]:
    def run() -> Timed:
        lines = rows(count)
        with TemporaryDirectory(prefix="perptape-bench-") as folder:
            connection = floor_store.connect(Path(folder) / "floor.sqlite")
            if group == 1:
                result = timed(lambda: floor_store.append_one(connection, lines))()
            else:
                result = timed(lambda: floor_store.append_grouped(connection, lines, group))()
            connection.close()
            return result

    return run


def _read(count: int) -> Callable[[], Timed]:
    def read_all(store: EventStore) -> int:
        events = 0
        for envelope in store.read(STREAM):
            orjson.loads(envelope.data)
            events += 1
        return events

    def run() -> Timed:
        with _fresh_store() as store:
            _append_all(store, count, 1_000)
            return timed(lambda: read_all(store))()

    return run


def _bare_read(count: int) -> Callable[[], Timed]:
    def run() -> Timed:
        with TemporaryDirectory(prefix="perptape-bench-") as folder:
            connection = floor_store.connect(Path(folder) / "floor.sqlite")
            floor_store.append_grouped(connection, rows(count), 1_000)
            result = timed(lambda: floor_store.read(connection))()
            connection.close()
            return result

    return run
