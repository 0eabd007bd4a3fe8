"""What can go wrong with scenarios.

PerptapeError (core.errors)
├── NoScenarioError   there is no scenario of that name, or its file cannot be used: exit status 2
└── UnprovedError     the tape that a bot left does not verify, or does not replay
"""

from core.errors import PerptapeError


class NoScenarioError(PerptapeError):
    """There is no such scenario, or its file cannot be run."""


class UnprovedError(PerptapeError):
    """The tape that a bot left does not verify, or does not replay."""
