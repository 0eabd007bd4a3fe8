"""Folds of calls to the venue as such: what failed, was refused, was held back, or could not be read."""

from perptape.core.access import UNAUTHORIZED
from perptape.core.durations import SECOND_NS
from perptape.core.events import CallThrottled, CredentialsLoaded, ReplyNotUnderstood
from perptape.core.events.reason import Reason
from perptape.core.evolve.fills import find_order
from perptape.core.evolve.register import fold
from perptape.core.order import advance
from perptape.core.state import State

THROTTLED = Reason("throttled")


def count_error(state: State) -> None:
    """One more failed request for the circuit breaker."""
    breaker = state.settings.guards.errors
    if breaker is not None:
        while state.error_times and state.error_times[0] <= state.at_ns - breaker.window_s * SECOND_NS:
            del state.error_times[0]
        state.error_times.append(state.at_ns)


def count_refusal(state: State, code: str) -> None:
    """Refusals of the credentials in a row."""
    if code == UNAUTHORIZED:
        state.unauthorised += 1


def understood(state: State) -> None:
    """The venue acted upon a private call and its answer could be read."""
    state.unauthorised = state.unreadable_replies = 0


def _credentials(state: State, _event: CredentialsLoaded) -> None:
    state.unauthorised = 0
    state.reconciliation.required = True


def _throttled(state: State, event: CallThrottled) -> None:
    """The call was not made: neither an attempt nor an error."""
    order = find_order(state, event.key)
    if event.call == "report_account" and event.key == state.reconciliation.pending:
        state.reconciliation.pending = ""
    elif order is not None and event.call == "submit":
        order.attempts -= 1
        order.note = THROTTLED
        advance(order, "waiting", state.at_ns)
    elif order is not None and event.call == "look_up":
        order.lookups -= 1


def unreadable(event: ReplyNotUnderstood) -> Reason:
    """What cannot be read: the call, what it was about, the field of the reply, and what is wrong with it."""
    names = {"call": event.call, "key": event.key, "field": event.field}
    return Reason("unreadable_reply", names={name: value for name, value in names.items() if value}, text=event.problem)


def _not_understood(state: State, event: ReplyNotUnderstood) -> None:
    """What became of the call has to be asked."""
    count_error(state)
    state.unreadable_replies += 1
    order = state.orders.get(event.key)
    if event.call == "report_account" and event.key == state.reconciliation.pending:
        state.reconciliation.pending = ""
    elif order is not None and event.call == "submit":
        order.note = unreadable(event)
        advance(order, "unknown", state.at_ns)


CALL_FOLDS = (
    fold(CredentialsLoaded, _credentials),
    fold(CallThrottled, _throttled),
    fold(ReplyNotUnderstood, _not_understood),
)
