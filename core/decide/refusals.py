"""What the code of a refused call says about the bot's access to the venue."""

from collections.abc import Iterator

from perptape.core.access import (
    API_CHANGE,
    CREDENTIALS,
    ENDPOINT_GONE,
    FUTURES_NOT_PERMITTED,
    PERMISSION,
    PERMISSION_DENIED,
    READ_ONLY_KEY,
    UNAUTHORIZED,
    is_permitted,
    may_write,
)
from perptape.core.decide.alerts import alert
from perptape.core.decide.modes import halt, trip
from perptape.core.events import Decision
from perptape.core.events.reason import Reason
from perptape.core.money import ONE, ZERO
from perptape.core.state import State


def on_refusal(state: State, code: str, reason: str) -> Iterator[Decision]:
    """Stop what the refusal says is of no use. The credentials are tried once more before they are believed bad."""
    if code == UNAUTHORIZED and state.unauthorised > 1:
        why = Reason("key_refused", text=reason)
        yield from trip(state, CREDENTIALS, "", measured=ONE, limit=ZERO, mode="halted", reason=why)
    elif code == PERMISSION_DENIED and may_write(state):
        why = Reason("key_read_only", text=reason)
        yield from trip(state, READ_ONLY_KEY, "", measured=ONE, limit=ZERO, mode="normal", reason=why)
        yield alert(state, "critical", "read_only_key", why)
    elif code == ENDPOINT_GONE:
        yield from halt(state, API_CHANGE, Reason("endpoint_gone", text=reason))


def on_refused_permission(state: State, code: str, symbol: str, reason: str) -> Iterator[Decision]:
    """A future that the account may not trade is not tried again."""
    if code == FUTURES_NOT_PERMITTED and is_permitted(state, symbol):
        spot = state.settings.orders.spot_fallback.get(symbol)
        if spot:
            why = Reason("no_permission_spot", names={"symbol": symbol, "spot": spot}, text=reason)
        else:
            why = Reason("no_permission", names={"symbol": symbol}, text=reason)
        yield from trip(state, PERMISSION, symbol, measured=ONE, limit=ZERO, mode="normal", reason=why)
        yield alert(state, "critical", "no_permission", why, subject=symbol)


def is_first_unauthorised(state: State, code: str) -> bool:
    """Whether the call is worth one more try with a fresh signature."""
    return code == UNAUTHORIZED and state.unauthorised == 1
