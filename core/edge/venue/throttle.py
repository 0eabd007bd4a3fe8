"""A broker whose calls stay inside a budget: what would pass it is not made, and the bot is told when it may be."""

from collections.abc import Callable, Sequence

from perptape.core.durations import SECOND_NS
from perptape.core.edge.venue.budget import Budget
from perptape.core.events import (
    Call,
    CallThrottled,
    CancelRequested,
    Observation,
    OrderLookupRequested,
    OrderRequested,
    OrderSubmissionFailed,
    ReconciliationRequested,
    ReconnectRequested,
)
from perptape.core.ports import Broker, VenueTraits

RATE_LIMITED = "RATE_LIMIT_EXCEEDED"


class ThrottledBroker:
    """One budget for all calls. When the venue says it is too much nevertheless, everybody waits."""

    def __init__(self, broker: Broker, budget: Budget, now_ns: Callable[[], int]) -> None:
        """`now_ns` is receipt time, in which places in the queue are given out."""
        self._broker = broker
        self._budget = budget
        self._now_ns = now_ns

    @property
    def traits(self) -> VenueTraits:
        """What the venue promises."""
        return self._broker.traits

    async def submit(self, order: OrderRequested) -> Sequence[Observation]:
        """Send an order, or say when."""
        held = self._held("submit", order.client_order_id)
        return held or self._heeded(await self._broker.submit(order))

    async def cancel(self, request: CancelRequested) -> Sequence[Observation]:
        """Ask for a cancel, or say when."""
        return self._held("cancel", request.client_order_id) or await self._broker.cancel(request)

    async def look_up(self, request: OrderLookupRequested) -> Sequence[Observation]:
        """Ask about an order, or say when."""
        return self._held("look_up", request.client_order_id) or await self._broker.look_up(request)

    async def report_account(self, request: ReconciliationRequested) -> Sequence[Observation]:
        """Ask for the account, or say when. Each request is a new one, so its place is that of the kind."""
        return self._held("report_account", request.request_id, "") or await self._broker.report_account(request)

    async def reconnect(self, request: ReconnectRequested) -> Sequence[Observation]:
        """Connecting is not counted."""
        return await self._broker.reconnect(request)

    def _held(self, call: Call, key: str, place: str | None = None) -> Sequence[Observation]:
        wait_ns = self._budget.wait_ns(f"{call} {key if place is None else place}", self._now_ns())
        return (CallThrottled(call, key, wait_ns),) if wait_ns else ()

    def _heeded(self, answers: Sequence[Observation]) -> Sequence[Observation]:
        for answer in answers:
            if isinstance(answer, OrderSubmissionFailed) and answer.code == RATE_LIMITED:
                now_ns = self._now_ns()
                self._budget.pause(now_ns + (answer.retry_after_ns or SECOND_NS), now_ns)
        return answers
