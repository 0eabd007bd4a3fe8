"""Guards on what the bot's key may do at the venue. They hold every order back, since none would be taken."""

from perptape.core.access import CREDENTIALS, PERMISSION, READ_ONLY_KEY
from perptape.core.guards.block import Block, Proposal, tripped
from perptape.core.state import State


def credentials(state: State, _order: Proposal) -> Block | None:
    """The venue refuses the credentials: nothing is asked of it until there are new ones."""
    return tripped(CREDENTIALS, state)


def read_only_key(state: State, _order: Proposal) -> Block | None:
    """The key may read and not trade: the bot observes only."""
    return tripped(READ_ONLY_KEY, state)


def permission(state: State, order: Proposal) -> Block | None:
    """The account may not trade this future."""
    return tripped(PERMISSION, state, order.market.symbol)
