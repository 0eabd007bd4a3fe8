"""Answers to order reports: retry, look up, give up, tell."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from perptape.core.access import FUTURES_NOT_PERMITTED, is_locked_out, may_write
from perptape.core.alarms import account_alarmed
from perptape.core.decide.alerts import alert
from perptape.core.decide.modes import cancel, halt
from perptape.core.decide.refusals import is_first_unauthorised, on_refusal, on_refused_permission
from perptape.core.decide.register import answer
from perptape.core.decide.trading import act_elsewhere, stand_in
from perptape.core.decide.watch import watch_account, watch_errors
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    CancelOutcomeUnknown,
    CancelRejected,
    CancelRequested,
    Decision,
    DriftDetected,
    DriftRepaired,
    OrderAbandoned,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderResubmitted,
    OrderSubmissionFailed,
    Side,
    TimerSet,
)
from perptape.core.events.reason import Reason, venue_code, venue_says
from perptape.core.evolve.fills import find_order
from perptape.core.money import ZERO, trimmed
from perptape.core.order import Order, is_taker, is_working, remaining
from perptape.core.state import State
from perptape.core.timer_id import Timer, timer_id

HALTED = Reason("bot_halted")
_NO_NOTE = venue_says("")
_DOUBLINGS_MAX = 30


def backoff_ns(state: State, attempt: int) -> int:
    """Wait after the attempt-th failure: backoff * 2^(attempt - 1), at most the longest wait."""
    orders = state.settings.orders
    return min(orders.backoff_s << min(attempt - 1, _DOUBLINGS_MAX), orders.backoff_max_s) * SECOND_NS


def _accepted(state: State, event: OrderAccepted) -> Iterable[Decision]:
    order = find_order(state, event.client_order_id)
    if order is None:
        return ()
    echo = (event.symbol, event.side, event.size, event.limit_price)
    if echo != (order.symbol, order.side, order.size, order.limit_price):
        return _distrust(state, order, *echo[:3], limit_price=event.limit_price)
    if state.mode == "halted" and order.purpose != "flatten" and is_working(order):
        return cancel(state, [order], HALTED)
    return ()


def _distrust(
    state: State, order: Order, symbol: str, side: Side, size: Decimal, *, limit_price: Decimal | None
) -> Iterator[Decision]:
    """The venue has another order under this id than the one that was asked for."""
    numbers = {"asked_size": trimmed(order.size), "echoed_size": trimmed(size)}
    for name, price in (("asked_price", order.limit_price), ("echoed_price", limit_price)):
        if price is not None:
            numbers[name] = trimmed(price)
    names = {
        "order": order.client_order_id,
        "asked_side": order.side,
        "asked_symbol": order.symbol,
        "echoed_side": side,
        "echoed_symbol": symbol,
    }
    yield from halt(state, "venue", Reason("order_echo_differs", numbers, names))


def _filled(state: State, event: OrderFilled) -> Iterable[Decision]:
    if state.external_fill_version == state.version or account_alarmed(state):
        return _after_fill(state, event)
    return ()


def _after_fill(state: State, event: OrderFilled) -> Iterator[Decision]:
    if state.external_fill_version == state.version:
        numbers = {"size": trimmed(event.size), "price": trimmed(event.price)}
        filled = Reason("unordered_fill", numbers, {"side": event.side, "symbol": event.symbol})
        yield alert(state, "warning", "external_fill", filled)
    yield from watch_account(state)


def _expired(_state: State, _event: OrderExpired) -> Iterable[Decision]:
    return ()


def _canceled(state: State, event: OrderCanceled) -> Iterator[Decision]:
    """A resting order that the venue takes back of its own accord is worth telling."""
    order = find_order(state, event.client_order_id, event.venue_order_id)
    if order is None or order.cancel_requested or is_taker(order) or order.purpose == "external":
        return
    left = order.size - order.filled_size
    if left > 0:
        numbers = {"left": trimmed(left), "size": trimmed(order.size)}
        names = {"side": order.side, "symbol": order.symbol}
        reason = Reason("canceled_by_venue", numbers, names, event.reason)
        yield alert(state, "warning", "order_canceled", reason)


def _rejected(state: State, event: OrderRejected) -> Iterator[Decision]:
    order = find_order(state, event.client_order_id)
    if order is not None:
        names = {"side": order.side, "symbol": order.symbol, "code": event.code}
        reason = Reason("rejected_by_venue", {"size": trimmed(order.size)}, names, event.reason)
        late = "" if order.status == "rejected" else order.status
        yield alert(state, "warning", "order_rejected", reason, subject=late)
        yield from on_refusal(state, event.code, event.reason)
        yield from _heed_permission(state, order, event.code, event.reason)


def _heed_permission(state: State, order: Order, code: str, reason: str) -> Iterator[Decision]:
    """Where the account may not trade the future, its entry goes to the spot market that the settings name."""
    yield from on_refused_permission(state, code, order.symbol, reason)
    if code == FUTURES_NOT_PERMITTED and order.purpose == "entry":
        elsewhere = stand_in(state, state.markets[order.symbol], order.strategy)
        if elsewhere is not None:
            yield from act_elsewhere(state, *elsewhere, order.side)


def _submission_failed(state: State, event: OrderSubmissionFailed) -> Iterator[Decision]:
    reason = venue_code(event.code, event.reason)
    yield from watch_errors(state)
    yield from on_refusal(state, event.code, event.reason)
    order = state.orders.get(event.client_order_id)
    if order is None or order.status != "waiting":
        return
    if is_first_unauthorised(state, event.code) and may_send_again(state, order):
        yield TimerSet(timer_id=timer_id("retry", order.client_order_id), due_at_ns=state.at_ns, reason=reason)
        return
    if not event.retryable or not may_send_again(state, order):
        yield from give_up(state, order, reason)
        yield from _heed_permission(state, order, event.code, event.reason)
        return
    wait_ns = max(backoff_ns(state, order.attempts), event.retry_after_ns or 0)
    yield TimerSet(timer_id=timer_id("retry", order.client_order_id), due_at_ns=state.at_ns + wait_ns, reason=reason)


def may_send_again(state: State, order: Order) -> bool:
    """Attempts are left, the bot may trade, and the signal is fresh; an order that reduces stays wanted.

    While halted that is an operator's flatten only: halting has canceled or given up everything else.
    """
    orders = state.settings.orders
    if order.attempts >= orders.attempts_max or order.cancel_requested:
        return False
    if order.reduce_only:
        return True
    return state.mode == "normal" and state.at_ns - order.requested_at_ns <= orders.signal_ttl_s * SECOND_NS


def give_up(state: State, order: Order, reason: Reason) -> Iterator[Decision]:
    """The order is not at the venue and will not be sent again."""
    yield OrderAbandoned(client_order_id=order.client_order_id, reason=reason)
    numbers = {"size": trimmed(order.size), "attempts": Decimal(order.attempts)}
    names = {"side": order.side, "symbol": order.symbol}
    given_up = Reason("given_up", numbers, names, because=reason)
    yield alert(state, "warning", "order_given_up", given_up)


def send_again(state: State, order: Order, reason: Reason) -> Iterator[Decision]:
    """Send the same order once more, or give it up."""
    if may_send_again(state, order):
        yield OrderResubmitted(client_order_id=order.client_order_id, attempt=order.attempts + 1, reason=reason)
    else:
        yield from give_up(state, order, reason)


def look_up(order: Order) -> OrderLookupRequested:
    """Ask the venue what became of the order."""
    return OrderLookupRequested(client_order_id=order.client_order_id, attempt=order.lookups + 1)


def _outcome_unknown(state: State, event: OrderOutcomeUnknown) -> Iterator[Decision]:
    order = state.orders.get(event.client_order_id)
    yield from watch_errors(state)
    if order is not None and order.status == "unknown" and not is_locked_out(state):
        yield look_up(order)


def _looked_up(state: State, event: OrderLookedUp) -> Iterator[Decision]:
    order = find_order(state, event.client_order_id)
    if order is None:
        return
    if event.found:
        yield from _found(state, order, event)
    else:
        yield from _not_found(state, order)


def _found(state: State, order: Order, event: OrderLookedUp) -> Iterator[Decision]:
    """The venue has the order: it must be the one asked for, and one that is no longer wanted is taken back."""
    yield from watch_account(state)
    if (event.symbol, event.side, event.size) != (order.symbol, order.side, order.size):
        yield from _distrust(state, order, event.symbol, event.side, event.size, limit_price=None)
    elif order.status == "unknown":
        yield look_up_later(state, order, Reason("order_status", names={"status": event.status}))
    elif is_working(order) and timer_id("cancel", order.client_order_id) not in state.timers:
        if order.cancel_requested:
            yield CancelRequested(client_order_id=order.client_order_id, reason=Reason("still_working"))
        elif state.mode == "halted" and order.purpose != "flatten":
            yield from cancel(state, [order], HALTED)


def _not_found(state: State, order: Order) -> Iterator[Decision]:
    """The venue does not know the order, which counts once its settle time is over."""
    settled_at_ns = order.sent_at_ns + state.settle_ns
    if order.status in ("open", "partly_filled") and state.at_ns >= settled_at_ns:
        key, left = order.client_order_id, trimmed(remaining(order))
        yield DriftDetected(subject="order", key=key, ours=left, theirs=ZERO, evidence=Reason("not_found"))
        yield DriftRepaired(subject="order", key=key, value=ZERO, price=ZERO)
    if order.status != "unknown":
        return
    if state.at_ns < settled_at_ns:
        yield TimerSet(
            timer_id=timer_id("lookup", order.client_order_id), due_at_ns=settled_at_ns, reason=Reason("settle_time")
        )
    elif state.idempotent_client_ids:
        yield from send_again(state, order, Reason("unknown_to_venue"))
    else:
        yield from give_up(state, order, Reason("unknown_to_venue"))


def _lookup_failed(state: State, event: OrderLookupFailed) -> Iterator[Decision]:
    order = find_order(state, event.client_order_id)
    reason = venue_code(event.code, event.reason)
    yield from watch_errors(state)
    yield from on_refusal(state, event.code, event.reason)
    if order is None or order.status != "unknown":
        return
    if is_first_unauthorised(state, event.code):
        yield TimerSet(timer_id=timer_id("lookup", order.client_order_id), due_at_ns=state.at_ns, reason=reason)
    else:
        yield look_up_later(state, order, reason)


def look_up_later(state: State, order: Order, reason: Reason) -> TimerSet:
    """Ask again after a wait that doubles with each lookup in a row, up to the longest one."""
    orders = state.settings.orders
    wait_s = min(orders.lookup_s << min(order.lookups, _DOUBLINGS_MAX), orders.backoff_max_s)
    due_at_ns = state.at_ns + wait_s * SECOND_NS
    return TimerSet(timer_id=timer_id("lookup", order.client_order_id), due_at_ns=due_at_ns, reason=reason)


def _cancel_rejected(state: State, event: CancelRejected) -> Iterator[Decision]:
    """A refused cancel usually means that the order has ended: ask what became of it. If not, it is tried again."""
    reason = venue_code(event.code, event.reason)
    yield from on_refusal(state, event.code, event.reason)
    order = state.orders.get(event.client_order_id)
    if order is None or not may_write(state):
        return
    if is_first_unauthorised(state, event.code):
        yield TimerSet(timer_id=timer_id("cancel", order.client_order_id), due_at_ns=state.at_ns, reason=reason)
    else:
        yield cancel_later(state, order, reason)
        if order.status != "requested":
            yield look_up(order)


def _cancel_unknown(state: State, event: CancelOutcomeUnknown) -> Iterator[Decision]:
    yield from watch_errors(state)
    order = state.orders.get(event.client_order_id)
    if order is not None:
        yield cancel_later(state, order, venue_says(event.reason))


def cancel_later(state: State, order: Order, reason: Reason) -> TimerSet:
    """Ask for the cancel again after a wait that doubles each time."""
    due_at_ns = state.at_ns + backoff_ns(state, order.cancels)
    return TimerSet(timer_id=timer_id("cancel", order.client_order_id), due_at_ns=due_at_ns, reason=reason)


def on_order_timer(state: State, timer: Timer) -> Iterator[Decision]:
    """The wait of a retry, lookup or cancel is over."""
    order = state.orders.get(timer.key)
    if order is None or is_locked_out(state):
        return
    if timer.kind == "retry" and order.status == "waiting":
        yield from send_again(state, order, order.note or _NO_NOTE)
    elif timer.kind == "lookup" and order.status == "unknown":
        yield look_up(order)
    elif timer.kind == "cancel" and may_write(state):
        yield _cancel_again(state, order)


def _cancel_again(state: State, order: Order) -> CancelRequested | TimerSet:
    """Ask for the cancel once more; while the venue cannot be reached, it waits for the connection."""
    if "rest" not in state.lost_channels:
        return CancelRequested(client_order_id=order.client_order_id, reason=Reason("cancel_unconfirmed"))
    due_at_ns = state.at_ns + state.settings.orders.backoff_max_s * SECOND_NS
    return TimerSet(
        timer_id=timer_id("cancel", order.client_order_id), due_at_ns=due_at_ns, reason=Reason("no_connection")
    )


ORDER_DECISIONS = (
    answer(OrderAccepted, _accepted),
    answer(OrderFilled, _filled),
    answer(OrderCanceled, _canceled),
    answer(OrderExpired, _expired),
    answer(OrderRejected, _rejected),
    answer(OrderSubmissionFailed, _submission_failed),
    answer(OrderOutcomeUnknown, _outcome_unknown),
    answer(OrderLookedUp, _looked_up),
    answer(OrderLookupFailed, _lookup_failed),
    answer(CancelRejected, _cancel_rejected),
    answer(CancelOutcomeUnknown, _cancel_unknown),
)
