"""Access to the venue: its words for what the bot's key may not do, and what the bot does not ask meanwhile.

The codes are the words adapters use; what a venue itself says is in the reason beside them.
"""

from typing import Final

from perptape.core.state import State, trip_key

UNAUTHORIZED = "UNAUTHORIZED"
"""The venue does not accept the credentials (401)."""
PERMISSION_DENIED = "PERMISSION_DENIED"
"""The key may read and not trade (403 on a write)."""
FUTURES_NOT_PERMITTED = "FUTURES_NOT_PERMITTED"
"""The account may not trade this future (403 on a futures order)."""
ENDPOINT_GONE = "ENDPOINT_GONE"
"""What was asked does not exist at the venue any more (404, 410)."""
INSUFFICIENT_FUND = "INSUFFICIENT_FUND"
"""What the venue's words for too little money begin with."""

CREDENTIALS: Final = "credentials"
READ_ONLY_KEY: Final = "read_only_key"
PERMISSION: Final = "permission"
API_CHANGE: Final = "api_change"


def is_locked_out(state: State) -> bool:
    """Whether the venue refuses the credentials, so that nothing private is asked until there are new ones."""
    return CREDENTIALS in state.tripped


def may_write(state: State) -> bool:
    """Whether the key may change anything at the venue, as far as is known."""
    return CREDENTIALS not in state.tripped and READ_ONLY_KEY not in state.tripped


def is_permitted(state: State, symbol: str) -> bool:
    """Whether the account may trade the symbol, as far as is known."""
    return trip_key(PERMISSION, symbol) not in state.tripped
