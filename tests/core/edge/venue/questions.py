"""What the tests of the contract ask a venue, and which answers fit."""

from perptape.core.edge.venue.call import call_key
from perptape.core.events import (
    AccountQueryFailed,
    AccountReported,
    CallThrottled,
    CancelAccepted,
    CancelOutcomeUnknown,
    CancelRejected,
    CancelRequested,
    ConnectionLost,
    ConnectionRestored,
    Observation,
    OrderAccepted,
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderRequested,
    OrderSubmissionFailed,
    ReconciliationRequested,
    ReconnectRequested,
    ReplyNotUnderstood,
    VenueRequest,
)
from perptape.core.events.reason import Reason
from tests.core.edge.venue.benches import Bench

FITTING: dict[type[VenueRequest], tuple[type[Observation], ...]] = {
    OrderRequested: (OrderAccepted, OrderRejected, OrderSubmissionFailed, OrderOutcomeUnknown),
    CancelRequested: (CancelAccepted, CancelRejected, CancelOutcomeUnknown),
    OrderLookupRequested: (OrderLookedUp, OrderLookupFailed),
    ReconciliationRequested: (AccountReported, AccountQueryFailed),
    ReconnectRequested: (ConnectionRestored, ConnectionLost),
}
"""What may answer a request, besides CallThrottled and ReplyNotUnderstood."""


def unfitting(request: VenueRequest, answer: Observation) -> str:
    """What is wrong with an answer: it is of another kind, or about something else."""
    if not isinstance(answer, (*FITTING[type(request)], CallThrottled, ReplyNotUnderstood)):
        return f"{type(answer).__name__} is no answer to {type(request).__name__}"
    names = ("client_order_id", "request_id", "channel", "key")
    about = next(getattr(answer, name) for name in names if hasattr(answer, name))
    return "" if about == call_key(request) else f"{type(answer).__name__} is about {about!r}"


async def look_up(bench: Bench, client_order_id: str) -> OrderLookedUp:
    [answer] = await bench.broker.call(OrderLookupRequested(client_order_id, 1))
    assert isinstance(answer, OrderLookedUp)
    return answer


async def report(bench: Bench, since_ns: int = 0) -> AccountReported:
    [answer] = await bench.broker.call(ReconciliationRequested("reconciliation-1", since_ns, Reason("scheduled")))
    assert isinstance(answer, AccountReported)
    return answer


async def ask(bench: Bench, request: VenueRequest) -> list[Observation]:
    """What a request comes to within two seconds: its answers, and then what the feed says."""
    answers = await bench.broker.call(request)
    return [*answers, *await bench.passes(2)]
