"""Rebuilding: the state at any version or time, by folding what was recorded."""

from msgspec import Raw, Struct

from perptape.core.codec import Line
from perptape.core.errors import NotMoneyError
from perptape.core.money import arithmetic
from perptape.core.opening import state_bytes, state_digest
from perptape.core.state import State
from perptape.replays.tape.errors import DamageError, SourceError
from perptape.replays.tape.fold import fold_events
from perptape.replays.tape.reader import Progress
from perptape.replays.tape.source import Source, TapePoint, open_source


class Rebuilt(Struct, frozen=True):
    """A state and its digest."""

    version: int
    state_digest: str
    state: Raw


def rebuild(name: str, store_url: str, moment: TapePoint, progress: Progress | None = None) -> Rebuilt:
    """The state at a moment, or at the end. Raises SourceError when the tape does not reach it, and DamageError."""
    with open_source(name, store_url, progress) as source, arithmetic():
        state = State()
        state.version = source.header.first_version - 1
        reached = _fold_until(source, state, moment)
        if not reached and moment.version is not None:
            raise SourceError(f"{name}: version {moment.version} does not exist, the last is {state.version}")
        if state.version < source.header.first_version:
            raise SourceError(f"{name}: nothing was recorded before that time")
        try:
            return Rebuilt(state.version, state_digest(state), Raw(state_bytes(state)))
        except NotMoneyError as error:
            raise DamageError(state.version, f"the state cannot be encoded: {error}") from error


def _fold_until(source: Source, state: State, moment: TapePoint) -> bool:
    """Fold up to the moment; says whether the tape reached it."""
    if moment.version is not None and moment.version < source.header.first_version:
        first = source.header.first_version
        raise SourceError(f"{source.name}: version {moment.version} does not exist, the first is {first}")
    for _lines, events in source.batches:
        wanted = _wanted(events, moment)
        fold_events(state, wanted)
        if len(wanted) < len(events) or (moment.version is not None and state.version == moment.version):
            return True
    return moment.version is None


def _wanted(events: list[Line], moment: TapePoint) -> list[Line]:
    if moment.version is not None:
        return events if events[-1].version <= moment.version else [e for e in events if e.version <= moment.version]
    if moment.at_ns is not None and events[-1].at_ns > moment.at_ns:
        return [event for event in events if event.at_ns <= moment.at_ns]
    return events
