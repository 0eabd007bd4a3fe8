"""A venue that takes its time: what it does about an order or a question may wait, raise or never end."""

from collections.abc import Awaitable, Callable, Sequence

from perptape.core.events import Observation, OrderRequested, ReconciliationRequested
from tests.core.fakes import ScriptedBroker


class HesitantBroker(ScriptedBroker):
    """A scripted venue that, before it answers, does what the test wants."""

    def __init__(self) -> None:
        super().__init__()
        self.before_order: Callable[[], Awaitable[None]] | None = None
        self.before_report: Callable[[], Awaitable[None]] | None = None

    async def submit(self, order: OrderRequested) -> Sequence[Observation]:
        if self.before_order is not None:
            await self.before_order()
        return await super().submit(order)

    async def report_account(self, request: ReconciliationRequested) -> Sequence[Observation]:
        if self.before_report is not None:
            await self.before_report()
        return await super().report_account(request)
