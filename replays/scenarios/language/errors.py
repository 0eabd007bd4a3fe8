"""What can go wrong with scenarios.

PerptapeError (perptape.core.errors)
├── NoScenarioError   there is no scenario of that name, or its file cannot be used: exit status 2
└── UnprovedError     the tape that a bot left does not verify, or does not replay
"""

import traceback
from pathlib import Path

from perptape.core.errors import PerptapeError


class NoScenarioError(PerptapeError):
    """There is no such scenario, or its file cannot be run."""


class UnprovedError(PerptapeError):
    """The tape that a bot left does not verify, or does not replay."""


def in_one_line(fault: BaseException, *files: Path) -> str:
    """What a user's code raised, with the last line in which it was in one of these files."""
    places = [
        f" ({Path(frame.filename).name}, line {frame.lineno})"
        for frame in traceback.extract_tb(fault.__traceback__)
        if Path(frame.filename) in files
    ]
    said = " ".join(str(fault).split())
    return f"{type(fault).__name__}{f': {said}' if said else ''}{places[-1] if places else ''}"
