"""What every event is: an observation (a fact from outside) or a decision (what the bot concluded).

The base class of an event says what it is and by which channel it comes. The unions of all events stand in
`perptape.core.events`.
"""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

Side = Literal["buy", "sell"]
OrderType = Literal["market", "limit", "stop_limit"]
TimeInForce = Literal["gtc", "gtd", "ioc", "fok"]
Liquidity = Literal["maker", "taker"]
Mode = Literal["normal", "reduce_only", "halted"]
Purpose = Literal["entry", "exit", "trailing_stop", "flatten", "external"]
VenueOrderStatus = Literal["pending", "open", "filled", "canceled", "expired", "rejected", "unknown"]
CallKind = Literal["submit", "cancel", "look_up", "report_account"]
"""What the bot asks of a venue."""
TradingStatus = Literal["open", "post_only", "cancel_only", "halted", "closed"]


class ObservationBase(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A fact from outside the bot. Folded first, then answered with decisions."""


class FeedMessage(ObservationBase, frozen=True, gc=False):
    """What a channel of the venue's feed says. `seq` counts its messages from 1; 0 did not come by the feed."""

    seq: int


class MarketMessage(FeedMessage, frozen=True, gc=False):
    """What the venue tells everybody."""


class PriceMessage(MarketMessage, frozen=True, gc=False):
    """A price of one symbol. The most frequent events: tallies pass over them, and nobody needs an old one again."""

    symbol: str


class ListingMessage(MarketMessage, frozen=True, gc=False):
    """How an instrument is, or whether it trades. A bot that was away has to hear it again."""


class PrivateMessage(FeedMessage, frozen=True, gc=False):
    """What the venue tells the owner of the account alone."""


class DecisionBase(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A conclusion of the bot. Its `cause` is the version of the observation that it answers."""


class EffectBase(DecisionBase, frozen=True, gc=False):
    """A decision that is carried out in the world once it is durable; its outcome is an observation."""


class ReportedFill(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One execution as the venue lists it. `fill_id` is the venue's own and names the fill for ever."""

    fill_id: str
    client_order_id: str
    """Empty for an order that this bot did not send."""
    venue_order_id: str
    symbol: str
    side: Side
    price: Decimal
    size: Decimal
    """Contracts, positive."""
    fee: Decimal
    """Quote currency; negative is a rebate."""
    liquidity: Liquidity
    venue_at_ns: int


class ReportedOrder(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One working order as the venue lists it."""

    client_order_id: str
    venue_order_id: str
    symbol: str
    side: Side
    order_type: OrderType
    size: Decimal
    filled_size: Decimal
    limit_price: Decimal | None
    reduce_only: bool


class ReportedPosition(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One open position as the venue lists it: signed contracts and the average entry price."""

    symbol: str
    size: Decimal
    entry_price: Decimal


class ReportedPayment(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Money that moved without a trade, as the venue lists it: funding or a transfer; positive came in."""

    kind: Literal["funding", "transfer"]
    payment_id: str
    symbol: str
    """Empty for a transfer."""
    amount: Decimal
    venue_at_ns: int
