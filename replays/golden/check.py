"""Checking a recording against its golden: it replays, rebuilds from every place, and comes to the same."""

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from perptape.replays.golden.difference import Difference, comparable_states, compare
from perptape.replays.golden.divergences import lapsed, sort_out, told
from perptape.replays.golden.errors import GoldenError
from perptape.replays.golden.form import Entry, Golden, load
from perptape.replays.golden.names import (
    GOLDEN_SUFFIX,
    RECORDING_SUFFIXES,
    golden_of,
    is_recording,
    lost_recording_of,
    recording_of,
)
from perptape.replays.golden.take import take
from perptape.replays.proof.divergence import Divergence
from perptape.replays.proof.player import replay_file
from perptape.replays.tape.errors import DamageError, NotARecordingError
from perptape.replays.tape.reader import Progress


class Checked(Struct, frozen=True):
    """What came of one recording. `differences` is empty when it is as its golden says."""

    recording: Path
    golden: Path
    events: int
    differences: tuple[Difference, ...]
    now: Golden | None = None
    """What the recording comes to now; None when it is damaged or there is none."""
    divergences: tuple[Divergence, ...] = ()
    """Decisions that are others now and have not been accepted."""
    held: tuple[Entry, ...] = ()
    """Decisions that are others now and have been accepted."""
    not_compared: str = ""
    """What could not be compared, and why; empty when everything was."""

    @property
    def ok(self) -> bool:
        """Whether nothing changed unnoticed."""
        return not self.differences


def check(recording: Path, progress: Progress | None = None) -> Checked:
    """Hold a recording against its golden. Raises GoldenError without one, and NotARecordingError."""
    path = golden_of(recording)
    if not recording.exists():
        if path.exists():
            return unused(path)
        raise NotARecordingError(f"{recording}: there is no such file")
    if not path.exists() and not is_recording(recording):
        raise NotARecordingError(f"{recording}: not a perptape recording, and it has no golden")
    golden = load(path)
    checked = look(recording, golden, progress)
    if checked.now is None:
        return checked
    try:
        differences = compare(golden, checked.now)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise GoldenError(f"{path}: not a valid golden ({error}); restore it from version control") from error
    return Checked(
        recording,
        path,
        checked.events,
        (*checked.differences, *differences),
        checked.now,
        checked.divergences,
        checked.held,
        _not_compared(golden, checked.now),
    )


def _not_compared(golden: Golden, now: Golden) -> str:
    if comparable_states(golden, now):
        return ""
    schema = golden.state_schema or "of an earlier release"
    return f"states not compared: the golden's state schema is {schema}, this release's is {now.state_schema}"


def look(recording: Path, golden: Golden | None, progress: Progress | None = None) -> Checked:
    """Replay a recording and take what it comes to, without holding it against the rest of the golden."""
    path = golden_of(recording)
    replay = replay_file(recording, go_on=True)
    if replay.divergence is not None and replay.divergence.kind == "damage":
        return _damaged(recording, replay.divergence.version, replay.divergence.reason, replay.events)
    try:
        now = take(recording, progress)
    except DamageError as damage:
        return _damaged(recording, damage.version, damage.reason, replay.events)
    new, held, gone = sort_out(replay.divergences, () if golden is None else golden.accepted)
    differences = (*(difference for difference, _ in told(recording, new)), *lapsed(gone))
    return Checked(recording, path, replay.events, differences, now, tuple(new), tuple(held))


def unused(golden: Path) -> Checked:
    """The finding that a golden's recording is gone."""
    recording = lost_recording_of(golden)
    text = f"its recording {recording.name} is missing: record it again, or delete the golden"
    return Checked(recording, golden, 0, (Difference("golden", text, 0, ()),))


def _damaged(recording: Path, version: int, reason: str, events: int) -> Checked:
    text = f"the recording is damaged at version {version:,}: {reason}"
    return Checked(recording, golden_of(recording), events, (Difference("damage", text, version, ()),))


def found_in(paths: Iterable[Path]) -> list[Path]:
    """The recordings that these files and folders name, each once; of a golden without a recording, where it was.

    Raises GoldenError for a path that is not there, and for a folder in which there is nothing to check.
    """
    found: dict[Path, None] = {}
    for path in paths:
        before = len(found)
        for recording in _in_folder(path) if path.is_dir() else [_of_file(path)]:
            found[recording] = None
        if path.is_dir() and len(found) == before:
            raise GoldenError(f"{path}: no recordings in this folder")
    return list(found)


def _of_file(path: Path) -> Path:
    if not path.exists():
        raise GoldenError(f"{path}: there is no such file")
    if path.name.endswith(GOLDEN_SUFFIX):
        return recording_of(path) or lost_recording_of(path)
    return path


def _in_folder(folder: Path) -> Iterable[Path]:
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(place, name)
            if name.endswith(GOLDEN_SUFFIX):
                if recording_of(path) is None:
                    yield lost_recording_of(path)
            elif name.endswith(RECORDING_SUFFIXES) and (golden_of(path).exists() or is_recording(path)):
                yield path
