"""Orders reckoned anew: from the request to the end, as the tape tells of each."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from perptape.core.events import (
    CallThrottled,
    CancelRequested,
    DriftRepaired,
    ExternalOrderAdopted,
    OrderAbandoned,
    OrderAccepted,
    OrderCanceled,
    OrderExpired,
    OrderFilled,
    OrderLookedUp,
    OrderLookupRequested,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderRequested,
    OrderResubmitted,
    OrderSubmissionFailed,
    ReplyNotUnderstood,
    ReportedFill,
)
from perptape.core.events.reason import Reason
from perptape.core.money import ZERO
from perptape.core.order import TRANSITIONS, WORKING, OrderStatus

Fill = OrderFilled | ReportedFill
LIVE = ("open", "partly_filled")
"""What works at the venue, as far as is known."""


@dataclass
class Kept:
    """One order: what was asked for, and what is known of it."""

    asked: OrderRequested | ExternalOrderAdopted
    requested_at_ns: int
    sent_at_ns: int
    changed_at_ns: int
    status: OrderStatus = "requested"
    venue_order_id: str = ""
    fills: list[Fill] = field(default_factory=list)
    filled_before: Decimal = ZERO
    """What an order had filled already when it was adopted, or when the venue proved that it works on."""
    value_before: Decimal = ZERO
    fees_before: Decimal = ZERO
    attempts: int = 1
    lookups: int = 0
    cancels: int = 0
    """How often its end was asked for."""
    note: Reason | None = None

    @property
    def strategy(self) -> str:
        """Whose it is; empty for the bot's own and external ones."""
        return "" if isinstance(self.asked, ExternalOrderAdopted) else self.asked.strategy

    @property
    def purpose(self) -> str:
        """What it is for."""
        return "external" if isinstance(self.asked, ExternalOrderAdopted) else self.asked.purpose

    @property
    def cancel_requested(self) -> bool:
        """Whether it is to end."""
        return self.cancels > 0

    @property
    def time_in_force(self) -> str:
        """How long it works; a stranger's rests."""
        return "gtc" if isinstance(self.asked, ExternalOrderAdopted) else self.asked.time_in_force

    @property
    def value(self) -> Decimal:
        """Sum of price * size over what has filled."""
        return self.value_before + sum((fill.price * fill.size for fill in self.fills), ZERO)

    @property
    def fees(self) -> Decimal:
        """Fees of what has filled."""
        return self.fees_before + sum((fill.fee for fill in self.fills), ZERO)

    @property
    def filled(self) -> Decimal:
        """Contracts that have filled."""
        return self.filled_before + sum((fill.size for fill in self.fills), ZERO)

    @property
    def remaining(self) -> Decimal:
        """Contracts that may still fill."""
        return self.asked.size - self.filled if self.status in WORKING else ZERO

    def move(self, status: OrderStatus, at_ns: int) -> bool:
        """Take over a status that may follow the present one; says whether it was one."""
        if status not in TRANSITIONS[self.status]:
            return False
        self.status, self.changed_at_ns = status, at_ns
        return True


class Orders:
    """All orders of a tape that the bot still has to know."""

    def __init__(self) -> None:
        self.by_id: dict[str, Kept] = {}

    def of(self, client_order_id: str, venue_order_id: str = "") -> Kept | None:
        """The order of this id; of a stranger the one with the venue's."""
        return self.by_id.get(client_order_id or f"external:{venue_order_id}")

    def working(self, client_order_id: str) -> Kept | None:
        """The same, while it may still fill."""
        order = self.of(client_order_id)
        return order if order is not None and order.status in WORKING else None

    def forget(self, settled_before_ns: int) -> None:
        """What ended before this time has been settled with the venue."""
        self.by_id = {
            key: order
            for key, order in self.by_id.items()
            if order.status in WORKING or order.changed_at_ns >= settled_before_ns
        }

    def fill(self, fill: Fill, at_ns: int) -> Kept | None:
        """A fill that is new; gives its order."""
        order = self.of(fill.client_order_id, fill.venue_order_id)
        if order is not None:
            order.fills.append(fill)
            order.venue_order_id = fill.venue_order_id
            order.move("filled" if order.filled >= order.asked.size else "partly_filled", at_ns)
        return order

    def see(self, event: Any, at_ns: int) -> bool:
        """Take in what an event says of an order, besides its fills; says whether an order ended by it."""
        match event:
            case OrderRequested():
                self.by_id[event.client_order_id] = Kept(event, at_ns, at_ns, at_ns)
            case OrderResubmitted():
                order = self.working(event.client_order_id)
                if order is not None:
                    order.attempts, order.sent_at_ns = event.attempt, at_ns
                    order.move("requested", at_ns)
            case OrderLookupRequested():
                order = self.of(event.client_order_id)
                if order is not None:
                    order.lookups = event.attempt
                    order.move("unknown", at_ns)
            case CancelRequested():
                order = self.working(event.client_order_id)
                if order is not None:
                    order.cancels += 1
            case OrderAccepted():
                order = self.of(event.client_order_id)
                if order is not None:
                    order.venue_order_id = event.venue_order_id
                    if order.status != "rejected":
                        order.move("open", at_ns)
            case ExternalOrderAdopted():
                self._adopt(event, at_ns)
            case CallThrottled():
                self._throttle(event, at_ns)
            case _:
                return self._end(event, at_ns) or self._doubt(event, at_ns)
        return False

    def _end(self, event: Any, at_ns: int) -> bool:
        match event:
            case OrderAbandoned():
                return self._ended(self.of(event.client_order_id), "abandoned", event.reason, at_ns)
            case OrderCanceled():
                order = self.of(event.client_order_id, event.venue_order_id)
                return self._ended(order, "canceled", _said(event.reason), at_ns)
            case OrderExpired():
                return self._ended(self.of(event.client_order_id, event.venue_order_id), "expired", None, at_ns)
            case OrderRejected():
                return self._ended(self.of(event.client_order_id), "rejected", _refused(event), at_ns)
            case DriftRepaired(subject="order") if event.value:
                return self._resurface(self.of(event.key), event.value, at_ns)
            case DriftRepaired(subject="order"):
                return self._ended(self.of(event.key), "rejected", Reason("unknown_to_venue"), at_ns)
            case _:
                return False

    @staticmethod
    def _resurface(order: Kept | None, left: Decimal, at_ns: int) -> bool:
        if order is not None:
            filled, value, fees = order.filled, order.value, order.fees
            order.fills, order.filled_before = [], order.asked.size - left
            order.value_before = value * order.filled_before / filled if filled else ZERO
            order.fees_before = fees
            order.status, order.changed_at_ns = "partly_filled" if order.filled else "open", at_ns
            order.note = Reason("working_at_venue")
        return False

    @staticmethod
    def _ended(order: Kept | None, status: OrderStatus, note: Reason | None, at_ns: int) -> bool:
        if order is None or not order.move(status, at_ns):
            return False
        order.note = note
        return True

    def _doubt(self, event: Any, at_ns: int) -> bool:
        match event:
            case OrderSubmissionFailed():
                self._noted(event.client_order_id, _refused(event), "waiting", at_ns)
            case OrderOutcomeUnknown():
                self._noted(event.client_order_id, _said(event.reason), "unknown", at_ns)
            case ReplyNotUnderstood(call="submit"):
                self._noted(event.key, _unreadable(event), "unknown", at_ns)
            case OrderLookedUp(found=True):
                order = self.of(event.client_order_id)
                if order is not None:
                    order.venue_order_id, order.lookups = event.venue_order_id, 0
            case _:
                pass
        return False

    def _noted(self, client_order_id: str, note: Reason, status: OrderStatus, at_ns: int) -> None:
        order = self.working(client_order_id)
        if order is not None:
            order.note = note
            order.move(status, at_ns)

    def looked_up(self, event: OrderLookedUp, at_ns: int) -> bool:
        """What a lookup says of an order whose fills have been taken from it; says whether it ended by it."""
        order = self.of(event.client_order_id)
        if order is None or not event.found:
            return False
        if event.status in ("open", "pending"):
            if not order.filled:
                order.move("open", at_ns)
        elif event.status in ("canceled", "expired", "rejected"):
            return self._ended(order, event.status, _said(event.reason), at_ns)
        return False

    def _adopt(self, event: ExternalOrderAdopted, at_ns: int) -> None:
        known = self.of(event.client_order_id)
        status: OrderStatus = "partly_filled" if event.filled_size else "open"
        if known is not None:
            known.venue_order_id = event.venue_order_id
            known.move(status, at_ns)
            return
        self.by_id[event.client_order_id] = Kept(
            event, at_ns, at_ns, at_ns, status, event.venue_order_id, filled_before=event.filled_size
        )

    def _throttle(self, event: CallThrottled, at_ns: int) -> None:
        """A call that the bot's own budget held back was not made."""
        order = self.of(event.key)
        if order is None:
            return
        if event.call == "submit":
            order.attempts -= 1
            order.note = Reason("throttled")
            order.move("waiting", at_ns)
        elif event.call == "look_up":
            order.lookups -= 1


def _said(text: str) -> Reason:
    return Reason("venue_says", text=text)


def _refused(event: OrderRejected | OrderSubmissionFailed) -> Reason:
    return Reason("venue_code", names={"code": event.code}, text=event.reason)


def _unreadable(event: ReplyNotUnderstood) -> Reason:
    names = {"call": event.call, "key": event.key, "field": event.field}
    return Reason("unreadable_reply", names={name: value for name, value in names.items() if value}, text=event.problem)
