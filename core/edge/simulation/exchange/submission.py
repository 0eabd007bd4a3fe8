"""Order entry: a request becomes an order once, whatever is repeated, and ends when asked to."""

from perptape.core.edge.simulation.exchange.execution import end, execute
from perptape.core.edge.simulation.exchange.order import VenueOrder
from perptape.core.edge.simulation.exchange.validation import margin_needed, refusal
from perptape.core.edge.simulation.exchange.venue import Arrival, Expiry, Venue
from perptape.core.events import CancelAccepted, CancelRejected, OrderAccepted, OrderRejected, OrderRequested


def submit(venue: Venue, request: OrderRequested, rejection: str) -> OrderAccepted | OrderRejected:
    """Answer an order directly; its fills and end follow on the feed.

    With a `rejection` code the order is accepted and then rejected by the feed.
    """
    order, known = _admit(venue, request)
    if isinstance(order, OrderRejected):
        return order
    answer = order.acceptance(seq=0)
    if not known:
        _start(venue, order, rejection)
    return answer


def arrive(venue: Venue, request: OrderRequested, rejection: str) -> None:
    """Answer an order by the feed, when it reaches the exchange after its latency."""
    seq = venue.feed.next_seq()
    order, known = _admit(venue, request, seq)
    if isinstance(order, OrderRejected):
        venue.feed.report(venue.now_ns, order)
        return
    venue.feed.report(venue.now_ns, order.acceptance(seq))
    if not known:
        _start(venue, order, rejection)


def cancel_refusal(venue: Venue, order_id: str) -> CancelRejected | None:
    """Why a cancel request cannot be taken, or None."""
    order = venue.find(order_id)
    if order is None:
        if any(isinstance(due, Arrival) and due.request.client_order_id == order_id for _, _, due in venue.agenda):
            return None
        return CancelRejected(order_id, "UNKNOWN_CANCEL_ORDER", f"no order {order_id} is known here")
    if order.status == "filled":
        return CancelRejected(order_id, "ORDER_IS_FULLY_FILLED", f"order {order_id} is already filled")
    if order.status != "open":
        return CancelRejected(order_id, "INVALID_CANCEL_REQUEST", f"order {order_id} is already {order.status}")
    return None


def cancel(venue: Venue, order_id: str, reason: str = "canceled on request") -> CancelAccepted | CancelRejected:
    """Answer a cancel request directly; the end of the order follows on the feed."""
    refused = cancel_refusal(venue, order_id)
    if refused is not None:
        return refused
    order = venue.find(order_id)
    if order is not None:
        end(venue, order, "canceled", reason)
    return CancelAccepted(order_id)


def _admit(venue: Venue, request: OrderRequested, seq: int = 0) -> tuple[VenueOrder, bool] | tuple[OrderRejected, bool]:
    """The order of a request and whether it was there before, or the rejection. Creates the order when it is new."""
    client_id = request.client_order_id
    known = venue.orders.get(client_id) if client_id else None
    if known is not None:
        if venue.settings.idempotent_client_ids:
            return known, True
        return OrderRejected(seq, client_id, "INVALID_REQUEST", f"client order id {client_id} was used before"), True
    refused = refusal(venue, request)
    if refused is not None:
        return OrderRejected(seq, client_id, refused.code, refused.reason), False
    margin = margin_needed(venue, venue.books[request.symbol], request)
    order = VenueOrder(request, venue.next_id("order"), venue.now_ns, margin / request.size)
    venue.keep(order)
    return order, False


def _start(venue: Venue, order: VenueOrder, rejection: str) -> None:
    request = order.request
    book = venue.books[request.symbol]
    if rejection:
        end(venue, order, "rejected", "rejected after acceptance, as scripted", rejection)
        return
    if order.triggered:
        execute(venue, book, order)
    else:
        book.working.append(order)
    if order.status == "open" and request.expires_at_ns is not None:
        venue.schedule(request.expires_at_ns, Expiry(order))
