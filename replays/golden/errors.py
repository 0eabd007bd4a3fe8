"""What can go wrong with a golden."""

from perptape.core.errors import PerptapeError


class GoldenError(PerptapeError):
    """A golden is missing, cannot be read, or may not be written as asked: exit status 2."""
