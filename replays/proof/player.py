"""The player: gives today's code the recorded observations and compares every decision with the recorded one.

This is the hot loop of the product. Each line is hashed and decoded once; a decision that came out as recorded is
recognised by its bytes.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, suppress
from functools import partial
from pathlib import Path
from typing import NoReturn

from msgspec import Struct, field

from perptape.core.codec import Line, encode_body
from perptape.core.decide import begin_turn
from perptape.core.errors import NotMoneyError, StrategyLoadError, StrategyRaisedError
from perptape.core.events import Decision, StateDigestRecorded
from perptape.core.evolve import evolve
from perptape.core.money import arithmetic
from perptape.core.opening import state_digest
from perptape.core.state import State
from perptape.core.state_schema import state_schema
from perptape.replays.proof.divergence import Divergence, aligned, is_same, plain_event
from perptape.replays.proof.strategy_code import Trust, configured_trust, load_code
from perptape.replays.tape.errors import DamageError
from perptape.replays.tape.fold import check_canonical
from perptape.replays.tape.header import BODY
from perptape.replays.tape.reader import Progress
from perptape.replays.tape.source import Source, open_file, open_source


class Replay(Struct):
    """What a replay found. `divergences` is empty when every decision came out as recorded."""

    file: str
    events: int = 0
    observations: int = 0
    decisions: int = 0
    """Decisions that the recording holds, as far as it was read."""
    reproduced: int = 0
    divergences: list[Divergence] = field(default_factory=list)
    state_digest: str = ""
    """Digest of the last state reproduced."""
    seconds: float = 0.0

    @property
    def divergence(self) -> Divergence | None:
        """The first divergence or damage."""
        return self.divergences[0] if self.divergences else None


class _Stop(Exception):
    """The replay has found its first divergence."""


def replay_file(
    path: Path, *, go_on: bool = False, progress: Progress | None = None, trust: Trust | None = None
) -> Replay:
    """Replay a recording. With `go_on` every divergence is listed, going on from the recorded decisions.

    The strategies' code is loaded as far as `trust` (by default the user's configuration in the working folder) allows.
    Damage anywhere in the file comes before divergence. Raises NotARecordingError and StrategyLoadError.
    """
    return _replay(str(path), partial(open_file, path, progress), path.absolute().parent, trust, go_on=go_on)


def replay_stream(name: str, store_url: str, *, go_on: bool = False, trust: Trust | None = None) -> Replay:
    """Replay a stream of a store, across the seams of its segments.

    Raises SourceError, EventStoreError and StrategyLoadError.
    """
    return _replay(name, partial(open_source, name, store_url), Path.cwd(), trust, go_on=go_on)


def _replay(
    name: str,
    opened: Callable[[], AbstractContextManager[Source]],
    folder: Path,
    trust: Trust | None,
    *,
    go_on: bool,
) -> Replay:
    started = time.perf_counter()
    result = Replay(name)
    state = State()
    try:
        with opened() as source, arithmetic():
            load_code(source.header, folder, trust or configured_trust(Path.cwd()))
            _play(source, state, result, go_on=go_on)
    except DamageError as damage:
        result.divergences = [Divergence(damage.version, damage.reason, "damage", None, None)]
    try:
        with arithmetic():
            result.state_digest = state_digest(state)
    except NotMoneyError as error:
        result.divergences = [Divergence(*_no_amount(opened, error), "damage", None, None)]
    result.seconds = time.perf_counter() - started
    return result


def _no_amount(opened: Callable[[], AbstractContextManager[Source]], error: NotMoneyError) -> tuple[int, str]:
    """Where a number came from that is none: the first line that this codec would not write."""
    try:
        with opened() as source, arithmetic():
            for lines, events in source.batches:
                for line, event in zip(lines, events, strict=True):
                    check_canonical(line, event)
    except DamageError as damage:
        return damage.version, damage.reason
    raise error


def _play(source: Source, state: State, result: Replay, *, go_on: bool) -> None:
    state.version = source.header.first_version - 1
    turn = _Turn(state, result, go_on=go_on)
    batches = source.batches
    try:
        for lines, events in batches:
            _play_batch(turn, lines, events)
        turn.end()
    except _Stop:
        for _ in batches:
            pass  # damage further on is reported before a divergence


class _Turn:
    """The turn being replayed: the decisions that are still to be compared.

    After a difference the rest of the turn is collected on both sides, and compared as a whole when it ends.
    """

    __slots__ = ("_answers", "_recorded", "_replayed", "cause", "go_on", "is_open", "result", "state")

    def __init__(self, state: State, result: Replay, *, go_on: bool) -> None:
        self.state = state
        self.result = result
        self.go_on = go_on
        self.cause = 0
        self.is_open = False
        """Whether decisions of this turn may still be missing on one side."""
        self._answers: Iterator[Decision] | None = None
        self._recorded: list[Line] = []
        self._replayed: list[Decision] = []

    def open(self, answers: Iterable[Decision]) -> None:
        """Today's code answers the observation with these, which are made while they are asked for."""
        self._answers = iter(answers)
        self.is_open = True

    def end(self) -> None:
        """The recording has no more decisions of this turn; neither may today's code."""
        if self._recorded:
            self._compare_collected()
        elif self._answers is not None:
            try:
                extra = [decision for decision in self._answers if type(decision) is not StateDigestRecorded]
            except Exception as error:  # see `fail`
                self.fail(error, self.state.version + 1, None)
            if extra:
                self._found(aligned([], extra, self.state.version + 1, self.state.at_ns, self.cause))
        self._answers = None
        self.is_open = False

    def compare(self, line: bytes, event: Line) -> None:
        """Compare today's next decision with the recorded one, and fold what was recorded."""
        state = self.state
        self.result.decisions += 1
        if self._recorded:
            self._collect(event)
            return
        decision = None if self._answers is None else next(self._answers, None)
        if _is_reproduced(decision, line, event, state.at_ns, self.cause):
            evolve(state, event.data, event.version, event.at_ns)
            self.result.reproduced += 1
            return
        if decision is not None:
            self._replayed.append(decision)
        if not self.go_on:  # the last state is the one before the first difference
            self._found(aligned([event], self._replayed, event.version, state.at_ns, self.cause))
        self._collect(event, asked=True)

    def _collect(self, event: Line, *, asked: bool = False) -> None:
        """Take down what was recorded and what today's code decides there, going on from what was recorded."""
        if not asked and self._answers is not None:
            try:
                decision = next(self._answers, None)
            except StrategyLoadError:
                raise
            except Exception:  # the state is the recording's, not the one that today's turn had in mind
                decision = self._answers = None
            if decision is not None:
                self._replayed.append(decision)
        self._recorded.append(event)
        self.is_open = True
        evolve(self.state, event.data, event.version, event.at_ns)

    def _compare_collected(self) -> None:
        recorded, replayed = self._recorded, self._replayed
        self._recorded, self._replayed = [], []
        if self._answers is not None:
            with suppress(Exception):  # as in `_collect`
                replayed.extend(decision for decision in self._answers if type(decision) is not StateDigestRecorded)
        found = aligned(recorded, replayed, self.state.version + 1, self.state.at_ns, self.cause)
        self.result.reproduced += len(recorded) - sum(one.recorded is not None for one in found)
        self._answers = None
        self._found(found)

    def fail(self, error: Exception, version: int, recorded: bytes | None) -> NoReturn:
        """Today's code raised where the recording went on: whatever it is, it is a finding like another decision."""
        fault = str(error) if isinstance(error, StrategyRaisedError) else f"{type(error).__name__}: {error}"
        reason = f"today's code raised an error in the turn of version {self.cause}: {fault}"
        event = None if recorded is None else plain_event(recorded)
        self.result.divergences.append(Divergence(version, reason, "raised", event, None))
        raise _Stop from error

    def _found(self, divergences: Sequence[Divergence]) -> None:
        self.result.divergences.extend(divergences if self.go_on else divergences[:1])
        if not self.go_on:
            raise _Stop


def _is_reproduced(decision: Decision | None, line: bytes, event: Line, at_ns: int, cause: int) -> bool:
    """Whether today's decision is the recorded one. Digests are comparable under the same schema only."""
    recorded = event.data
    if type(recorded) is StateDigestRecorded:
        if recorded.state_schema != state_schema():
            return decision is None or type(decision) is StateDigestRecorded
        if type(decision) is StateDigestRecorded and decision.memory_schema != recorded.memory_schema:
            return decision.digest == recorded.digest
    if decision is None:
        return False
    if encode_body(event.version, decision, at_ns, cause) == line[BODY]:
        return True
    return is_same(event, decision, at_ns, cause)


def _play_batch(turn: _Turn, lines: list[bytes], events: list[Line]) -> None:
    state = turn.state
    observations = 0
    start = state.version
    line, event = lines[0], events[0]
    try:
        for line, event in zip(lines, events, strict=True):
            if event.cause is not None:
                turn.compare(line, event)
                continue
            if turn.is_open:
                turn.end()
            observations += 1
            turn.cause = event.version
            answers = begin_turn(state, event.data, event.version, event.at_ns)
            if answers:
                turn.open(answers)
    except (_Stop, StrategyLoadError):
        raise
    except Exception as error:  # see `fail`
        check_canonical(line, event)
        turn.fail(error, event.version, line[BODY])
    finally:
        turn.result.observations += observations
        turn.result.events += state.version - start


__all__ = ["Replay", "replay_file", "replay_stream"]
