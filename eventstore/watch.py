"""Noticing that a store has changed, without asking for its events over and over.

A watch only says "look again": what there is to read, the heads of the streams tell. So a watch may be wrong in one
direction, and a change that it missed is found by the next look; each kind says how late that can be.
"""

import math
from collections.abc import Callable
from threading import Condition
from typing import Protocol


class Watch(Protocol):
    """Notices what any process adds to the store from the making of the watch on."""

    def wait(self, timeout_s: float | None) -> None:
        """Return when the store may have changed since the last return, after the time, or once woken.

        It may return early, and it does so when what it waits on is better looked at now than waited for. Raises
        StoreUnavailableError; a watch that raised is of no more use.
        """
        ...

    def wake(self) -> None:
        """Make `wait` return at once, now and from now on. From any thread."""
        ...

    def close(self) -> None:
        """Let go of what it holds. Not while another thread waits: `wake` it first."""
        ...


class Changes:
    """Counts the changes of a store in memory, and wakes whoever waits for the next."""

    def __init__(self) -> None:
        self._condition = Condition()
        self._count = 0

    def add(self) -> None:
        """Something was added."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    def watch(self) -> Watch:
        """A watch of these changes, which misses none."""
        return _MemoryWatch(self._condition, lambda: self._count)


class _MemoryWatch:
    """Waits on a condition variable."""

    def __init__(self, condition: Condition, count: Callable[[], int]) -> None:
        self._condition = condition
        self._count = count
        self._seen = count()
        self._woken = False

    def wait(self, timeout_s: float | None) -> None:
        """Return at the next change, after the time, or once woken."""
        with self._condition:
            self._condition.wait_for(lambda: self._woken or self._count() != self._seen, timeout_s)
            self._seen = self._count()

    def wake(self) -> None:
        """Make `wait` return at once."""
        with self._condition:
            self._woken = True
            self._condition.notify_all()

    def close(self) -> None:
        """Nothing is held."""


def shorter(one_s: float, other_s: float | None) -> float:
    """The shorter of two times, the second of which may be without end."""
    return min(one_s, math.inf if other_s is None else other_s)
