"""What can go wrong with a recording.

PerptapeError (perptape.core.errors)
├── NotARecordingError   the file has no recognisable header, or cannot be opened: exit status 2
├── SourceError          what is asked for is not in the recording or store: exit status 2
└── DamageError          the file is a recording that is not as it was written: exit status 1, with the version
"""

from perptape.core.errors import PerptapeError


class NotARecordingError(PerptapeError):
    """The file is not a perptape recording, or cannot be read at all."""


class SourceError(PerptapeError):
    """A stream, version or time that is asked for does not exist."""


class DamageError(PerptapeError):
    """Changed, cut or reordered. `version` is the first bad one; 0 is the header, last + 1 the end."""

    def __init__(self, version: int, reason: str) -> None:
        super().__init__(f"damage at version {version}: {reason}")
        self.version = version
        self.reason = reason
