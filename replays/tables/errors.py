"""What can go wrong with tables.

PerptapeError (perptape.core.errors)
└── TableError   no such table or format, a file that exists, or a number that does not fit its column
"""

from perptape.core.errors import PerptapeError


class TableError(PerptapeError):
    """A table cannot be made or written; the message says why and what to do."""
