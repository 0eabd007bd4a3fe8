"""Answers to what the bot's key may not do: retry once, stop asking, observe only, or go elsewhere."""

from collections.abc import Iterator

from perptape.core.access import CREDENTIALS, PERMISSION, READ_ONLY_KEY
from perptape.core.decide.accounts import request_reconciliation
from perptape.core.decide.modes import clear
from perptape.core.decide.order_reports import look_up
from perptape.core.decide.register import answer
from perptape.core.events import CancelRequested, CredentialsLoaded, Decision
from perptape.core.events.reason import Reason
from perptape.core.state import State


def _credentials(state: State, event: CredentialsLoaded) -> Iterator[Decision]:
    """New credentials end what the old ones could not do; what was held back meanwhile goes out, questions first."""
    reason = Reason("new_credentials", names={"key_id": event.key_id})
    yield from clear(state, CREDENTIALS, "", reason)
    yield from clear(state, READ_ONLY_KEY, "", reason)
    for tripped in list(state.tripped.values()):
        if tripped.guard == PERMISSION:
            yield from clear(state, PERMISSION, tripped.symbol, reason)
    yield from request_reconciliation(state, reason)
    for order in list(state.orders.values()):
        if order.status == "unknown":
            yield look_up(order)
        elif order.cancel_requested and order.status in ("open", "partly_filled"):
            yield CancelRequested(client_order_id=order.client_order_id, reason=Reason("cancel_held_back"))


ACCESS_DECISIONS = (answer(CredentialsLoaded, _credentials),)
