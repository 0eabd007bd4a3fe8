"""A background task that ignores its cancellation."""

import asyncio


class StubbornTask:
    """Runs until it gives in, however often it is cancelled."""

    def __init__(self) -> None:
        self._enough = asyncio.Event()

    async def run(self) -> None:
        while not self._enough.is_set():
            try:
                await self._enough.wait()
            except asyncio.CancelledError:
                continue

    def give_in(self) -> None:
        self._enough.set()
