"""An order: from the durable request to its end, as a state machine with explicit legal transitions."""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from perptape.core.events.base import OrderType, Purpose, Side, TimeInForce
from perptape.core.events.reason import Reason
from perptape.core.money import ZERO, amount

OrderStatus = Literal[
    "requested",
    "waiting",
    "unknown",
    "open",
    "partly_filled",
    "filled",
    "canceled",
    "expired",
    "rejected",
    "abandoned",
]

TRANSITIONS: dict[OrderStatus, frozenset[OrderStatus]] = {
    "requested": frozenset(
        ("waiting", "unknown", "open", "partly_filled", "filled", "canceled", "expired", "rejected", "abandoned")
    ),
    "waiting": frozenset(
        ("requested", "unknown", "open", "partly_filled", "filled", "canceled", "expired", "rejected", "abandoned")
    ),
    "unknown": frozenset(
        ("requested", "waiting", "open", "partly_filled", "filled", "canceled", "expired", "rejected", "abandoned")
    ),
    "open": frozenset(("partly_filled", "filled", "canceled", "expired", "rejected")),
    "partly_filled": frozenset(("filled", "canceled", "expired", "rejected")),
    "canceled": frozenset(("filled",)),
    "expired": frozenset(("filled",)),
    "filled": frozenset(),
    "rejected": frozenset(("open", "partly_filled", "filled")),
    "abandoned": frozenset(("open", "partly_filled", "filled", "canceled", "expired", "rejected")),
}
"""From each status, the statuses a report may lead to. What the venue proves late wins over what the bot concluded
early: a fill that surfaces after a cancel completes it, and an abandoned order that surfaces is adopted."""

WORKING: frozenset[OrderStatus] = frozenset(("requested", "waiting", "unknown", "open", "partly_filled"))


class Order(Struct, gc=False, forbid_unknown_fields=True):
    """One order of the bot, or an external one that it adopted. Sizes in contracts, prices in quote currency."""

    client_order_id: str
    intent: int
    """Ordinal of the intent; 0 for an external order."""
    strategy: str
    symbol: str
    side: Side
    order_type: OrderType
    size: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    time_in_force: TimeInForce
    expires_at_ns: int | None
    post_only: bool
    reduce_only: bool
    purpose: Purpose
    reference_price: Decimal
    requested_at_ns: int
    sent_at_ns: int = 0
    """When it was last handed to the venue; a lookup's "not found" counts from here plus the settle time."""
    status: OrderStatus = "requested"
    venue_order_id: str = ""
    filled_size: Decimal = ZERO
    filled_value: Decimal = ZERO
    """Sum of price * size over the fills; the average price is this over `filled_size`."""
    fees: Decimal = ZERO
    attempts: int = 1
    lookups: int = 0
    cancels: int = 0
    """How often the bot has asked for its end; asked again until it has ended, and never sent again."""
    changed_at_ns: int = 0
    note: Reason | None = None
    """Why it was refused, canceled, given up or has to wait; None while there is nothing to say."""

    @property
    def cancel_requested(self) -> bool:
        """Whether the bot wants it gone."""
        return self.cancels > 0


def advance(order: Order, status: OrderStatus, at_ns: int) -> bool:
    """Move to `status` when that is legal, and say whether it was. An illegal report leaves the order as it is."""
    if status not in TRANSITIONS[order.status]:
        return False
    order.status = status
    order.changed_at_ns = at_ns
    return True


def reopen(order: Order, left: Decimal, at_ns: int) -> None:
    """Let an order that has ended work again with `left` contracts to fill, as the venue's list proves.

    Fills that go with it go at their average price.
    """
    filled = order.size - left
    if order.filled_size:
        order.filled_value = amount(order.filled_value * filled / order.filled_size)
    order.filled_size = filled
    order.status = "partly_filled" if filled else "open"
    order.changed_at_ns = at_ns


def is_working(order: Order) -> bool:
    """Whether the order may still fill."""
    return order.status in WORKING


def is_taker(order: Order) -> bool:
    """Whether the order takes what is there and never rests."""
    return order.time_in_force in ("ioc", "fok")


def remaining(order: Order) -> Decimal:
    """Contracts that may still fill; zero once the order has ended."""
    return order.size - order.filled_size if order.status in WORKING else ZERO


def signed(side: Side, size: Decimal) -> Decimal:
    """`size` contracts as a change of position: positive for a buy."""
    return size if side == "buy" else -size


def average_price(order: Order) -> Decimal | None:
    """Size-weighted mean price of the fills; None before the first."""
    return order.filled_value / order.filled_size if order.filled_size else None
