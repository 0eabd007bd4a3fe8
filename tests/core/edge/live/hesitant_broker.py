"""A venue that takes its time: what it does about an order or a question may wait, raise or never end."""

from collections.abc import Awaitable, Callable, Sequence

from perptape.core.events import Observation, OrderRequested, ReconciliationRequested, VenueRequest
from tests.core.fakes import ScriptedBroker


class HesitantBroker(ScriptedBroker):
    """A scripted venue that, before it answers, does what the test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.before_order: Callable[[], Awaitable[None]] | None = None
        self.before_report: Callable[[], Awaitable[None]] | None = None

    async def call(self, request: VenueRequest) -> Sequence[Observation]:
        if self.before_order is not None and isinstance(request, OrderRequested):
            await self.before_order()
        if self.before_report is not None and isinstance(request, ReconciliationRequested):
            await self.before_report()
        return await super().call(request)
