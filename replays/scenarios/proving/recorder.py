"""Recording scenarios into files, without replacing what is there unless that is asked for."""

from pathlib import Path
from typing import Literal

from msgspec import Struct

from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.proving.discovery import named
from perptape.replays.scenarios.runner.play import play
from perptape.replays.scenarios.runner.proof import not_the_same

Change = Literal["recorded", "same", "differs", "replaced"]


class RecordingOutcome(Struct, frozen=True):
    """One recording and what became of it."""

    id: str
    path: Path
    events: int
    change: Change


def record_all(names: list[str], folder: Path, *, overwrite: bool = False) -> list[RecordingOutcome]:
    """Record these scenarios into `folder`; drills leave no recording. A file that is the same is left alone."""
    return [
        record(row, folder / row.section / f"{row.title}.jsonl", overwrite=overwrite)
        for row in named(names)
        if isinstance(row, Scenario)
    ]


def record(scenario: Scenario, path: Path, *, overwrite: bool = False) -> RecordingOutcome:
    """Record one scenario into a file."""
    played = play(scenario)
    change: Change = "recorded"
    if path.exists():
        change = "same" if not not_the_same(played, path) else "replaced" if overwrite else "differs"
    if change in ("recorded", "replaced"):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        played.write(fresh)
        fresh.replace(path)
    return RecordingOutcome(scenario.id, path, len(played.run.tape), change)
