"""Decisions: signals, orders, waits, protection, reconciliation and alerts. All are emitted by `decide`."""

from decimal import Decimal
from typing import Literal

from msgspec import Struct

from perptape.core.events.base import DecisionBase, EffectBase, Mode, OrderType, Purpose, Side, TimeInForce
from perptape.core.events.causes import Cause, GuardName
from perptape.core.events.reason import AlertTopic, Reason

Action = Literal["buy", "sell", "close"]
Severity = Literal["info", "warning", "critical"]
DriftSubject = Literal["cash", "position", "order"]


class SignalGenerated(DecisionBase, frozen=True, gc=False):
    """A strategy wants to be long, short or flat. Confidence between 0 and 1; `price` is what it looked at."""

    strategy: str
    symbol: str
    action: Action
    confidence: Decimal
    price: Decimal
    reason: str
    """The strategy's own words: shown, and not compared by replays."""


class LosingSignal(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A signal that aggregation did not follow, and why."""

    strategy: str
    action: Action
    why: Reason


class SignalsAggregated(DecisionBase, frozen=True, gc=False):
    """Several signals for one symbol became one outcome; `action` is None when they cancel out."""

    symbol: str
    method: str
    action: Action | None
    confidence: Decimal
    winners: tuple[str, ...]
    losers: tuple[LosingSignal, ...]


class OrderRequested(EffectBase, frozen=True, gc=False):
    """An order is to be sent, once, under this client order id. An effect: it leaves after it is durable."""

    intent: int
    """The ordinal of the intent in the stream, from 1."""
    client_order_id: str
    strategy: str
    """Whose sleeve the fills belong to; empty for orders of the bot as a whole."""
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
    """The price the decision was made on; slippage is measured from it."""
    replaces: str
    """Client order id of the canceled order that this one replaces; empty otherwise."""


class OrderResubmitted(EffectBase, frozen=True, gc=False):
    """The same order is to be sent again under the same client order id. An effect."""

    client_order_id: str
    attempt: int
    reason: Reason


class OrderAbandoned(DecisionBase, frozen=True, gc=False):
    """The order surely never reached the venue and will not be sent again."""

    client_order_id: str
    reason: Reason


class OrderBlocked(DecisionBase, frozen=True, gc=False):
    """A guard refused an order before it was requested: which guard, what it measured, and its limit."""

    strategy: str
    symbol: str
    side: Side
    size: Decimal
    price: Decimal
    guard: GuardName
    measured: Decimal
    limit: Decimal
    reason: Reason


class CancelRequested(EffectBase, frozen=True, gc=False):
    """A working order is to be canceled. An effect."""

    client_order_id: str
    reason: Reason


class OrderLookupRequested(EffectBase, frozen=True, gc=False):
    """The venue is to be asked what became of an order. An effect."""

    client_order_id: str
    attempt: int


class TimerSet(DecisionBase, frozen=True, gc=False):
    """The bot wants to be woken at `due_at_ns`. Setting a timer again moves it."""

    timer_id: str
    """Made by `perptape.core.timer_id`."""
    due_at_ns: int
    reason: Reason


class TimerCanceled(DecisionBase, frozen=True, gc=False):
    """A timer is no longer wanted."""

    timer_id: str


class GuardTripped(DecisionBase, frozen=True, gc=False):
    """A guard's limit was passed. `mode` is what it imposes on the bot; a guard of one symbol leaves it normal."""

    guard: GuardName
    symbol: str
    measured: Decimal
    limit: Decimal
    mode: Mode
    reason: Reason


class GuardCleared(DecisionBase, frozen=True, gc=False):
    """A tripped guard is satisfied again."""

    guard: GuardName
    symbol: str
    reason: Reason


class ModeChanged(DecisionBase, frozen=True, gc=False):
    """What the bot may do changed. `halt_id` numbers halts, so that a resume can name the one it answers.

    `cause` is the guard, `operator`, `venue` or another source that asked for it; empty when it lapsed.
    """

    previous: Mode
    mode: Mode
    cause: Cause
    halt_id: int
    reason: Reason


class CommandApplied(DecisionBase, frozen=True, gc=False):
    """An operator's command took effect."""

    command_id: str
    command: str
    actor: str
    reason: str
    """The operator's own words."""


class CommandRefused(DecisionBase, frozen=True, gc=False):
    """An operator's command had no effect, and why."""

    command_id: str
    command: str
    actor: str
    why: Reason


class ReconciliationRequested(EffectBase, frozen=True, gc=False):
    """The venue is to be asked for account, positions, working orders and fills since `fills_since_ns`. An effect."""

    request_id: str
    fills_since_ns: int
    reason: Reason


class DriftDetected(DecisionBase, frozen=True, gc=False):
    """The venue and the state differ: both sides and the evidence."""

    subject: DriftSubject
    key: str
    """Symbol, client order id, or the currency of cash."""
    ours: Decimal
    theirs: Decimal
    evidence: Reason


class DriftRepaired(DecisionBase, frozen=True, gc=False):
    """The state takes the venue's value: contracts held, cash, or what is left of an order (0: it is not there).

    `price` is the venue's entry price for a position, 0 otherwise.
    """

    subject: DriftSubject
    key: str
    value: Decimal
    price: Decimal


class ExternalOrderAdopted(DecisionBase, frozen=True, gc=False):
    """A working order that this bot did not send counts in its risk from here on and can be canceled by it."""

    client_order_id: str
    venue_order_id: str
    symbol: str
    side: Side
    order_type: OrderType
    size: Decimal
    filled_size: Decimal
    limit_price: Decimal | None
    reduce_only: bool


class ReconciliationCompleted(DecisionBase, frozen=True, gc=False):
    """State and venue agree; closed orders and fill ids before `settled_before_ns` may leave the state."""

    request_id: str
    differences: int
    settled_before_ns: int


class ReconnectRequested(EffectBase, frozen=True, gc=False):
    """A lost channel is to be connected again. An effect."""

    channel: Literal["market", "private", "rest"]
    attempt: int
    """From 1, counted since the channel was lost."""


class StateDigestRecorded(DecisionBase, frozen=True, gc=False):
    """The running bot's state before this event: digests of its canonical bytes and of the strategies' memories.

    Recorded at the end of a session, and of each turn that holds a version which is a multiple of
    `state_digest_every`. Compared only by code whose state, or memories, have the same schema.
    """

    state_schema: str
    digest: str
    memory_schema: str
    """Schemas and forms of the strategies' memories, as a digest."""
    memory_digest: str


class AlertRaised(EffectBase, frozen=True, gc=False):
    """A person should know. Sent once under this id, again after a restart if its delivery is unknown. An effect."""

    alert_id: str
    severity: Severity
    topic: AlertTopic
    subject: str
    """What it is about: a cause, channel, symbol, call, strategy, task or order status; often empty."""
    halt_id: int
    """The halt that a resume has to name; 0 when the bot is not halted by this."""
    reason: Reason
