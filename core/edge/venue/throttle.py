"""A broker whose calls stay inside a budget: what would pass it is not made, and the bot is told when it may be."""

from collections.abc import Callable, Sequence

from perptape.core.durations import SECOND_NS
from perptape.core.edge.venue.budget import Budget
from perptape.core.edge.venue.call import CountedRequest, call_key, call_kind
from perptape.core.events import (
    CallThrottled,
    Observation,
    OrderSubmissionFailed,
    ReconciliationRequested,
    ReconnectRequested,
    VenueRequest,
)
from perptape.core.ports import Broker, VenueTraits

RATE_LIMITED = "RATE_LIMIT_EXCEEDED"


class ThrottledBroker:
    """One budget for all calls but connecting. When the venue says it is too much nevertheless, everybody waits."""

    def __init__(self, broker: Broker, budget: Budget, now_ns: Callable[[], int]) -> None:
        """`now_ns` is receipt time, in which places in the queue are given out."""
        self._broker = broker
        self._budget = budget
        self._now_ns = now_ns

    @property
    def traits(self) -> VenueTraits:
        """What the venue promises."""
        return self._broker.traits

    async def call(self, request: VenueRequest) -> Sequence[Observation]:
        """Make the call, or say when."""
        if isinstance(request, ReconnectRequested):
            return await self._broker.call(request)
        return self._throttled(request) or self._obeyed(await self._broker.call(request))

    def _throttled(self, request: CountedRequest) -> Sequence[Observation]:
        kind, key = call_kind(request), call_key(request)
        # Each reconciliation has an id of its own, so its place in the queue is that of the kind.
        place = "" if isinstance(request, ReconciliationRequested) else key
        wait_ns = self._budget.wait_ns(f"{kind} {place}", self._now_ns())
        return (CallThrottled(kind, key, wait_ns),) if wait_ns else ()

    def _obeyed(self, answers: Sequence[Observation]) -> Sequence[Observation]:
        """The answers, once the budget pauses for as long as the venue demands."""
        for answer in answers:
            if isinstance(answer, OrderSubmissionFailed) and answer.code == RATE_LIMITED:
                now_ns = self._now_ns()
                self._budget.pause(now_ns + (answer.retry_after_ns or SECOND_NS), now_ns)
        return answers
