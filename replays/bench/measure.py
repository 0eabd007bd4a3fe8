"""Measuring: ours and the floor in turn, several rounds, medians. Only the ratio within one run means anything."""

import gc
import time
from collections.abc import Callable
from statistics import median
from typing import NamedTuple

from msgspec import Struct

ROUNDS = 5
Work = Callable[[], int]
"""One run over the whole work; gives the number of events worked off."""


class Case(Struct, frozen=True):
    """A benchmark: the same work done by perptape and by the floor."""

    name: str
    ours: Callable[[], "Timed"]
    floor: Callable[[], "Timed"]


class Timed(NamedTuple):
    """One run: events worked off, and the seconds it took."""

    events: int
    seconds: float


class Result(Struct, frozen=True):
    """What a benchmark came to. `ratio` is the median of the rounds' ratios, ours over the floor."""

    name: str
    ours_per_s: float
    floor_per_s: float
    ratio: float


def timed(work: Work) -> Callable[[], Timed]:
    """The work with its time taken; the collector starts every run with nothing to collect."""

    def run() -> Timed:
        gc.collect()
        started = time.perf_counter()
        events = work()
        return Timed(events, time.perf_counter() - started)

    return run


def measure(case: Case, rounds: int = ROUNDS) -> Result:
    """Run ours and the floor in turn, so that a drift of the machine's speed hits both."""
    pairs = [(case.ours(), case.floor()) for _ in range(rounds)]
    ours = [mine.events / mine.seconds for mine, _ in pairs]
    floor = [bare.events / bare.seconds for _, bare in pairs]
    ratios = [mine / bare for mine, bare in zip(ours, floor, strict=True)]
    return Result(case.name, median(ours), median(floor), median(ratios))
