"""Folds of orders: requests, retries and what the venue reports."""

from perptape.core.access import UNAUTHORIZED
from perptape.core.durations import MINUTE_NS
from perptape.core.events import (
    CancelAccepted,
    CancelOutcomeUnknown,
    CancelRejected,
    CancelRequested,
    ExternalOrderAdopted,
    OrderAbandoned,
    OrderAccepted,
    OrderBlocked,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderRequested,
    OrderResubmitted,
    OrderSubmissionFailed,
    SignalGenerated,
    SignalsAggregated,
)
from perptape.core.events.reason import Reason, venue_code, venue_says
from perptape.core.evolve.calls import count_error, count_refusal, understood
from perptape.core.evolve.fills import find_order, find_sleeve, settle_order, take_fill
from perptape.core.evolve.prices import market_of
from perptape.core.evolve.register import fold
from perptape.core.order import Order, OrderStatus, advance
from perptape.core.state import State


def _requested(state: State, event: OrderRequested) -> None:
    state.intents = event.intent
    while state.request_times and state.request_times[0] <= state.at_ns - MINUTE_NS:
        del state.request_times[0]
    state.request_times.append(state.at_ns)
    state.orders[event.client_order_id] = Order(  # the first by place: a call with more than 15 keywords makes a dict
        event.client_order_id,
        event.intent,
        event.strategy,
        event.symbol,
        event.side,
        event.order_type,
        size=event.size,
        limit_price=event.limit_price,
        stop_price=event.stop_price,
        time_in_force=event.time_in_force,
        expires_at_ns=event.expires_at_ns,
        post_only=event.post_only,
        reduce_only=event.reduce_only,
        purpose=event.purpose,
        reference_price=event.reference_price,
        requested_at_ns=state.at_ns,
        sent_at_ns=state.at_ns,
        changed_at_ns=state.at_ns,
    )


def _resubmitted(state: State, event: OrderResubmitted) -> None:
    order = state.orders.get(event.client_order_id)
    if order is not None:
        order.attempts = event.attempt
        order.sent_at_ns = state.at_ns
        advance(order, "requested", state.at_ns)


def _abandoned(state: State, event: OrderAbandoned) -> None:
    _end(state, find_order(state, event.client_order_id), "abandoned", event.reason)


def _cancel_requested(state: State, event: CancelRequested) -> None:
    order = state.orders.get(event.client_order_id)
    if order is not None:
        order.cancels += 1


def _lookup_requested(state: State, event: OrderLookupRequested) -> None:
    order = find_order(state, event.client_order_id)
    if order is not None:
        order.lookups = event.attempt
        advance(order, "unknown", state.at_ns)


def _accepted(state: State, event: OrderAccepted) -> None:
    if event.seq:
        state.feed_seq = event.seq
    understood(state)
    order = find_order(state, event.client_order_id)
    if order is not None:
        order.venue_order_id = event.venue_order_id
        if order.status != "rejected" and advance(order, "open", state.at_ns):
            settle_order(state, order)


def _filled(state: State, event: OrderFilled) -> None:
    state.feed_seq = event.seq or state.feed_seq
    take_fill(state, event)


def _canceled(state: State, event: OrderCanceled) -> None:
    state.feed_seq = event.seq or state.feed_seq
    _end(state, find_order(state, event.client_order_id, event.venue_order_id), "canceled", venue_says(event.reason))


def _expired(state: State, event: OrderExpired) -> None:
    state.feed_seq = event.seq or state.feed_seq
    _end(state, find_order(state, event.client_order_id, event.venue_order_id), "expired", None)


def _rejected(state: State, event: OrderRejected) -> None:
    state.feed_seq = event.seq or state.feed_seq
    understood(state)
    order = find_order(state, event.client_order_id)
    if _end(state, order, "rejected", venue_code(event.code, event.reason)):
        _refuse(state, order, f"{event.code}: {event.reason}")


def _refuse(state: State, order: Order | None, refusal: str) -> None:
    """The strategy is told, and its entries wait before it tries again."""
    sleeve = find_sleeve(market_of(state, order.symbol), order.strategy) if order is not None else None
    if order is not None and sleeve is not None:
        sleeve.refusal = refusal
        if order.purpose == "entry":
            sleeve.refused_at_ns = state.at_ns


def _end(state: State, order: Order | None, status: OrderStatus, note: Reason | None) -> bool:
    """The order ends, and it is said whether it did: one that has ended already stays as it is."""
    if order is None or not advance(order, status, state.at_ns):
        return False
    order.note = note
    settle_order(state, order)
    return True


def _submission_failed(state: State, event: OrderSubmissionFailed) -> None:
    count_error(state)
    count_refusal(state, event.code)
    order = state.orders.get(event.client_order_id)
    if order is not None:
        order.note = venue_code(event.code, event.reason)
        advance(order, "waiting", state.at_ns)
    if not event.retryable and event.code != UNAUTHORIZED:
        _refuse(state, order, f"{event.code}: {event.reason}")


def _outcome_unknown(state: State, event: OrderOutcomeUnknown) -> None:
    count_error(state)
    order = state.orders.get(event.client_order_id)
    if order is not None:
        order.note = venue_says(event.reason)
        advance(order, "unknown", state.at_ns)


def _looked_up(state: State, event: OrderLookedUp) -> None:
    understood(state)
    order = find_order(state, event.client_order_id)
    if order is None or not event.found:
        return
    order.venue_order_id = event.venue_order_id
    order.lookups = 0
    for fill in event.fills:
        take_fill(state, fill)
    if event.status in ("open", "pending"):
        if not order.filled_size:
            advance(order, "open", state.at_ns)
            settle_order(state, order)
    elif event.status in ("canceled", "expired", "rejected"):
        ended = _end(state, order, event.status, venue_says(event.reason))
        if ended and event.status == "rejected":
            _refuse(state, order, event.reason)


def _lookup_failed(state: State, event: OrderLookupFailed) -> None:
    count_error(state)
    count_refusal(state, event.code)


def _cancel_accepted(state: State, _event: CancelAccepted) -> None:
    """The end of the order is told by its own event."""
    understood(state)


def _cancel_rejected(state: State, event: CancelRejected) -> None:
    count_refusal(state, event.code)


def _cancel_unknown(state: State, _event: CancelOutcomeUnknown) -> None:
    count_error(state)


def _adopted(state: State, event: ExternalOrderAdopted) -> None:
    state.orders[event.client_order_id] = Order(
        client_order_id=event.client_order_id,
        intent=0,
        strategy="",
        symbol=event.symbol,
        side=event.side,
        order_type=event.order_type,
        size=event.size,
        limit_price=event.limit_price,
        stop_price=None,
        time_in_force="gtc",
        expires_at_ns=None,
        post_only=False,
        reduce_only=event.reduce_only,
        purpose="external",
        reference_price=event.limit_price or market_of(state, event.symbol).price,
        requested_at_ns=state.at_ns,
        sent_at_ns=state.at_ns,
        status="partly_filled" if event.filled_size else "open",
        venue_order_id=event.venue_order_id,
        filled_size=event.filled_size,
        changed_at_ns=state.at_ns,
    )


def _told(_state: State, _event: SignalGenerated | SignalsAggregated | OrderBlocked) -> None:
    """Worth recording; the state has nothing to keep of it."""


ORDER_FOLDS = (
    fold(SignalGenerated, _told),
    fold(SignalsAggregated, _told),
    fold(OrderBlocked, _told),
    fold(CancelAccepted, _cancel_accepted),
    fold(OrderRequested, _requested),
    fold(OrderResubmitted, _resubmitted),
    fold(OrderAbandoned, _abandoned),
    fold(CancelRequested, _cancel_requested),
    fold(OrderLookupRequested, _lookup_requested),
    fold(OrderAccepted, _accepted),
    fold(OrderFilled, _filled),
    fold(OrderCanceled, _canceled),
    fold(OrderExpired, _expired),
    fold(OrderRejected, _rejected),
    fold(OrderSubmissionFailed, _submission_failed),
    fold(OrderOutcomeUnknown, _outcome_unknown),
    fold(OrderLookedUp, _looked_up),
    fold(OrderLookupFailed, _lookup_failed),
    fold(CancelRejected, _cancel_rejected),
    fold(CancelOutcomeUnknown, _cancel_unknown),
    fold(ExternalOrderAdopted, _adopted),
)
