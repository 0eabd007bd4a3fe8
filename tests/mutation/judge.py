"""Judging a mutant: the catalogue is played under it, and its expectations are asked; bytes are compared apart."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from core.errors import PerptapeError
from replays.player import replay_file
from replays.scenarios.catalogue import scenarios
from replays.scenarios.own import recording_of
from replays.scenarios.play import play
from replays.scenarios.proof import unmet
from replays.scenarios.run import Run
from replays.scenarios.scenario import Scenario
from tests.mutation.alive import mutated
from tests.mutation.mutant import Mutant

PATIENCE_S = 20
"""A scenario takes a hundredth of a second; what takes this long never ends."""
Fate = Literal["expectation", "broke down", "survived"]


class Verdict(NamedTuple):
    """What became of a mutant."""

    mutant: Mutant
    fate: Fate
    by: str
    """The first expectation that noticed, or how the run broke down; empty for a survivor."""
    decided_otherwise: str
    """The first scenario in which a decision came out otherwise; empty when none did."""
    noticed_by_bytes: bool
    """Whether replaying that scenario's recording diverged."""


class _TooLong(BaseException):
    """Patience has ended."""


@contextmanager
def _patience() -> Iterator[None]:
    def stop(_signal: int, _frame: object) -> None:
        raise _TooLong

    previous = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, PATIENCE_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def judge(mutant: Mutant, baseline: dict[str, list[bytes]]) -> Verdict:
    """Play the scenarios until one notices; `baseline` has their decisions without any mutant, by id."""
    fate: Fate = "survived"
    by = otherwise = ""
    by_bytes = False
    with mutated(mutant):
        for scenario in scenarios():
            try:
                with _patience():
                    run = play(scenario).run
                    missed = unmet(run)
            except _TooLong:
                fate, by = "broke down", f"{scenario.id}: it never ended"
                break
            except Exception as fault:  # whatever a mutant raises is how it was found
                fate, by = "broke down", f"{scenario.id}: {type(fault).__name__}: {fault}"
                break
            if not otherwise and decisions(run) != baseline[scenario.id]:
                otherwise = scenario.id
                by_bytes = _replay_notices(scenario)
            if missed:
                fate, by = "expectation", f"{scenario.id}: {missed[0]}"
                break
    return Verdict(mutant, fate, by, otherwise, by_bytes)


def decisions(run: Run) -> list[bytes]:
    """The decisions of a run with their places."""
    return [repr((line.version, line.type, line.data)).encode() for line in run.tape if line.cause is not None]


def played() -> dict[str, list[bytes]]:
    """The decisions of every scenario as they are."""
    return {scenario.id: decisions(play(scenario).run) for scenario in scenarios()}


def _replay_notices(scenario: Scenario) -> bool:
    path: Path = recording_of(scenario)
    if not path.exists():
        raise FileNotFoundError(path)
    try:
        with _patience():
            return replay_file(path).divergence is not None
    except (_TooLong, PerptapeError):
        return True
