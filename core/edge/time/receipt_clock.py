"""Receipt time: the wall clock at the start of a session, and from there on what has elapsed since.

The wall clock is asked once and never followed, since people and time servers set it. That it moved is a fact for the
tape (`ClockJumped`) and shifts no timer: timers are due in receipt time.
"""

import time
from collections.abc import Callable
from functools import partial

from perptape.core.durations import SECOND_NS


def elapsed_source() -> Callable[[], int]:
    """The machine's monotonic clock in ns, the one that counts time suspended if the kernel has it.

    A bot that slept for an hour must not take the prices of an hour ago for fresh. Where no such clock is to be had,
    receipt time stands still while the machine does, and the wall clock shows the suspension as a jump.
    """
    boottime: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    if boottime is None:
        return time.monotonic_ns
    try:
        time.clock_gettime_ns(boottime)
    except OSError:
        return time.monotonic_ns
    return partial(time.clock_gettime_ns, boottime)


class ReceiptClock:
    """The bot's `Clock` in wall-clock time. Both sources give ns: since the epoch in UTC, and since any moment."""

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], int] | None = None,
        *,
        tolerance_ns: int = SECOND_NS,
    ) -> None:
        """`tolerance_ns` is what the wall clock may differ by before it is called a jump."""
        self._wall = wall
        self._monotonic = elapsed_source() if monotonic is None else monotonic
        self._tolerance_ns = tolerance_ns
        self._base_ns = wall() - self._monotonic()
        """Receipt time when the monotonic clock showed 0."""
        self._last_ns = 0
        self._told_ns = 0
        """By how much the wall clock is ahead of receipt time, as far as it was told."""

    def begin(self, at_ns: int) -> None:
        """Go on where the tape ended. A wall clock set back since then is behind it, which `jump` tells first."""
        self._base_ns += max(0, at_ns - self.now_ns())

    def now_ns(self) -> int:
        """Receipt time in ns since the epoch, UTC; never below an earlier answer."""
        self._last_ns = max(self._last_ns, self._base_ns + self._monotonic())
        return self._last_ns

    def jump(self) -> int:
        """How far, in ns, the wall clock has moved against the monotonic one since that was last told.

        0 while it is not more than the tolerance; what was not told adds up, so that a slow drift is told in the end.
        """
        ahead_ns = self._wall() - self._base_ns - self._monotonic()
        moved_ns = ahead_ns - self._told_ns
        if abs(moved_ns) <= self._tolerance_ns:
            return 0
        self._told_ns = ahead_ns
        return moved_ns
