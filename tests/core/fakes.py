"""Small real implementations of the ports, which can be told to misbehave."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Any, assert_never

from perptape.core.edge.storage.log import StoreLog
from perptape.core.errors import LogRefusedError
from perptape.core.events import (
    AlertDelivered,
    AlertRaised,
    CancelAccepted,
    CancelRequested,
    ConnectionRestored,
    Observation,
    OrderLookedUp,
    OrderLookupRequested,
    OrderRequested,
    ReconciliationRequested,
    ReconnectRequested,
    VenueRequest,
)
from perptape.core.money import ZERO
from perptape.core.ports import LoggedEvent, LogRecord, Snapshot, VenueTraits
from perptape.eventstore.memory import MemoryStore
from tests.core.builders import account_report

STREAM = "bot"
NONCE = "nonce"
Answer = Sequence[Observation] | Callable[[], Sequence[Observation]]


class MemoryLog:
    """The bot's log on the event store in memory. Handing its `store` to a second log simulates a restart."""

    def __init__(self, store: MemoryStore | None = None) -> None:
        if store is None:
            store = MemoryStore()
            store.create_stream(STREAM, NONCE, b"{}")
        self.store = store
        self._log = StoreLog(store, STREAM, take_over=True)
        self.refusals = 0
        """So many appends are refused from now on."""
        self.appends: list[int] = []
        """How many records each append held."""

    @property
    def nonce(self) -> str:
        return self._log.nonce

    def append(self, expected_version: int, records: Sequence[LogRecord]) -> None:
        if self.refusals:
            self.refusals -= 1
            raise LogRefusedError("the disk is full")
        self._log.append(expected_version, records)
        self.appends.append(len(records))

    def read(self, after_version: int) -> Iterator[LoggedEvent]:
        return self._log.read(after_version)

    def head_version(self) -> int:
        return self._log.head_version()

    def save_snapshot(self, snapshot: Snapshot) -> None:
        self._log.save_snapshot(snapshot)

    def newest_snapshot(self, behaviour: str, upto: int | None = None) -> Snapshot | None:
        return self._log.newest_snapshot(behaviour, upto)

    def set_aside_snapshot(self, snapshot: Snapshot, reason: str) -> None:
        self._log.set_aside_snapshot(snapshot, reason)

    @property
    def types(self) -> list[str]:
        """What is stored, by type."""
        return [event.type for event in self.read(0)]

    def damage(self, at: int, **fields: Any) -> None:
        """Change a stored event behind the store's back."""
        envelopes = self.store.held[STREAM].envelopes
        envelopes[at - 1] = envelopes[at - 1]._replace(**fields)

    def spoil_snapshot(self, version: int, state: bytes) -> None:
        """Put another state into a snapshot, soundly stored."""
        [behaviour] = {entry.behaviour for entry in self.store.snapshots(STREAM) if entry.version == version}
        self.save_snapshot(Snapshot(version, behaviour, state))


class ScriptedBroker:
    """A venue that answers by script; without one, calls get no answer and account reports show 10000 in cash."""

    traits = VenueTraits("scripted", settle_ns=0, idempotent_client_ids=True)

    def __init__(self) -> None:
        self.calls: list[object] = []
        """Every request, in order."""
        self.answers: dict[type[object], deque[Answer]] = {}

    def answer(self, kind: type[object], *observations: Observation) -> None:
        """What the next call of this kind that has no answer yet gets."""
        self.answers.setdefault(kind, deque()).append(observations)

    async def call(self, request: VenueRequest) -> Sequence[Observation]:
        self.calls.append(request)
        scripted = self.answers.get(type(request))
        if not scripted:
            return self._otherwise(request)
        answer = scripted.popleft()
        return answer() if callable(answer) else answer

    def of(self, kind: type[object]) -> list[object]:
        """The requests of one kind."""
        return [call for call in self.calls if isinstance(call, kind)]

    @staticmethod
    def _otherwise(request: VenueRequest) -> Sequence[Observation]:
        match request:
            case OrderRequested():
                return ()
            case CancelRequested(order_id):
                return (CancelAccepted(order_id),)
            case OrderLookupRequested(order_id):
                return (OrderLookedUp(order_id, False, "unknown", "", "", "buy", ZERO, ZERO, (), ""),)
            case ReconciliationRequested():
                return (account_report(),)
            case ReconnectRequested(channel):
                return (ConnectionRestored(channel),)
            case _:
                assert_never(request)


class NotedAlerts:
    """Delivers to a list."""

    def __init__(self) -> None:
        self.delivered: list[AlertRaised] = []

    async def deliver(self, alert: AlertRaised) -> Observation:
        self.delivered.append(alert)
        return AlertDelivered(alert_id=alert.alert_id)


class ManualClock:
    """Time that passes when the test says so; it may even go back, which receipt time then does not."""

    def __init__(self, now_ns: int) -> None:
        self.now = now_ns

    def now_ns(self) -> int:
        return self.now
