"""Observations about the bot itself: connection, time, operators, configuration, sessions, strategies, alerts."""

from typing import Literal

from msgspec import Raw, Struct

from perptape.core.events.base import CallKind, ObservationBase
from perptape.core.settings import TradingSettings

Channel = Literal["market", "private", "rest"]
Command = Literal["pause", "reduce_only", "halt", "flatten", "cancel_all", "resume"]


class ConnectionLost(ObservationBase, frozen=True, gc=False):
    """A channel to the venue is down; the bot is blind there until it is restored and reconciled."""

    channel: Channel
    reason: str


class ConnectionRestored(ObservationBase, frozen=True, gc=False):
    """A channel to the venue is up again."""

    channel: Channel


class StreamGapDetected(ObservationBase, frozen=True, gc=False):
    """Feed messages are missing between two sequence numbers: what was learned from the channel may be stale."""

    channel: Channel
    expected_seq: int
    received_seq: int


class ClockJumped(ObservationBase, frozen=True, gc=False):
    """The wall clock moved against the monotonic clock by `jump_ns`. Receipt time itself never goes back."""

    jump_ns: int


class TimerFired(ObservationBase, frozen=True, gc=False):
    """A timer of the state came due. A timer that the state does not know is ignored."""

    timer_id: str


class OperatorCommandReceived(ObservationBase, frozen=True, gc=False):
    """A person told the bot something. `halt_id` names the halt that a resume answers; 0 otherwise."""

    command_id: str
    command: Command
    actor: str
    reason: str
    expires_at_ns: int | None
    halt_id: int
    flatten: bool
    """With a halt: every position is closed, too."""
    inbox_version: int
    """Its place in the inbox; 0 when it did not come by the inbox."""


class ConfigurationLoaded(ObservationBase, frozen=True, gc=False):
    """The settings that shape decisions, in force from here on."""

    settings: TradingSettings


class SessionStarted(ObservationBase, frozen=True, gc=False):
    """A process took up the stream. Carries the nonce for client order ids and what the venue promises.

    `settle_ns`: how long after a request a lookup may still say "not found" wrongly.
    `idempotent_client_ids`: a repeated client order id is the same order to the venue, so it may be sent again.
    """

    session: int
    nonce: str
    venue: str
    settle_ns: int
    idempotent_client_ids: bool
    tasks: tuple[str, ...]
    """Background tasks registered for the session, by name, before they run."""


class SessionStopped(ObservationBase, frozen=True, gc=False):
    """The process stopped in good order, for `reason`. A session without it was killed."""

    session: int
    reason: str


class CredentialsLoaded(ObservationBase, frozen=True, gc=False):
    """New credentials were given. `key_id` is their public name, never a secret."""

    key_id: str


class CallThrottled(ObservationBase, frozen=True, gc=False):
    """The bot's own budget of requests is used up: the call was not made. It may be made `retry_after_ns` later."""

    call: CallKind
    key: str
    """Client order id, or request id of a reconciliation."""
    retry_after_ns: int


class ReplyNotUnderstood(ObservationBase, frozen=True, gc=False):
    """The venue answered something that cannot be read; whether the call was acted upon is not known."""

    call: CallKind
    key: str
    """Client order id, or request id of a reconciliation."""
    field: str
    """Path of the field that is wrong; empty for the whole reply."""
    problem: str
    verbatim: str
    """The reply's text, cut at 2,000 characters."""


class TaskCrashed(ObservationBase, frozen=True, gc=False):
    """A background task raised; it is started again after a wait. `crashes` counts those in a row.

    `error` is the exception's type and message on one line; the trace is in the program's log.
    """

    task: str
    error: str
    crashes: int
    restart_after_ns: int


class StrategyFailed(ObservationBase, frozen=True, gc=False):
    """A strategy raised. It is stopped; its exits and all guards go on."""

    strategy: str
    symbol: str
    error: str


class AlertDelivered(ObservationBase, frozen=True, gc=False):
    """An alert reached its addressees. Emitted by the alert port."""

    alert_id: str


class AlertFailed(ObservationBase, frozen=True, gc=False):
    """An alert could not be delivered."""

    alert_id: str
    reason: str


class StrategyMemory(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a strategy remembered in one symbol: plain data, as its memory type of this schema wrote it."""

    symbol: str
    strategy: str
    memory_schema: int
    data: Raw


class OpeningState(ObservationBase, frozen=True, gc=False):
    """The whole state at the start of a segment or cut-out: canonical state bytes, and the strategies' memories."""

    state: Raw
    memories: tuple[StrategyMemory, ...]


class StrategyMemoryDropped(ObservationBase, frozen=True, gc=False):
    """The memory that a strategy had does not fit its code any more: it begins anew. `reason` says what differs."""

    strategy: str
    symbol: str
    reason: str
