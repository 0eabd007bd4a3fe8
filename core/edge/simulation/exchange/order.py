"""An order as the exchange keeps it."""

from decimal import Decimal

from perptape.core.events import OrderAccepted, OrderRequested, ReportedFill, VenueOrderStatus
from perptape.core.money import ZERO


class VenueOrder:
    """One accepted order, working or ended. Sizes in contracts."""

    __slots__ = (
        "accepted_at_ns",
        "filled",
        "fills",
        "margin_per_contract",
        "reason",
        "request",
        "status",
        "triggered",
        "venue_order_id",
    )

    def __init__(self, request: OrderRequested, venue_order_id: str, at_ns: int, margin_per_contract: Decimal) -> None:
        self.request = request
        self.venue_order_id = venue_order_id
        self.accepted_at_ns = at_ns
        self.margin_per_contract = margin_per_contract
        """Initial margin that each remaining contract holds back, quote currency."""
        self.filled = ZERO
        self.fills: list[ReportedFill] = []
        self.status: VenueOrderStatus = "open"
        self.reason = ""
        self.triggered = request.order_type != "stop_limit"

    @property
    def remaining(self) -> Decimal:
        """Contracts that may still fill."""
        return self.request.size - self.filled if self.status == "open" else ZERO

    def acceptance(self, seq: int) -> OrderAccepted:
        """The echo of this order, the same however often it is asked for."""
        request = self.request
        return OrderAccepted(
            seq=seq,
            client_order_id=request.client_order_id,
            venue_order_id=self.venue_order_id,
            symbol=request.symbol,
            side=request.side,
            order_type=request.order_type,
            size=request.size,
            limit_price=request.limit_price,
            venue_at_ns=self.accepted_at_ns,
        )
