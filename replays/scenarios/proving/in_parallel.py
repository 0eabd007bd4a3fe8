"""Proving many rows, several at a time, in the order of the catalogue."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from perptape.core.errors import PerptapeError
from perptape.eventstore.errors import EventStoreError
from perptape.replays.evidence.expectation import UnmetError
from perptape.replays.proof.player import replay_file
from perptape.replays.proof.verify import verify
from perptape.replays.scenarios.catalogue import CatalogueRow, catalogue
from perptape.replays.scenarios.drills.drill import Drill
from perptape.replays.scenarios.proving.discovery import named, recording_of
from perptape.replays.scenarios.runner.proof import Proved, prove


def prove_all(names: list[str], *, drills: bool = True, jobs: int | None = None) -> Iterator[Proved]:
    """Prove these rows, or all; each is told as soon as those before it are."""
    rows = [row for row in named(names) if drills or not isinstance(row, Drill)]
    workers = min(jobs or os.cpu_count() or 1, len(rows))
    if workers < 2:
        yield from map(prove_row, rows)
        return
    # Drills kill and fork: each process starts afresh.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        places = [pool.submit(_prove_named, names, row.id) for row in rows]
        for place in places:
            yield place.result()


def _prove_named(names: list[str], row_id: str) -> Proved:
    [row] = [row for row in named(names) if row.id == row_id]
    return prove_row(row)


def prove_row(row: CatalogueRow) -> Proved:
    """Prove one row, whichever kind it is."""
    if isinstance(row, Drill):
        return prove_drill(row)
    return prove(row, recording_of(row) if row in catalogue() else None)


def prove_drill(drill: Drill) -> Proved:
    """Carry out a drill, and hold what survives to its expectations."""
    started = time.perf_counter()
    failures: list[str] = []
    events = decisions = 0
    with TemporaryDirectory() as folder:
        try:
            survived = drill.attack(Path(folder))
        except (PerptapeError, EventStoreError, OSError, UnmetError) as fault:
            failures.append(f"the attack itself failed: {fault}")
        else:
            for recording in survived.recordings:
                replay = replay_file(recording)
                events += replay.events
                decisions += replay.decisions
                if replay.divergence is not None:
                    failures.append(f"{recording.name} diverges: {replay.divergence.reason}")
                if not verify(str(recording), "").ok:
                    failures.append(f"{recording.name} does not verify")
            for expectation in drill.verifies:
                try:
                    expectation.check(survived.facts)
                except UnmetError as fault:
                    failures.append(f"not met: {expectation.name}: {fault}")
    seconds = time.perf_counter() - started
    return Proved(drill.id, drill.name, not failures, events, decisions, seconds, tuple(failures))
