"""Doubts: an order whose fate is not known is being asked about, sent again while it is wanted, or given up."""

from collections import Counter
from collections.abc import Iterator

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    CancelOutcomeUnknown,
    CancelRejected,
    CancelRequested,
    ConnectionRestored,
    ModeChanged,
    OrderAbandoned,
    OrderLookupRequested,
    OrderResubmitted,
    OrderSubmissionFailed,
    ReplyNotUnderstood,
    TimerFired,
)
from perptape.core.order import WORKING
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.oracle.orders import LIVE, Kept
from perptape.replays.oracle.turns import Turn, each_turn, locked_out, may_write


def doubts_are_pursued(phrase: str) -> Expectation:
    """An order whose fate is not known is always being asked about, sent again, or given up."""
    return each_turn(phrase, "whatever is in doubt is being asked about", _doubts)


def _doubts(turn: Turn) -> Iterator[str]:
    due = turn.books.timers.due
    for key, order in turn.books.orders.by_id.items():
        if order.status == "waiting" and f"retry:{key}" not in due and not locked_out(turn):
            yield f"order {key} waits to be sent again, and nothing will send it"
        asked = key in turn.asked
        if order.status == "unknown" and not asked and f"lookup:{key}" not in due and not locked_out(turn):
            yield f"what became of order {key} is not known, and nobody asks"
        canceling = asked or f"cancel {key}" in turn.asked or f"cancel:{key}" in due
        if order.cancel_requested and order.status in LIVE and not canceling and may_write(turn):
            yield f"order {key} is to be canceled, and nobody asks for it"
    yield from _cancels_again(turn)
    yield from _out_of_reach(turn)
    yield from _asked_twice(turn)
    yield from _questions(turn)
    yield from _sent_again(turn)


def _cancels_again(turn: Turn) -> Iterator[str]:
    """A cancel that came to nothing is asked for again after a wait, as long as the order works."""
    event = turn.event
    unread = isinstance(event, ReplyNotUnderstood) and event.call == "cancel"
    if not unread and not isinstance(event, (CancelRejected, CancelOutcomeUnknown)):
        return
    key = event.key if isinstance(event, ReplyNotUnderstood) else event.client_order_id
    order = turn.books.orders.of(key)
    working = order is not None and order.status in WORKING
    if working and may_write(turn) and f"cancel:{key}" not in turn.books.timers.due:
        yield f"the cancel of order {key} came to nothing, and will not be asked for again"


def _out_of_reach(turn: Turn) -> Iterator[str]:
    """While no call can be made a cancel waits, and once it can be made it is made at once."""
    event = turn.event
    again = isinstance(event, TimerFired) and event.timer_id.startswith("cancel:") and turn.decided(CancelRequested)
    if again and "rest" in turn.before.lost:
        yield "a cancel is asked for again although there is no connection"
    if isinstance(event, ConnectionRestored) and event.channel == "rest":
        due = {key: at_ns for key, at_ns in turn.books.timers.due.items() if key.startswith("cancel:")}
        for late in [key for key, at_ns in due.items() if at_ns > turn.observed.at_ns]:
            yield f"{late} goes on waiting although there is a connection again"


def _asked_twice(turn: Turn) -> Iterator[str]:
    for kind in (OrderLookupRequested, CancelRequested, OrderResubmitted, OrderAbandoned):
        for key, times in Counter(event.client_order_id for event in turn.decided(kind)).items():
            if times > 1:
                yield f"{kind.__name__} of {key} {times} times in a turn"


def _questions(turn: Turn) -> Iterator[str]:
    """A lookup asks about an order in doubt, one that a report does not list, or one whose cancel was refused."""
    for asked in turn.decided(OrderLookupRequested):
        order = turn.books.orders.of(asked.client_order_id)
        if order is None:
            yield f"an order {asked.client_order_id} is asked about that is not known"
        elif asked.attempt != order.lookups:
            yield f"lookup {asked.attempt} of {asked.client_order_id} is its {order.lookups}th"
        if locked_out(turn):
            yield "an order is asked about although the venue refuses the key"
    for asked in turn.decided(CancelRequested):
        order = turn.books.orders.of(asked.client_order_id)
        if order is None or order.status not in WORKING or order.status == "waiting":
            yield f"a cancel of {asked.client_order_id} is asked for, which does not work at the venue"
        if not may_write(turn):
            yield "a cancel is asked for although the venue refuses the key"


def _sent_again(turn: Turn) -> Iterator[str]:
    """What did not reach the venue goes out again while it is wanted, and is given up otherwise."""
    settings, at_ns = turn.books.settings.orders, turn.observed.at_ns
    for again in turn.decided(OrderResubmitted):
        order = turn.books.orders.of(again.client_order_id)
        if order is None:
            yield f"order {again.client_order_id} is sent again and not known"
            continue
        fresh = at_ns - order.requested_at_ns <= settings.signal_ttl_s * SECOND_NS
        if again.attempt > settings.attempts_max or order.cancel_requested:
            yield f"order {again.client_order_id} is sent a {again.attempt}th time"
        if not order.asked.reduce_only and not (fresh and turn.books.conditions.mode == "normal"):
            yield f"order {again.client_order_id} is sent again, though it is not wanted any more"
    event = turn.event
    if isinstance(event, OrderSubmissionFailed) and event.retryable:
        order = turn.books.orders.of(event.client_order_id)
        if order is not None and order.status == "abandoned" and _wanted(turn, order):
            yield f"order {event.client_order_id} is given up, though it is wanted"


def _wanted(turn: Turn, order: Kept) -> bool:
    settings = turn.books.settings.orders
    if order.attempts >= settings.attempts_max or order.cancel_requested:
        return False
    fresh = turn.observed.at_ns - order.requested_at_ns <= settings.signal_ttl_s * SECOND_NS
    return order.asked.reduce_only or (turn.before.mode == "normal" and fresh and not turn.decided(ModeChanged))
