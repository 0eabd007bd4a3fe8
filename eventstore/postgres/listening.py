"""Noticing commits on PostgreSQL: NOTIFY from whoever appends, LISTEN here, and a look now and then besides.

A transaction that notifies takes a lock that all such transactions of the server share and keeps it until its commit is
on the disk: appends to different streams would wait for each other's disk writes. So an appender notifies after its
commit, in a transaction that writes nothing; and as that is a round trip of its own, it does so at most once in
`QUIET_S`. What is not told falls into the time after something that was, in which a listener looks by itself. Figures
are in docs/decisions/0010-subscriptions.md.

A notification is lost with a connection or a process that ends between commit and notification, and nobody notifies
of a stream's making or importing: those are found by a look every `_LONGEST_LOOK_S`.
"""

import contextlib
import selectors
import socket
import time
from typing import Any

import psycopg
from sqlalchemy import Engine

from perptape.eventstore.postgres.failures import store_error
from perptape.eventstore.watch import shorter

CHANNEL = "perptape"
"""Shared by the stores of a database: a listener that looks in vain loses nothing but the look."""

QUIET_S = 0.02
"""For so long after a notification an appender sends no other."""

_FIRST_LOOK_S = 0.001
_LAST_SHORT_LOOK_S = 0.032
"""Looks after 1, 2, 4 ... 32 ms reach past the end of `QUIET_S`, whatever their order with the appender's clock."""
_LONGEST_LOOK_S = 1.0


class Notifier:
    """Tells listeners of appends, now and then."""

    def __init__(self) -> None:
        self._told_at = -QUIET_S

    def notify(self, connection: Any) -> None:
        """Something was appended and committed over this connection in autocommit."""
        now = time.monotonic()
        if now - self._told_at < QUIET_S:
            return
        self._told_at = now
        with contextlib.suppress(psycopg.Error):  # the append is stored; a lost connection shows at the next one
            connection.execute(f"NOTIFY {CHANNEL}")


class PostgresWatch:
    """Listens on a connection of its own."""

    def __init__(self, engine: Engine, store: str) -> None:
        self._store = store
        self._look_s = _FIRST_LOOK_S
        pooled = engine.raw_connection()
        connection: Any = pooled.driver_connection
        pooled.detach()
        self._connection = connection
        self._inside, self._outside = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        try:
            connection.execute(f"LISTEN {CHANNEL}")
            self._selector.register(connection.fileno(), selectors.EVENT_READ)
            self._selector.register(self._inside, selectors.EVENT_READ)
        except BaseException as error:  # whatever it was, nothing may stay open
            self.close()
            if isinstance(error, psycopg.Error):
                raise store_error(error, store) from error
            raise

    def wait(self, timeout_s: float | None) -> None:
        """Return at a notification, when it is time for a look, after the time, or once woken."""
        delay = shorter(self._look_s, timeout_s)
        if not self._selector.select(delay):
            if delay == self._look_s:
                self._look_s = self._look_s * 2 if self._look_s < _LAST_SHORT_LOOK_S else _LONGEST_LOOK_S
            return
        try:
            # Below psycopg's own generator of notifications, which cannot be woken from another thread.
            self._connection.pgconn.consume_input()
            while self._connection.pgconn.notifies() is not None:
                self._look_s = _FIRST_LOOK_S
        except psycopg.Error as error:
            raise store_error(error, self._store) from error

    def wake(self) -> None:
        """Make `wait` return at once."""
        with contextlib.suppress(OSError):  # closed
            self._outside.send(b"!")

    def close(self) -> None:
        """Close the connection."""
        self._selector.close()
        self._inside.close()
        self._outside.close()
        self._connection.close()
