"""What can go wrong with the simulated exchange itself; what goes wrong *at* it is an observation.

perptape.core.errors.SimulationError
├── JournalMismatchError     the journal was written for other settings, another market, or by other code
└── JournalUnusableError     the journal cannot be opened, read or written
"""

from perptape.core.errors import SimulationError


class JournalMismatchError(SimulationError):
    """The journal does not belong to this run: use the same settings and market input, or start a new journal."""


class JournalUnusableError(SimulationError):
    """The journal's file is damaged, locked, or not a journal: look at the path, the disk and the rights."""
