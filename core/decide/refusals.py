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
from perptape.core.money import ONE, ZERO
from perptape.core.state import State


def heed(state: State, code: str, reason: str) -> Iterator[Decision]:
    """Stop what the refusal says is of no use. The credentials are tried once more before they are believed bad."""
    if code == UNAUTHORIZED and state.unauthorised > 1:
        why = f"the venue refuses the API key: {reason}; give the bot new credentials"
        yield from trip(state, CREDENTIALS, "", measured=ONE, limit=ZERO, mode="halted", reason=why)
    elif code == PERMISSION_DENIED and may_write(state):
        why = f"the API key may read and not trade: {reason}"
        yield from trip(state, READ_ONLY_KEY, "", measured=ONE, limit=ZERO, mode="normal", reason=why)
        yield alert(state, "critical", "read-only key: the bot observes only", why)
    elif code == ENDPOINT_GONE:
        yield from halt(state, API_CHANGE, f"the venue no longer offers what was asked: {reason}")


def heed_permission(state: State, code: str, symbol: str, reason: str) -> Iterator[Decision]:
    """A future that the account may not trade is not tried again."""
    if code == FUTURES_NOT_PERMITTED and is_permitted(state, symbol):
        spot = state.settings.orders.spot_fallback.get(symbol)
        instead = f"entries go to {spot}" if spot else "the symbol is disabled"
        why = f"the account may not trade {symbol}: {reason}; {instead}"
        yield from trip(state, PERMISSION, symbol, measured=ONE, limit=ZERO, mode="normal", reason=why)
        yield alert(state, "critical", f"no permission for {symbol}", why)


def is_first_unauthorised(state: State, code: str) -> bool:
    """Whether the call is worth one more try with a fresh signature."""
    return code == UNAUTHORIZED and state.unauthorised == 1
