"""Judging a mutant: the catalogue is played under it, and its expectations are asked; bytes are compared apart."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

from perptape.replays.evidence.expectation import Expectation
from perptape.replays.evidence.run import Run
from perptape.replays.golden.check import check
from perptape.replays.oracle import everything
from perptape.replays.scenarios.catalogue import scenarios
from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.proving.discovery import recording_of
from perptape.replays.scenarios.runner.play import Played, play
from perptape.replays.scenarios.runner.proof import not_the_same, unmet
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
    recorded_otherwise: bool
    """Whether recording that scenario again gave other event lines than its recording holds."""
    replayed_otherwise: str
    """The first recording that replaying found to diverge, or to come to something else than its golden, beginning
    with that scenario's; empty when none did. Asked only when a decision came out otherwise."""


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
    """Play the scenarios until one notices; `baseline` has their decisions without any mutant, by id.

    Those with the most expectations come first, because they notice the most.
    """
    fate: Fate = "survived"
    by = otherwise = replayed = ""
    recorded = False
    with mutated(mutant):
        for scenario in sorted(scenarios(), key=lambda row: -len(row.verifies)):
            try:
                with _patience():
                    played = play(scenario)
                    missed = next(unmet(played.run, scenario.verifies), "")
            except _TooLong:
                fate, by = "broke down", f"{scenario.id}: it never ended"
                break
            except Exception as fault:  # whatever a mutant raises is how it was found
                fate, by = "broke down", f"{scenario.id}: {type(fault).__name__}: {fault}"
                break
            if not otherwise and decisions(played.run) != baseline[scenario.id]:
                otherwise = scenario.id
                recorded = _recording_notices(played)
                replayed = _replaying_notices(scenario)
            if missed:
                fate, by = "expectation", f"{scenario.id}: {missed}"
                break
    return Verdict(mutant, fate, by, otherwise, recorded, replayed)


def unmet_under(mutant: Mutant, rows: frozenset[str]) -> dict[str, str]:
    """The first of its own expectations that each of these rows does not meet under the mutant, by the row's id.

    What any row can be held to (perptape.replays.oracle) is asked only of rows that have nothing else.
    """
    found = {}
    with mutated(mutant):
        for scenario in scenarios():
            if scenario.id in rows:
                try:
                    with _patience():
                        missed = next(unmet(play(scenario).run, own(scenario)), "")
                except (_TooLong, Exception):  # a row that cannot be played has not been asked
                    continue
                if missed:
                    found[scenario.id] = missed.removeprefix("not met: ")
    return found


def own(scenario: Scenario) -> tuple[Expectation, ...]:
    """The expectations that are of this row alone, or all where there are none."""
    common = {expectation.name for expectation in everything("")}
    return tuple(each for each in scenario.verifies if each.name not in common) or scenario.verifies


def decisions(run: Run) -> list[bytes]:
    """The decisions of a run with their places."""
    return [repr((line.version, line.type, line.data)).encode() for line in run.tape if line.cause is not None]


def played() -> dict[str, list[bytes]]:
    """The decisions of every scenario as they are."""
    return {scenario.id: decisions(play(scenario).run) for scenario in scenarios()}


def _recording_notices(now: Played) -> bool:
    """Rule 5 of the catalogue: recording a script again gives the same event lines."""
    return bool(not_the_same(now, recording_of(now.scenario)))


def _replaying_notices(scenario: Scenario) -> str:
    """Rules 2 and 3: the recordings replay, and come to what their goldens say."""
    others = [other for other in scenarios() if other is not scenario]
    return next((each.id for each in [scenario, *others] if _comes_to_other_than_its_golden(each)), "")


def _comes_to_other_than_its_golden(scenario: Scenario) -> bool:
    try:
        with _patience():
            return not check(recording_of(scenario)).ok
    except (_TooLong, Exception):  # whatever a mutant raises is a finding
        return True
