"""Answers to calls that were held back, and to replies that cannot be read: what became of a call is asked."""

from collections.abc import Iterator
from decimal import Decimal

from perptape.core.access import API_CHANGE
from perptape.core.decide.accounts import ask_again
from perptape.core.decide.alerts import alert
from perptape.core.decide.modes import halt
from perptape.core.decide.order_reports import cancel_later, look_up, look_up_later
from perptape.core.decide.register import answer
from perptape.core.decide.watch import watch_errors
from perptape.core.events import CallThrottled, Decision, ReplyNotUnderstood, TimerSet
from perptape.core.events.base import CallKind
from perptape.core.events.reason import Reason
from perptape.core.evolve.calls import THROTTLED, unreadable
from perptape.core.state import State
from perptape.core.timer_id import RECONCILE, TimerKind, timer_id

_TIMERS: dict[CallKind, TimerKind] = {"submit": "retry", "cancel": "cancel", "look_up": "lookup"}


def _throttled(state: State, event: CallThrottled) -> Iterator[Decision]:
    """The budget has given the call its place in the queue: it is made then."""
    timer = RECONCILE if event.call == "report_account" else timer_id(_TIMERS[event.call], event.key)
    yield TimerSet(timer_id=timer, due_at_ns=state.at_ns + event.retry_after_ns, reason=THROTTLED)


def _not_understood(state: State, event: ReplyNotUnderstood) -> Iterator[Decision]:
    """The whole reply is on the tape. One alert until replies can be read again; too many in a row halt the bot."""
    yield from watch_errors(state)
    what = unreadable(event)
    if state.unreadable_replies == 1:
        yield alert(state, "warning", "reply_unreadable", what, subject=event.call)
    most = state.settings.orders.not_understood_max
    if state.unreadable_replies >= most:
        numbers = {"count": Decimal(state.unreadable_replies), "limit": Decimal(most)}
        yield from halt(state, API_CHANGE, Reason("unreadable_replies", numbers, because=what))
    order = state.orders.get(event.key)
    if event.call == "report_account":
        yield ask_again(state, what)
    elif order is not None and event.call == "cancel":
        yield cancel_later(state, order, what)
    elif order is not None and event.call == "look_up":
        yield look_up_later(state, order, what)
    elif order is not None and order.status == "unknown":
        yield look_up(order)


REPLY_DECISIONS = (
    answer(CallThrottled, _throttled),
    answer(ReplyNotUnderstood, _not_understood),
)
