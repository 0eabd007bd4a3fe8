"""What a story is told in: orders with their chains, blocked orders, moments, bands of time, sessions, figures.

Times are ns since the epoch UTC, sizes contracts, amounts quote currency. A version names an event of the recording.
"""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from perptape.core.events import Mode, OrderType, Purpose, Side
from perptape.core.money import ZERO

Tone = Literal["plain", "good", "warning", "critical"]


class Step(Struct, frozen=True, gc=False):
    """One link of a chain: an event, and what of it matters here."""

    version: int
    at_ns: int
    event: str
    """The event's type."""
    text: str


class FillSummary(Struct, frozen=True, gc=False):
    """One execution."""

    version: int
    at_ns: int
    price: Decimal
    size: Decimal
    fee: Decimal


class OrderSummary(Struct, gc=False):
    """One order from the quote behind it to its last fill."""

    client_order_id: str
    symbol: str
    side: Side
    order_type: OrderType
    size: Decimal
    limit_price: Decimal | None
    reference_price: Decimal
    purpose: Purpose
    strategy: str
    version: int
    at_ns: int
    ended_ns: int | None = None
    """None while it works."""
    status: str = "requested"
    fills: list[FillSummary] = []
    realised: Decimal = ZERO
    steps: list[Step] = []


class Block(Struct, frozen=True, gc=False):
    """An order that a guard refused."""

    version: int
    at_ns: int
    symbol: str
    side: Side
    size: Decimal
    price: Decimal
    guard: str
    measured: Decimal
    limit: Decimal
    reason: str
    strategy: str
    steps: tuple[Step, ...]


class Moment(Struct, frozen=True, gc=False):
    """Something a person would mention."""

    version: int
    at_ns: int
    kind: Literal["session", "mode", "guard", "alert", "operator", "connection", "account", "transfer", "order"]
    tone: Tone
    title: str
    text: str


class ModeBand(Struct, frozen=True, gc=False):
    """A stretch of time in one mode."""

    start_ns: int
    end_ns: int
    mode: Mode
    version: int
    cause: str
    reason: str


class TripBand(Struct, frozen=True, gc=False):
    """A stretch of time in which a guard was tripped."""

    start_ns: int
    end_ns: int
    guard: str
    symbol: str
    version: int
    reason: str


class SessionSummary(Struct, gc=False):
    """One run of the bot's process."""

    number: int
    venue: str
    started_version: int
    started_ns: int
    ended_version: int = 0
    ended_ns: int = 0
    """Its last event, whatever ended it."""
    end: Literal["stopped", "killed", "open"] = "open"
    reason: str = ""
    recovery: bool = False
    """Whether it took up after a session that was killed."""
    reconciled_version: int | None = None
    reconciled_ns: int | None = None
    """When state and venue first agreed in it."""


class Figures(Struct, frozen=True):
    """What came out of it. profit = change of (realised - fees + funding + unrealised)."""

    profit: Decimal = ZERO
    realised: Decimal = ZERO
    unrealised: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    transfers: Decimal = ZERO
    adjustments: Decimal = ZERO
    start_equity: Decimal | None = None
    """At the first agreement with the venue; None before."""
    end_equity: Decimal = ZERO
    worst_drop: Decimal = ZERO
    """Largest fall of equity below its peak."""
    worst_drawdown: Decimal = ZERO
    """The same as a fraction of the peak it fell from."""
    leverage_max: Decimal = ZERO


class Counts(Struct):
    """How often things happened, all of them, also where the story keeps only a part."""

    events: int = 0
    observations: int = 0
    decisions: int = 0
    prices: int = 0
    signals: int = 0
    orders: int = 0
    """Orders the bot requested."""
    fills: int = 0
    blocked: int = 0
    trips: int = 0
    alerts: int = 0
    external_orders: int = 0
    moments: int = 0
