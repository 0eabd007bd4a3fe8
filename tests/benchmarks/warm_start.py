"""A warm start of a long stream beside that of a short one: restoring takes as long whatever lies before the snapshots.

    python -m tests.benchmarks.warm_start [--events 1000000]

Both streams hold quotes and the trades they led to, with a snapshot every 10,000 events and 5,000 after the last.
"""

import argparse
import sys
import time
from itertools import islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from perptape.core.edge.storage.log import StoreLog
from perptape.core.opening import snapshot_bytes
from perptape.core.ports import Snapshot
from perptape.core.restore import fold_logged, restore
from perptape.core.state import State
from perptape.eventstore.store import EventStore
from perptape.replays.bench.tape import Workload, recorded
from perptape.replays.upkeep.transfer import import_recording

SNAPSHOT_EVERY = 10_000
TAIL = 5_000
BEHAVIOUR = "warm-start"
ROUNDS = 7
GOAL = 1.2


def prepared(store: EventStore, events: int) -> str:
    """Import a session of at least so many events and save snapshots on the way; the stream's name."""
    recording = recorded(Workload("quote", 100, 500, events), notify=lambda text: print(text, file=sys.stderr))
    name = import_recording(store, recording).stream
    with StoreLog(store, name) as log:
        last = log.head_version() - TAIL
        first = last - last // SNAPSHOT_EVERY * SNAPSHOT_EVERY
        state = State()
        for version in range(first or SNAPSHOT_EVERY, last + 1, SNAPSHOT_EVERY):
            fold_logged(state, islice(log.read(state.version), version - state.version))
            log.save_snapshot(Snapshot(version, BEHAVIOUR, snapshot_bytes(state)))
    return name


def started(store: EventStore, name: str) -> float:
    """Seconds of one warm start."""
    with StoreLog(store, name) as log:
        began = time.perf_counter()
        restored = restore(log, BEHAVIOUR)
        took = time.perf_counter() - began
    if not restored.snapshot_version:
        raise AssertionError(f"{name} was started cold")
    return took


def main() -> int:
    """Measure both in turn, print them and the ratio, and say by the exit status whether the goal was met."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--events", type=int, default=1_000_000)
    options = parser.parse_args()
    with (
        TemporaryDirectory() as folder,
        EventStore.open(f"sqlite:///{Path(folder) / 'short.db'}", create=True) as short,
        EventStore.open(f"sqlite:///{Path(folder) / 'long.db'}", create=True) as long,
    ):
        names = prepared(short, 2 * SNAPSHOT_EVERY + TAIL), prepared(long, options.events)
        pairs = [(started(short, names[0]), started(long, names[1])) for _ in range(ROUNDS)]
        heads = short.head(names[0]).version, long.head(names[1]).version
    ratio = median(later / sooner for sooner, later in pairs)
    for events, column in zip(heads, zip(*pairs, strict=True), strict=True):
        print(f"{events:>10,} events: {median(column) * 1000:.0f} ms")
    print(f"ratio {ratio:.2f} (goal {GOAL})")
    return 0 if ratio <= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
