"""Order reports: what became of an order or of a request about one. `seq` is 0 when it answers a call directly."""

from decimal import Decimal

from perptape.core.events.base import (
    Liquidity,
    ObservationBase,
    OrderType,
    PrivateMessage,
    ReportedFill,
    Side,
    VenueOrderStatus,
)


class OrderAccepted(PrivateMessage, frozen=True, gc=False):
    """The venue took the order. Side, size and price are its echo; a difference from the request halts the bot."""

    client_order_id: str
    venue_order_id: str
    symbol: str
    side: Side
    order_type: OrderType
    size: Decimal
    limit_price: Decimal | None
    venue_at_ns: int


class OrderFilled(PrivateMessage, frozen=True, gc=False):
    """One execution. Applied once by `fill_id`, before or after the acceptance, to a known order or an external one."""

    fill_id: str
    client_order_id: str
    venue_order_id: str
    symbol: str
    side: Side
    price: Decimal
    size: Decimal
    fee: Decimal
    liquidity: Liquidity
    venue_at_ns: int


class OrderCanceled(PrivateMessage, frozen=True, gc=False):
    """The order will fill no further: canceled on request, by time in force (ioc), or by the venue for `reason`."""

    client_order_id: str
    venue_order_id: str
    filled_size: Decimal
    reason: str


class OrderExpired(PrivateMessage, frozen=True, gc=False):
    """A good-till-date order reached its date."""

    client_order_id: str
    venue_order_id: str
    filled_size: Decimal


class OrderRejected(PrivateMessage, frozen=True, gc=False):
    """The venue refused the order, at once or after accepting it. `code` is the venue's word, kept verbatim."""

    client_order_id: str
    code: str
    reason: str


class OrderSubmissionFailed(ObservationBase, frozen=True, gc=False):
    """The request surely did not reach the book (rate limit, connection refused). Emitted by the broker."""

    client_order_id: str
    code: str
    reason: str
    retryable: bool
    retry_after_ns: int | None


class OrderOutcomeUnknown(ObservationBase, frozen=True, gc=False):
    """The request may or may not have been acted upon (time-out, connection lost). Emitted by the broker."""

    client_order_id: str
    reason: str


class OrderLookedUp(ObservationBase, frozen=True, gc=False):
    """The venue's answer to a lookup by client order id. When `found` is false the other fields are empty."""

    client_order_id: str
    found: bool
    status: VenueOrderStatus
    venue_order_id: str
    symbol: str
    side: Side
    size: Decimal
    filled_size: Decimal
    fills: tuple[ReportedFill, ...]
    reason: str


class OrderLookupFailed(ObservationBase, frozen=True, gc=False):
    """A lookup was not answered. `code` is the venue's word, verbatim. Emitted by the broker."""

    client_order_id: str
    code: str
    reason: str


class CancelAccepted(ObservationBase, frozen=True, gc=False):
    """The venue took the cancel request; the order is gone only when OrderCanceled says so."""

    client_order_id: str


class CancelRejected(ObservationBase, frozen=True, gc=False):
    """The cancel was refused, for example because the order is already filled or unknown."""

    client_order_id: str
    code: str
    reason: str


class CancelOutcomeUnknown(ObservationBase, frozen=True, gc=False):
    """The cancel may or may not have been acted upon. Emitted by the broker."""

    client_order_id: str
    reason: str
