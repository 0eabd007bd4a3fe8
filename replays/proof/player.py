"""The player: gives today's code the recorded observations and compares every decision with the recorded one.

This is the hot loop of the product. Each line is hashed and decoded once; a decision that came out as recorded is
recognised by its bytes.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import NoReturn

from msgspec import Struct, field

from perptape.core.codec import Line, encode_body
from perptape.core.comparison import comparable, is_same
from perptape.core.decide import DECISIONS_BY_OBSERVATION
from perptape.core.errors import NotMoneyError, StrategyLoadError, StrategyRaisedError
from perptape.core.events import Decision, QuoteUpdated
from perptape.core.evolve import FOLDS, evolve, take_quote, turn_day
from perptape.core.money import arithmetic
from perptape.core.opening import state_digest
from perptape.core.state import State
from perptape.replays.proof.divergence import Divergence, difference, plain_event
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


def replay_file(path: Path, *, go_on: bool = False, progress: Progress | None = None) -> Replay:
    """Replay a recording. With `go_on` every divergence is listed, going on from the recorded decisions.

    Damage anywhere in the file comes before divergence. Raises NotARecordingError.
    """
    return _replay(str(path), partial(open_file, path, progress), go_on=go_on)


def replay_stream(name: str, store_url: str, *, go_on: bool = False) -> Replay:
    """Replay a stream of a store, across the seams of its segments. Raises SourceError and EventStoreError."""
    return _replay(name, partial(open_source, name, store_url), go_on=go_on)


def _replay(name: str, opened: Callable[[], AbstractContextManager[Source]], *, go_on: bool) -> Replay:
    started = time.perf_counter()
    result = Replay(name)
    state = State()
    try:
        with opened() as source, arithmetic():
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
    """The turn being replayed: the decisions that are still to be compared."""

    __slots__ = ("answers", "cause", "go_on", "result", "state")

    def __init__(self, state: State, result: Replay, *, go_on: bool) -> None:
        self.state = state
        self.result = result
        self.go_on = go_on
        self.answers: Iterator[Decision] | None = None
        self.cause = 0

    def end(self) -> None:
        """The recording has no more decisions of this turn; neither may today's code."""
        if self.answers is not None:
            try:
                decision = next(self.answers, None)
            except Exception as error:  # see `fail`
                self.fail(error, self.state.version + 1, None)
            if decision is not None:
                self._diverge(None, decision, self.state.version + 1)
        self.answers = None

    def compare(self, line: bytes, event: Line) -> None:
        """Compare today's next decision with the recorded one, and fold what was recorded."""
        state, result, answers = self.state, self.result, self.answers
        version = event.version
        result.decisions += 1
        if answers is not None:
            decision = next(answers, None)
            if decision is not None:
                replayed = encode_body(version, decision, state.at_ns, self.cause)
                if replayed == line[BODY]:
                    evolve(state, decision, version, event.at_ns)
                    result.reproduced += 1
                    return
                if (
                    event.at_ns == state.at_ns
                    and event.cause == self.cause
                    and is_same(event.data, event.schema, decision)
                ):
                    evolve(state, event.data, version, event.at_ns)  # as rebuilding does: texts stay as recorded
                    result.reproduced += 1
                    return
            self._diverge(event, decision, version)
        elif not self._followed():
            self._diverge(event, None, version)
        evolve(state, event.data, version, event.at_ns)

    def fail(self, error: Exception, version: int, recorded: bytes | None) -> NoReturn:
        """Today's code raised where the recording went on: whatever it is, it is a finding like another decision."""
        fault = str(error) if isinstance(error, StrategyRaisedError) else f"{type(error).__name__}: {error}"
        reason = f"today's code raised in the turn of version {self.cause}: {fault}"
        event = None if recorded is None else plain_event(recorded)
        self.result.divergences.append(Divergence(version, reason, "raised", event, None))
        raise _Stop from error

    def _followed(self) -> bool:
        """Whether this turn has diverged already, so that the rest of it is only followed."""
        return bool(self.result.divergences) and self.result.divergences[-1].version > self.cause

    def _diverge(self, event: Line | None, decision: Decision | None, version: int) -> None:
        recorded = None if event is None else encode_body(version, event.data, event.at_ns, event.cause)
        replayed = None if decision is None else encode_body(version, decision, self.state.at_ns, self.cause)
        compared = None
        if event is not None and type(decision) is type(event.data):
            one, other = (comparable(data, event.schema) for data in (event.data, decision))
            compared = (
                encode_body(version, one, event.at_ns, event.cause),
                encode_body(version, other, self.state.at_ns, self.cause),
            )
        self.result.divergences.append(difference(version, recorded, replayed, compared))
        self.answers = None
        if not self.go_on:
            raise _Stop


def _play_batch(turn: _Turn, lines: list[bytes], events: list[Line]) -> None:
    state = turn.state
    folds, decisions = FOLDS, DECISIONS_BY_OBSERVATION
    observations = 0
    start = state.version
    line, event = lines[0], events[0]
    try:
        for line, event in zip(lines, events, strict=True):
            if event.cause is not None:
                turn.compare(line, event)
                continue
            if turn.answers is not None:
                turn.end()
            observations += 1
            observation, at_ns = event.data, event.at_ns
            kind = type(observation)
            state.version = turn.cause = event.version  # as `take_turn` does, without its calls
            state.at_ns = at_ns
            if at_ns >= state.account.day_end_ns:
                turn_day(state, at_ns)
            if kind is not QuoteUpdated:
                folds[kind](state, observation)
            elif not take_quote(state, observation, True):
                continue
            answers = decisions[kind](state, observation)
            if answers:
                turn.answers = iter(answers)
    except (_Stop, StrategyLoadError):
        raise
    except Exception as error:  # see `fail`
        check_canonical(line, event)
        turn.fail(error, event.version, line[BODY])
    finally:
        turn.result.observations += observations
        turn.result.events += state.version - start


__all__ = ["Replay", "replay_file", "replay_stream"]
