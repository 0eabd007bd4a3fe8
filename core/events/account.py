"""Account observations: money, positions and margin as the venue sees them. Amounts in quote currency."""

from decimal import Decimal

from perptape.core.events.base import (
    ObservationBase,
    PrivateMessage,
    ReportedFill,
    ReportedOrder,
    ReportedPayment,
    ReportedPosition,
    Side,
)


class AccountReported(ObservationBase, frozen=True, gc=False):
    """The venue's whole answer to a reconciliation request: money, positions, working orders and recent fills.

    `fills` and `payments` hold everything since the time the request named, so that what is still under way by the
    feed is known here too; each is applied once, by its id.
    """

    request_id: str
    cash: Decimal
    """Deposits, realised PnL, fees and funding; unrealised PnL is not in it."""
    available: Decimal
    hold: Decimal
    positions: tuple[ReportedPosition, ...]
    orders: tuple[ReportedOrder, ...]
    fills: tuple[ReportedFill, ...]
    payments: tuple[ReportedPayment, ...]
    venue_at_ns: int


class AccountQueryFailed(ObservationBase, frozen=True, gc=False):
    """The venue did not answer a reconciliation request. `code` is its word, verbatim. Emitted by the broker."""

    request_id: str
    code: str
    reason: str


class BalanceReported(PrivateMessage, frozen=True, gc=False):
    """The venue pushed a balance. Evidence for reconciliation and the balance guard; never applied by itself."""

    cash: Decimal
    available: Decimal
    hold: Decimal


class PositionReported(PrivateMessage, frozen=True, gc=False):
    """The venue pushed a position: signed contracts. Evidence only; a difference asks for a reconciliation."""

    symbol: str
    size: Decimal
    entry_price: Decimal


class MarginReported(PrivateMessage, frozen=True, gc=False):
    """The venue pushed its margin figures."""

    initial_margin: Decimal
    maintenance_margin: Decimal
    equity: Decimal


class TransferRecorded(PrivateMessage, frozen=True, gc=False):
    """Money came in (positive) or went out (negative). It shifts the loss baselines by the same amount."""

    transfer_id: str
    amount: Decimal
    venue_at_ns: int


class FundingPaid(PrivateMessage, frozen=True, gc=False):
    """Funding was settled: positive came in, negative went out. A cash event, never a fill."""

    payment_id: str
    symbol: str
    amount: Decimal
    rate: Decimal
    position_size: Decimal
    venue_at_ns: int


class PositionLiquidated(PrivateMessage, frozen=True, gc=False):
    """The venue closed (part of) a position by force. The fills of it arrive as OrderFilled of an external order."""

    symbol: str
    side: Side
    size: Decimal
    price: Decimal
    fee: Decimal
