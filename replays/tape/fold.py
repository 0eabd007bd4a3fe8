"""Folding a recording: decoded events in batches, and the state they lead to."""

from collections.abc import Iterator, Sequence

from perptape.core.codec import Line, decode_line, decode_lines, is_canonical
from perptape.core.errors import CodecError, NewerSchemaError, NotMoneyError
from perptape.core.events import OpeningState, StateDigestRecorded
from perptape.core.evolve import FOLDS, evolve_all
from perptape.core.opening import memory_digest, memory_schema, state_digest
from perptape.core.sleeves import absent_strategies
from perptape.core.state import State
from perptape.core.state_schema import state_schema
from perptape.replays.tape.errors import DamageError, NotARecordingError
from perptape.replays.tape.header import BODY, UNREADABLE
from perptape.replays.tape.reader import Progress, Recording


def decoded_batches(recording: Recording, progress: Progress | None = None) -> Iterator[tuple[list[bytes], list[Line]]]:
    """The recording's lines with their events, a few hundred at a time. Raises DamageError."""
    version = recording.header.first_version - 1
    for lines in recording.batches(progress):
        try:
            events = decode_lines(lines)
        except (CodecError, *UNREADABLE):
            events = _decode_singly(lines, version)
        check_places(events, version, recording.header.first_version)
        version += len(lines)
        yield lines, events


def _decode_singly(lines: list[bytes], version: int) -> list[Line]:
    """Find the line that does not hold an event. Raises NotARecordingError for one of a newer release."""
    events = []
    for number, line in enumerate(lines, version + 1):
        try:
            events.append(decode_line(line))
        except NewerSchemaError as error:
            raise NotARecordingError(f"version {number} was recorded by a newer release: {error}") from error
        except (CodecError, *UNREADABLE) as error:
            raise DamageError(number, f"not a known event: {error}") from error
    return events


def check_places(events: Sequence[Line], version: int, first_version: int) -> None:
    """Raise DamageError unless these follow `version` one by one, the first of all with a state to begin from.

    That decisions have a cause and observations none is part of their decoding.
    """
    expected = version
    for event in events:
        expected += 1
        if event.version != expected:
            raise DamageError(expected, f"expected version {expected}, found {event.version}")
    if version < first_version != 1 and type(events[0].data) is not OpeningState:
        raise DamageError(
            first_version, f"a recording that begins after version 1 has to start with {OpeningState.__name__}"
        )


def check_canonical(line: bytes, event: Line) -> None:
    """Raise DamageError unless the line is exactly as the codec of its release wrote its event."""
    try:
        canonical = is_canonical(line[BODY], event)
    except NotMoneyError as error:
        raise DamageError(event.version, str(error)) from error
    if not canonical:
        raise DamageError(event.version, "the line is not in canonical form")


class StateDiffersError(Exception):
    """The state is not the one whose digest the running bot put on the tape."""


def require_recorded_digest(state: State, event: StateDigestRecorded) -> None:
    """Fold the running bot's digest of its state. Raises StateDiffersError when the state here has another one.

    Digests of another state schema are not comparable, and memories of another form, or without their code, neither.
    """
    if event.state_schema != state_schema():
        return
    state.version -= 1  # the digest is of the state before the event that holds it
    try:
        found, form, remembered = state_digest(state), memory_schema(state), memory_digest(state)
    except NotMoneyError as error:
        raise StateDiffersError(f"the state cannot be encoded: {error}") from error
    finally:
        state.version += 1
    if found != event.digest:
        raise StateDiffersError(f"state digest {found[:16]}… differs from the running bot's {event.digest[:16]}…")
    if form == event.memory_schema and remembered != event.memory_digest and not absent_strategies(state):
        raise StateDiffersError("strategy memory differs from that of the running bot")


def fold_events(state: State, events: Sequence[Line]) -> None:
    """Fold recorded events into `state`; inside `perptape.core.money.arithmetic()`.

    Raises DamageError for an event that cannot be folded, and where the state is not the running bot's.
    """
    try:
        evolve_all(state, events, {**FOLDS, StateDigestRecorded: require_recorded_digest})
    except StateDiffersError as differs:
        raise DamageError(state.version, str(differs)) from differs
    except Exception as error:  # the fold takes everything that was ever recorded: whatever fails is none of it
        raise DamageError(state.version, f"cannot be folded: {type(error).__name__}: {error}") from error


def fold_recording(recording: Recording, state: State, progress: Progress | None = None) -> State:
    """Fold every recorded event into `state`, decisions as recorded; inside `perptape.core.money.arithmetic()`.

    Raises DamageError.
    """
    for _lines, events in decoded_batches(recording, progress):
        fold_events(state, events)
    return state
