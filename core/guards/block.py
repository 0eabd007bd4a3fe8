"""What a guard is given, and what it answers when it objects."""

from collections.abc import Callable
from decimal import Decimal

from msgspec import Struct

from perptape.core.events.base import OrderType, Purpose, Side
from perptape.core.events.causes import GuardName
from perptape.core.events.reason import Reason
from perptape.core.instruments import Instrument
from perptape.core.market import Market
from perptape.core.money import ONE, ZERO
from perptape.core.state import State, trip_key


class Proposal(Struct, frozen=True, gc=False):
    """An order that the bot would like to send. Size in contracts, positive; price in quote currency."""

    strategy: str
    purpose: Purpose
    market: Market
    instrument: Instrument
    side: Side
    order_type: OrderType
    post_only: bool
    size: Decimal
    price: Decimal
    """Where it would execute: its limit, or the opposite touch."""
    reference_price: Decimal
    """What the decision was made on."""
    value: Decimal
    """Notional of the order in quote currency: size * contract size * price."""
    coins: Decimal
    """Signed coins held once this order and every working order of its side have filled."""
    exposure: Decimal
    """Notional of these coins in quote currency."""
    reducing: bool
    """Whether it can only make the account's position in the symbol smaller."""


class Block(Struct, frozen=True, gc=False):
    """A guard's objection: what it measured, against which limit, and why."""

    guard: GuardName
    measured: Decimal
    limit: Decimal
    reason: Reason


_ABOVE = Reason("above_limit")
_BELOW = Reason("below_limit")

Guard = Callable[[State, Proposal], Block | None]
"""None allows the order."""


def tripped(guard: GuardName, state: State, symbol: str = "") -> Block | None:
    """The objection of a guard that has tripped, here or everywhere."""
    trip = state.tripped.get(trip_key(guard, symbol))
    return None if trip is None else Block(guard, ONE, ZERO, trip.reason)


def exceeds(guard: GuardName, measured: Decimal, limit: Decimal) -> Block:
    """The objection to more than a limit."""
    return Block(guard, measured, limit, _ABOVE)


def falls_below(guard: GuardName, measured: Decimal, limit: Decimal) -> Block:
    """The objection to less than a limit."""
    return Block(guard, measured, limit, _BELOW)
