"""Folding a recording: decoded events in batches, and the state they lead to."""

from collections.abc import Iterator

from core.codec import Line, decode_line, decode_lines, encode_body
from core.errors import CodecError
from core.evolve import evolve_all
from core.state import State
from replays.errors import DamageError
from replays.recording.form import TAIL_BYTES
from replays.recording.reader import Progress, Recording


def decoded_batches(
    recording: Recording, progress: Progress | None = None
) -> Iterator[tuple[list[bytes], list[Line]]]:
    """The recording's lines with their events, a few hundred at a time. Raises DamageError."""
    version = recording.header.first_version - 1
    for lines in recording.batches(progress):
        try:
            events = decode_lines(lines)
        except CodecError:
            events = _decode_singly(lines, version)
        version += len(lines)
        if len(events) != len(lines) or events[-1].version != version:
            raise DamageError(*_misnumbered(events, version - len(lines)))
        yield lines, events


def _decode_singly(lines: list[bytes], version: int) -> list[Line]:
    """Find the line that does not hold an event."""
    events = []
    for number, line in enumerate(lines, version + 1):
        try:
            events.append(decode_line(line))
        except CodecError as error:
            raise DamageError(number, f"not an event of the vocabulary: {error}") from error
    return events


def _misnumbered(events: list[Line], version: int) -> tuple[int, str]:
    for number, event in enumerate(events, version + 1):
        if event.version != number:
            return number, f"version {number} was expected and {event.version} found"
    return version + len(events), "versions are not contiguous"


def check_canonical(line: bytes, event: Line) -> None:
    """Raise DamageError unless the line is exactly as this codec writes its event."""
    if encode_body(event.version, event.data, event.at_ns, event.cause) != line[:-TAIL_BYTES]:
        raise DamageError(event.version, "the line is not in canonical form")


def fold_recording(recording: Recording, state: State, progress: Progress | None = None) -> State:
    """Fold every recorded event into `state`, decisions as recorded; inside `core.money.arithmetic()`.

    Raises DamageError, and StrategyLoadError for a strategy that is not known.
    """
    for _lines, events in decoded_batches(recording, progress):
        evolve_all(state, events)
    return state
