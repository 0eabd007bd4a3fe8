"""The ports: what the orchestrator needs of the world, as protocols that the edge implements.

Everything the world tells the bot comes back as observations; a port never changes the state.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from perptape.core.events import AlertRaised, Observation, VenueRequest


class VenueTraits(NamedTuple):
    """What a venue promises about orders."""

    name: str
    settle_ns: int
    """How long after a request a lookup may still wrongly say "not found"."""
    idempotent_client_ids: bool
    """A repeated client order id is the same order, so that a request may be sent again."""


class Broker(Protocol):
    """The venue's request side: one call, whose request is one effect of a durable turn.

    | request | asks |
    |---|---|
    | OrderRequested | to place an order, first time or again; the client order id is the identity |
    | CancelRequested | to cancel a working order |
    | OrderLookupRequested | what became of an order, by its client order id |
    | ReconciliationRequested | for money, positions, working orders, and fills and payments since a time |
    | ReconnectRequested | to connect a lost channel again |
    """

    @property
    def traits(self) -> VenueTraits:
        """What the venue promises."""
        ...

    async def call(self, request: VenueRequest) -> Sequence[Observation]:
        """Ask the venue; the answer is the outcome, and empty when that will come by the feed.

        It does not raise for anything the venue or the network does: a refusal is OrderRejected, a request that surely
        did not arrive OrderSubmissionFailed, one that may have arrived OrderOutcomeUnknown, and likewise for the
        others. ReplyNotUnderstood is an answer that cannot be read; CallThrottled a call that the bot's own budget
        held back. A channel that cannot be connected yet is ConnectionLost again.
        """
        ...


class Alerts(Protocol):
    """Where alerts go."""

    async def deliver(self, alert: AlertRaised) -> Observation:
        """Deliver once; AlertDelivered or AlertFailed."""
        ...


class Clock(Protocol):
    """Receipt time."""

    def now_ns(self) -> int:
        """Nanoseconds since the epoch, UTC; never below an earlier answer."""
        ...


class LogRecord(NamedTuple):
    """One event as the log takes it: envelope fields and the event's canonical JSON bytes."""

    type: str
    schema: int
    at_ns: int
    cause: int | None
    data: bytes


class LoggedEvent(NamedTuple):
    """One event as the log gives it back."""

    version: int
    type: str
    schema: int
    at_ns: int
    cause: int | None
    data: bytes


class Snapshot(NamedTuple):
    """Canonical state bytes at a version, written by code with this behaviour digest."""

    version: int
    behaviour: str
    state: bytes


class Log(Protocol):
    """The bot's own stream."""

    @property
    def nonce(self) -> str:
        """Random when the stream was created; makes client order ids unique to it."""
        ...

    def append(self, expected_version: int, records: Sequence[LogRecord]) -> None:
        """Make whole turns durable, in order, after `expected_version`. Durable when it returns.

        Raises LogRefusedError when nothing of it was stored.
        """
        ...

    def read(self, after_version: int) -> Iterator[LoggedEvent]:
        """The stored events after a version, in order, in bounded memory. Raises LogDamagedError."""
        ...

    def head_version(self) -> int:
        """Version of the last stored event; 0 for an empty stream."""
        ...

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot. Losing one loses nothing."""
        ...

    def newest_snapshot(self, behaviour: str, upto: int | None = None) -> Snapshot | None:
        """The newest undamaged snapshot of this behaviour, not above `upto`; damaged ones are set aside."""
        ...

    def set_aside_snapshot(self, snapshot: Snapshot, reason: str) -> None:
        """Stop using a snapshot that does not hold what the log says."""
        ...
