"""Guards on what the bot's key may do at the venue. They hold every order back, since none would be taken."""

from core.access import CREDENTIALS, PERMISSION, READ_ONLY_KEY
from core.guards.block import Block, Proposal
from core.money import ONE, ZERO
from core.state import State, trip_key


def _refused(guard: str, state: State, symbol: str = "") -> Block | None:
    trip = state.tripped.get(trip_key(guard, symbol)) if state.tripped else None
    return None if trip is None else Block(guard, ONE, ZERO, trip.reason)


def credentials(state: State, _order: Proposal) -> Block | None:
    """The venue refuses the credentials: nothing is asked of it until there are new ones."""
    return _refused(CREDENTIALS, state)


def read_only_key(state: State, _order: Proposal) -> Block | None:
    """The key may read and not trade: the bot observes only."""
    return _refused(READ_ONLY_KEY, state)


def permission(state: State, order: Proposal) -> Block | None:
    """The account may not trade this future."""
    return _refused(PERMISSION, state, order.market.symbol)
