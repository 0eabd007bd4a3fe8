"""Order entry: a request becomes an order once, whatever is repeated, and ends when asked to."""

from perptape.core.edge.simulation.exchange.execution import end, execute
from perptape.core.edge.simulation.exchange.order import VenueOrder
from perptape.core.edge.simulation.exchange.state import Arrival, ExchangeState, Expiry
from perptape.core.edge.simulation.exchange.validation import margin_needed, refusal
from perptape.core.events import CancelAccepted, CancelRejected, OrderAccepted, OrderRejected, OrderRequested


def submit(state: ExchangeState, request: OrderRequested, rejection: str) -> OrderAccepted | OrderRejected:
    """Answer an order directly; its fills and end follow on the feed.

    With a `rejection` code the order is accepted and then rejected by the feed.
    """
    order, known = _admit(state, request)
    if isinstance(order, OrderRejected):
        return order
    answer = order.acceptance(seq=0)
    if not known:
        _start(state, order, rejection)
    return answer


def arrive(state: ExchangeState, request: OrderRequested, rejection: str) -> None:
    """Answer an order by the feed, when it reaches the exchange after its latency."""
    seq = state.feed.next_seq()
    order, known = _admit(state, request, seq)
    if isinstance(order, OrderRejected):
        state.feed.report(state.now_ns, order)
        return
    state.feed.report(state.now_ns, order.acceptance(seq))
    if not known:
        _start(state, order, rejection)


def cancel_refusal(state: ExchangeState, order_id: str) -> CancelRejected | None:
    """Why a cancel request cannot be taken, or None."""
    order = state.find(order_id)
    if order is None:
        if any(isinstance(due, Arrival) and due.request.client_order_id == order_id for _, _, due in state.agenda):
            return None
        return CancelRejected(order_id, "UNKNOWN_CANCEL_ORDER", f"no order {order_id} is known here")
    if order.status == "filled":
        return CancelRejected(order_id, "ORDER_IS_FULLY_FILLED", f"order {order_id} is already filled")
    if order.status != "open":
        return CancelRejected(order_id, "INVALID_CANCEL_REQUEST", f"order {order_id} is already {order.status}")
    return None


def cancel(state: ExchangeState, order_id: str, reason: str = "canceled on request") -> CancelAccepted | CancelRejected:
    """Answer a cancel request directly; the end of the order follows on the feed."""
    refused = cancel_refusal(state, order_id)
    if refused is not None:
        return refused
    order = state.find(order_id)
    if order is not None:
        end(state, order, "canceled", reason)
    return CancelAccepted(order_id)


def _admit(
    state: ExchangeState, request: OrderRequested, seq: int = 0
) -> tuple[VenueOrder, bool] | tuple[OrderRejected, bool]:
    """The order of a request and whether it was there before, or the rejection. Creates the order when it is new."""
    client_id = request.client_order_id
    known = state.orders.get(client_id) if client_id else None
    if known is not None:
        if state.settings.idempotent_client_ids:
            return known, True
        return OrderRejected(seq, client_id, "INVALID_REQUEST", f"client order id {client_id} was used before"), True
    refused = refusal(state, request)
    if refused is not None:
        return OrderRejected(seq, client_id, refused.code, refused.reason), False
    margin = margin_needed(state, state.books[request.symbol], request)
    order = VenueOrder(request, state.next_id("order"), state.now_ns, margin / request.size)
    state.keep(order)
    return order, False


def _start(state: ExchangeState, order: VenueOrder, rejection: str) -> None:
    request = order.request
    book = state.books[request.symbol]
    if rejection:
        end(state, order, "rejected", "rejected after acceptance, as scripted", rejection)
        return
    if order.triggered:
        execute(state, book, order)
    else:
        book.working.append(order)
    if order.status == "open" and request.expires_at_ns is not None:
        state.schedule(request.expires_at_ns, Expiry(order))
