"""The wish that a session ends, and why: from a signal of the system, or from anybody else."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class StopRequest:
    """Asked once; whoever asks later changes nothing."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self._reason = ""

    @property
    def reason(self) -> str:
        """Why the session is to end; empty as long as nobody has asked."""
        return self._reason

    def ask(self, reason: str) -> None:
        """Let the session end, in good order."""
        self._reason = self._reason or reason
        self._asked.set()

    async def wait(self) -> str:
        """Wait until somebody asks; the reason."""
        await self._asked.wait()
        return self._reason


@contextmanager
def asked_by_signals(stop: StopRequest) -> Iterator[None]:
    """Within the block SIGTERM and SIGINT ask for a stop, by name. Only on the event loop of the main thread."""
    loop = asyncio.get_running_loop()
    for number in SIGNALS:
        loop.add_signal_handler(number, stop.ask, number.name)
    try:
        yield
    finally:
        for number in SIGNALS:
            loop.remove_signal_handler(number)
