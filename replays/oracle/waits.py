"""Waits: how long each of them has to be."""

from collections.abc import Iterator

from perptape.core.access import UNAUTHORIZED
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountQueryFailed,
    CallThrottled,
    CancelRejected,
    ConnectionRestored,
    OrderLookedUp,
    OrderLookupFailed,
    OrderSubmissionFailed,
    TimerFired,
    TimerSet,
)
from perptape.core.wording import sentence
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.oracle.turns import Turn, each_turn


def waits_are_as_set(phrase: str) -> Expectation:
    """Every wait is as long as the settings say, growing with each failure."""
    return each_turn(phrase, "every wait is as long as the settings say", _waits)


def _waits(turn: Turn) -> Iterator[str]:
    for timer in turn.decided(TimerSet):
        kind, _, key = timer.timer_id.partition(":")
        wait_ns = timer.due_at_ns - turn.observed.at_ns
        expected = _wait(turn, kind, key)
        if expected is not None and wait_ns != expected:
            yield f"{timer.timer_id} waits {wait_ns / SECOND_NS} s, and has to wait {expected / SECOND_NS} s"
        if not sentence(timer.reason):
            yield f"{timer.timer_id} waits for no reason"


def _wait(turn: Turn, kind: str, key: str) -> int | None:
    """How long a wait has to be, in ns; None where something else decides."""
    event, settings = turn.event, turn.books.settings
    orders, guards = settings.orders, settings.guards
    order = turn.books.orders.of(key)
    if isinstance(event, CallThrottled):
        return event.retry_after_ns
    if kind in ("retry", "lookup", "cancel", "reconcile") and _first_refusal(turn):
        return 0
    match kind:
        case "retry" if order is not None and isinstance(event, OrderSubmissionFailed):
            growing = min(orders.backoff_s << (order.attempts - 1), orders.backoff_max_s) * SECOND_NS
            return max(growing, event.retry_after_ns or 0)
        case "lookup" if order is not None:
            if isinstance(event, OrderLookedUp) and not event.found and turn.books.conditions.session is not None:
                return order.sent_at_ns + turn.books.conditions.session.settle_ns - turn.observed.at_ns
            return min(orders.lookup_s << order.lookups, orders.backoff_max_s) * SECOND_NS
        case "cancel" if isinstance(event, ConnectionRestored):
            return 0
        case "cancel" if isinstance(event, TimerFired):
            return orders.backoff_max_s * SECOND_NS
        case "cancel" if order is not None:
            return min(orders.backoff_s << (order.cancels - 1), orders.backoff_max_s) * SECOND_NS
        case "reconnect":
            attempts = turn.books.conditions.outages[key][1]
            return min(orders.backoff_s << attempts, orders.backoff_max_s) * SECOND_NS
        case "reconcile":
            return settings.reconciliation.retry_s * SECOND_NS
        case "errors" if guards.errors is not None:
            return guards.errors.cooldown_s * SECOND_NS
        case "calm" if guards.volatility is not None:
            return guards.volatility.cooldown_s * SECOND_NS
        case _:
            return None


def _first_refusal(turn: Turn) -> bool:
    """Whether the venue refused the key for the first time: that is tried again at once."""
    refusals = (OrderSubmissionFailed, OrderLookupFailed, CancelRejected, AccountQueryFailed)
    event = turn.event
    return isinstance(event, refusals) and event.code == UNAUTHORIZED and turn.books.conditions.unauthorised == 1
