"""Patience with a store that is lost, unreachable or busy: it may come back."""

import time
from threading import Event

from perptape.eventstore.errors import StoreBusyError, StoreLostError, StoreUnavailableError, StoreUnreachableError
from perptape.eventstore.watch import shorter

PASSING = (StoreLostError, StoreUnreachableError, StoreBusyError)
"""What may pass when one waits."""

_FIRST_RETRY_S, _LONGEST_RETRY_S = 0.01, 1.0


class Patience:
    """How long errors in a row are waited out, and with which pauses: from 10 ms to a second, doubling."""

    def __init__(self, seconds: float, closing: Event) -> None:
        self._seconds = seconds
        self._closing = closing
        self._ends_at: float | None = None
        self._pause_s = _FIRST_RETRY_S

    def renew(self) -> None:
        """The store answered."""
        self._ends_at = None
        self._pause_s = _FIRST_RETRY_S

    def endure(self, error: StoreUnavailableError, left_s: float | None) -> None:
        """Pause, for no longer than is left; raise the error when patience is over. Closing ends the pause."""
        now = time.monotonic()
        if self._ends_at is None:
            self._ends_at = now + self._seconds
        if now >= self._ends_at:
            raise error
        self._closing.wait(shorter(min(self._pause_s, self._ends_at - now), left_s))
        self._pause_s = min(self._pause_s * 2, _LONGEST_RETRY_S)
