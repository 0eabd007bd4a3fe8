"""What a guard is given and what it answers."""

from collections.abc import Callable
from decimal import Decimal
from functools import cache

from msgspec import Struct

from core.events.base import OrderType, Purpose, Side
from core.instruments import Instrument
from core.market import Market
from core.money import ZERO
from core.state import State


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


class Verdict(Struct, frozen=True, gc=False):
    """A guard's answer: what it measured, against which limit, and the reason when it blocks."""

    guard: str
    allowed: bool
    measured: Decimal
    limit: Decimal
    reason: str


Guard = Callable[[State, Proposal], Verdict]


@cache
def passed(guard: str) -> Verdict:
    """The guard lets the order through without measuring: one and the same verdict each time."""
    return Verdict(guard, True, ZERO, ZERO, "")


def within(guard: str, measured: Decimal, limit: Decimal | None, what: str) -> Verdict:
    """Allowed while `measured` does not exceed `limit`; no limit allows everything."""
    if limit is None or measured <= limit:
        return Verdict(guard, True, measured, limit or ZERO, "")
    return Verdict(guard, False, measured, limit, f"{what} {measured:f} exceeds {limit:f}")


def at_least(guard: str, measured: Decimal, limit: Decimal | None, what: str) -> Verdict:
    """Allowed while `measured` is not below `limit`; no limit allows everything."""
    if limit is None or measured >= limit:
        return Verdict(guard, True, measured, limit or ZERO, "")
    return Verdict(guard, False, measured, limit, f"{what} {measured:f} is below {limit:f}")
