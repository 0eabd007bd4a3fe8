"""Noticing commits to an SQLite file: by asking for the number that changes with each, more and more seldom."""

import sqlite3
import time
from threading import Event
from typing import Any

from sqlalchemy import Engine

from perptape.eventstore.sqlite.failures import store_error
from perptape.eventstore.watch import shorter

_FIRST_LOOK_S = 0.001
_LONGEST_LOOK_S = 0.05
"""A look takes a few microseconds: twenty in a second are not to be noticed, and a person does not notice the wait."""


class SqliteWatch:
    """Looks at the file's data version over a connection of its own, to which every other one's commits are foreign."""

    def __init__(self, engine: Engine, store: str) -> None:
        self._store = store
        pooled = engine.raw_connection()
        self._connection: Any = pooled.driver_connection
        pooled.detach()
        self._woken = Event()
        self._seen = self._look()

    def wait(self, timeout_s: float | None) -> None:
        """Return within 50 ms of a commit, after the time, or once woken."""
        end = None if timeout_s is None else time.monotonic() + timeout_s
        delay = _FIRST_LOOK_S
        while self._seen == (now := self._look()):
            left = None if end is None else end - time.monotonic()
            if (left is not None and left <= 0) or self._woken.wait(shorter(delay, left)):
                return
            delay = min(delay * 2, _LONGEST_LOOK_S)
        self._seen = now

    def wake(self) -> None:
        """Make `wait` return at once."""
        self._woken.set()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _look(self) -> int:
        try:
            [(version,)] = self._connection.execute("PRAGMA data_version").fetchall()
        except sqlite3.Error as error:
            raise store_error(error, self._store) from error
        return int(version)
