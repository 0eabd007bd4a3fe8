"""What can go wrong with a benchmark.

PerptapeError (core.errors)
├── UnknownBenchmarkError   no benchmark's name begins like this: exit status 2
└── UnfitTapeError          a benchmark's recording did not come out as recorded: its figures would mean nothing
"""

from core.errors import PerptapeError


class UnknownBenchmarkError(PerptapeError):
    """A name that is asked for does not exist."""


class UnfitTapeError(PerptapeError):
    """The work that was measured is not the work that was meant."""
