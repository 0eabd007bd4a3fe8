"""What can be asked of the exchange: the bot's calls, and what a script or a person does at the venue.

Each becomes a row of the journal, so that a restarted exchange does it again at the same place.
"""

from decimal import Decimal
from typing import get_args

from msgspec import Struct

from perptape.core.edge.simulation.exchange.fault_rule import FaultRule
from perptape.core.events import (
    CancelRequested,
    OrderLookupRequested,
    OrderRequested,
    ReconciliationRequested,
    TradingStatus,
)
from perptape.core.instruments import Instrument


class Submit(Struct, frozen=True, tag="submit"):
    """The bot sends an order."""

    order: OrderRequested
    fault: FaultRule | None


class Cancel(Struct, frozen=True, tag="cancel"):
    """The bot asks for a cancel."""

    request: CancelRequested
    fault: FaultRule | None


class LookUp(Struct, frozen=True, tag="look_up"):
    """The bot asks about an order."""

    request: OrderLookupRequested
    fault: FaultRule | None


class ReportAccount(Struct, frozen=True, tag="report_account"):
    """The bot asks about its account."""

    request: ReconciliationRequested
    fault: FaultRule | None


class ExternalOrder(Struct, frozen=True, tag="external_order"):
    """A person sends an order to the bot's account by other means; its client order id is empty."""

    order: OrderRequested


class ForcedCancel(Struct, frozen=True, tag="forced_cancel"):
    """The venue cancels a working order of its own accord."""

    order_id: str
    reason: str


class Transfer(Struct, frozen=True, tag="transfer"):
    """Money comes in (positive) or goes out (negative)."""

    amount: Decimal


class StatusChange(Struct, frozen=True, tag="status_change"):
    """The venue opens, closes, halts or restricts trading in a symbol."""

    symbol: str
    status: TradingStatus
    reason: str


class Relisting(Struct, frozen=True, tag="relisting"):
    """The venue describes an instrument anew."""

    instrument: Instrument


class Utterance(Struct, frozen=True, tag="utterance"):
    """The venue says something on its feed that it has not done."""

    message_type: str
    message: bytes
    """The message as JSON."""


Request = (
    Submit
    | Cancel
    | LookUp
    | ReportAccount
    | ExternalOrder
    | ForcedCancel
    | Transfer
    | StatusChange
    | Relisting
    | Utterance
)
"""Everything that can be asked; the tag is the row's kind in the journal."""


BotCall = Submit | Cancel | LookUp | ReportAccount
"""What the bot calls; each can go wrong."""

_KINDS: dict[type, str] = {request: str(request.__struct_config__.tag) for request in get_args(Request)}
REQUEST_KINDS: frozenset[str] = frozenset(_KINDS.values())


def kind_of(request: Request) -> str:
    """The tag of a request."""
    return _KINDS[type(request)]


def client_order_id(request: Request) -> str:
    """Whose order a request is about; empty when it is about none."""
    match request:
        case Submit(order=order) | ExternalOrder(order=order):
            return order.client_order_id
        case Cancel(request=asked) | LookUp(request=asked):
            return asked.client_order_id
        case ForcedCancel(order_id=order_id):
            return order_id
        case _:
            return ""
