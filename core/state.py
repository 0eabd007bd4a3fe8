"""The state: everything the bot knows, as plain data. It is a fold over the events and nothing else."""

from dataclasses import dataclass, field
from typing import Literal

from msgspec import Struct

from perptape.core.account import Account
from perptape.core.events.base import Mode
from perptape.core.events.causes import Cause, GuardName
from perptape.core.events.decisions import AlertRaised
from perptape.core.events.reason import Reason
from perptape.core.market import Market
from perptape.core.order import Order
from perptape.core.position import Position, Result
from perptape.core.settings import TradingSettings


class Trip(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A guard that has tripped and not cleared."""

    guard: GuardName
    symbol: str
    mode: Mode
    at_ns: int
    day_end_ns: int
    """End of the UTC day in which it tripped."""
    reason: Reason


class Halt(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A halt that only a resume naming it ends."""

    halt_id: int
    cause: Cause
    reason: Reason


class Outage(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """The last time that a channel was lost."""

    lost_at_ns: int
    attempts: int
    """How often it was tried to connect it again."""
    restored_version: int
    """Version of the event that ended it; 0 while it lasts."""


@dataclass(slots=True)
class Reconciliation:
    """Where the comparison with the venue stands."""

    pending: str = ""
    """The request that waits for an answer; empty when none does."""
    requested_at_ns: int = 0
    """When the last one was asked for: what ended `settle_ns` before that or earlier, the answer has to know of."""
    ordinal: int = 0
    required: bool = True
    """No entry or exit leaves before the venue has been compared with the state."""
    completed_at_ns: int = 0
    settled_before_ns: int = 0
    """Fills older than this are all in the state."""


@dataclass(slots=True)
class State:
    """The whole state. Everything in it is encoded in snapshots and counted in the state digest."""

    version: int = 0
    at_ns: int = 0
    nonce: str = ""
    venue: str = ""
    settle_ns: int = 0
    idempotent_client_ids: bool = False
    session: int = 0
    running: bool = False
    feed_seq: int = 0
    """The last message of the venue's feed that is in the state."""
    mode: Mode = "normal"
    halts: dict[Cause, Halt] = field(default_factory=dict)
    """By cause: `operator`, or the guard that halted."""
    halt_ordinal: int = 0
    restricted: dict[Cause, Reason] = field(default_factory=dict)
    """Why only reducing orders are allowed, by cause (`pause`, `operator`, or a guard)."""
    settings: TradingSettings = field(default_factory=TradingSettings)
    account: Account = field(default_factory=Account)
    markets: dict[str, Market] = field(default_factory=dict)
    positions: dict[str, Position] = field(default_factory=dict)
    results: dict[str, Result] = field(default_factory=dict)
    """By symbol, closed positions included."""
    orders: dict[str, Order] = field(default_factory=dict)
    """Working orders by client order id."""
    closed_orders: dict[str, Order] = field(default_factory=dict)
    """Ended orders that a late report may still concern; pruned once reconciled."""
    seen_fills: dict[str, int] = field(default_factory=dict)
    """Fill ids and their venue times above the reconciled watermark."""
    external_fill_version: int = 0
    """Version of the last event that brought a new fill of no known order; 0 before the first."""
    seen_payments: dict[str, int] = field(default_factory=dict)
    """Funding and transfer ids and their venue times above the reconciled watermark."""
    intents: int = 0
    timers: dict[str, int] = field(default_factory=dict)
    """Due time by timer id; perptape.core.waiting adds those that follow from the last price."""
    cycled_at_ns: int = 0
    """When the last cycle was."""
    tripped: dict[str, Trip] = field(default_factory=dict)
    """By guard, or guard:symbol."""
    request_times: list[int] = field(default_factory=list)
    """Order requests of the last minute."""
    error_times: list[int] = field(default_factory=list)
    lost_channels: list[Literal["market", "private", "rest"]] = field(default_factory=list)
    outages: dict[str, Outage] = field(default_factory=dict)
    """The last outage of each channel that was ever lost; over unless the channel is among the lost ones."""
    unauthorised: int = 0
    """Private calls in a row that the venue refused for the credentials."""
    unreadable_replies: int = 0
    """Replies in a row that could not be read."""
    reconciliation: Reconciliation = field(default_factory=Reconciliation)
    alerts: dict[str, AlertRaised] = field(default_factory=dict)
    """Alerts whose delivery is not known yet."""
    alert_ordinal: int = 0
    task_crashes: dict[str, list[int]] = field(default_factory=dict)
    """By background task: when it crashed in the last ten minutes, the newest few."""
    commands_seen: dict[str, int] = field(default_factory=dict)
    """The last operator commands by id, with the version of the event that brought each first."""
    inbox_version: int = 0
    """The last command of the inbox that is in the state."""


def working_orders(state: State, symbol: str) -> list[Order]:
    """The symbol's working orders, oldest first."""
    return [order for order in state.orders.values() if order.symbol == symbol]


def trip_key(guard: GuardName, symbol: str) -> str:
    """The name under which a trip is kept: the guard, with its symbol when it has one."""
    return f"{guard}:{symbol}" if symbol else guard
