"""Conditions reckoned anew: session, channels, mode, breakers, counts of what went wrong, commands and alerts."""

from dataclasses import dataclass, field
from typing import Any

from perptape.core.access import UNAUTHORIZED
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountQueryFailed,
    AccountReported,
    AlertDelivered,
    AlertFailed,
    AlertRaised,
    CallThrottled,
    CancelAccepted,
    CancelOutcomeUnknown,
    CancelRejected,
    CommandApplied,
    ConnectionLost,
    ConnectionRestored,
    CredentialsLoaded,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OperatorCommandReceived,
    OrderAccepted,
    OrderLookedUp,
    OrderLookupFailed,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderRequested,
    OrderSubmissionFailed,
    ReconciliationCompleted,
    ReconciliationRequested,
    ReconnectRequested,
    ReplyNotUnderstood,
    SessionStarted,
    SessionStopped,
    StreamGapDetected,
    TaskCrashed,
)
from perptape.core.events.reason import Reason
from perptape.core.settings import TradingSettings

FAILURES = (
    OrderSubmissionFailed, OrderOutcomeUnknown, OrderLookupFailed, CancelOutcomeUnknown, AccountQueryFailed,
    ReplyNotUnderstood,
)  # fmt: skip
"""What counts for the circuit breaker."""
ANSWERS = (OrderAccepted, OrderRejected, OrderLookedUp, CancelAccepted, AccountReported)
"""What shows that the venue knows the key, and that its replies can be read."""
DOUBTS = (SessionStarted, ConnectionLost, ConnectionRestored, StreamGapDetected, CredentialsLoaded)
"""After which the venue has to be compared with the state before an order leaves."""
BY_COMMAND = {"pause": "pause", "flatten": "pause", "reduce_only": "operator"}


@dataclass
class Conditions:
    """The conditions of a tape."""

    session: SessionStarted | None = None
    running: bool = False
    heard_seq: int = 0
    """The last message of the venue's feed."""
    lost: set[str] = field(default_factory=set)
    outages: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """By channel: when it was lost, attempts since, and the version that ended it."""
    pending: str = ""
    asked: int = 0
    asked_at_ns: int = 0
    to_compare: bool = True
    compared_at_ns: int = 0
    settled_before_ns: int = 0
    mode: str = "normal"
    halts: dict[str, int] = field(default_factory=dict)
    last_halt: int = 0
    restricted: dict[str, Reason] = field(default_factory=dict)
    tripped: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    failures: list[int] = field(default_factory=list)
    requests: list[int] = field(default_factory=list)
    intents: int = 0
    unauthorised: int = 0
    unreadable_replies: int = 0
    commands: dict[str, int] = field(default_factory=dict)
    inbox_version: int = 0
    alerts: dict[str, AlertRaised] = field(default_factory=dict)
    alerted: set[str] = field(default_factory=set)
    crashes: list[tuple[int, str]] = field(default_factory=list)

    def see(self, event: Any, version: int, at_ns: int, day_end_ns: int, settings: TradingSettings) -> None:
        """Take in what an event says of the bot itself."""
        self.heard_seq = getattr(event, "seq", 0) or self.heard_seq
        self._count(event, at_ns, settings)
        self._connect(event, version, at_ns)
        self._protect(event, at_ns, day_end_ns)
        match event:
            case SessionStarted():
                self.session, self.running = event, True
            case SessionStopped():
                self.running = False
            case OrderRequested():
                self.intents = event.intent
                self.requests = [at for at in self.requests if at > at_ns - 60 * SECOND_NS] + [at_ns]
            case OperatorCommandReceived():
                self.commands.setdefault(event.command_id, version)
                self.inbox_version = max(self.inbox_version, event.inbox_version)
            case AlertRaised():
                self.alerts[event.alert_id] = event
                self.alerted.add(event.alert_id)
            case AlertDelivered() | AlertFailed():
                self.alerts.pop(event.alert_id, None)
            case TaskCrashed():
                self.crashes.append((at_ns, event.task))
                recent = [crash for crash in self.crashes if crash[0] > at_ns - 600 * SECOND_NS]
                others = [crash for crash in recent if crash[1] != event.task]
                self.crashes = others + [crash for crash in recent if crash[1] == event.task][-20:]
            case _:
                pass

    def _count(self, event: Any, at_ns: int, settings: TradingSettings) -> None:
        """Failures within the breaker's window, and in a row what the key or the replies are to blame for."""
        breaker = settings.guards.errors
        if isinstance(event, FAILURES) and breaker is not None:
            self.failures = [at for at in self.failures if at > at_ns - breaker.window_s * SECOND_NS] + [at_ns]
        elif isinstance(event, GuardCleared) and event.guard == "error_rate":
            self.failures = []
        if isinstance(event, ANSWERS):
            self.unauthorised = self.unreadable_replies = 0
        elif isinstance(event, CredentialsLoaded):
            self.unauthorised = 0
        elif isinstance(event, ReplyNotUnderstood):
            self.unreadable_replies += 1
        elif isinstance(event, (OrderSubmissionFailed, OrderLookupFailed, CancelRejected, AccountQueryFailed)):
            self.unauthorised += event.code == UNAUTHORIZED

    def _connect(self, event: Any, version: int, at_ns: int) -> None:
        """Channels, and the comparison with the venue."""
        self.to_compare = self.to_compare or isinstance(event, DOUBTS)
        match event:
            case SessionStarted():
                self.lost, self.outages, self.pending = set(), {}, ""
            case ConnectionLost():
                if event.channel not in self.lost:
                    self.lost.add(event.channel)
                    self.outages[event.channel] = at_ns, 0, 0
            case ConnectionRestored():
                if event.channel in self.lost:
                    self.lost.remove(event.channel)
                    since_ns, attempts, _ = self.outages[event.channel]
                    self.outages[event.channel] = since_ns, attempts, version
            case ReconnectRequested():
                since_ns, _, restored = self.outages[event.channel]
                self.outages[event.channel] = since_ns, event.attempt, restored
            case ReconciliationRequested():
                self.asked += 1
                self.asked_at_ns = at_ns
                self.pending = event.request_id
            case ReconciliationCompleted():
                self.to_compare = False
                self.compared_at_ns = at_ns
                self.settled_before_ns = max(self.settled_before_ns, event.settled_before_ns)
            case AccountReported() | AccountQueryFailed():
                self._answered(event.request_id)
            case CallThrottled(call="report_account") | ReplyNotUnderstood(call="report_account"):
                self._answered(event.key)
            case _:
                pass

    def _answered(self, request_id: str) -> None:
        if self.pending == request_id:
            self.pending = ""

    def _protect(self, event: Any, at_ns: int, day_end_ns: int) -> None:
        """What trips, restricts or halts, until it is cleared or a person resumes."""
        match event:
            case GuardTripped():
                trip = event.guard, event.symbol, event.mode, at_ns, day_end_ns, event.reason
                self.tripped[_key(event)] = trip
                if event.mode == "reduce_only":
                    self.restricted[event.guard] = event.reason
            case GuardCleared():
                self.tripped.pop(_key(event), None)
                self.restricted.pop(event.guard, None)
                self.halts.pop(event.guard, None)
            case CommandApplied() if event.command in BY_COMMAND:
                self.restricted[BY_COMMAND[event.command]] = Reason(
                    "operator", names={"actor": event.actor}, text=event.reason
                )
            case ModeChanged():
                self.mode = event.mode
                if event.mode == "halted":
                    self.last_halt = self.halts[event.cause] = event.halt_id
                elif event.cause == "resume":
                    self.halts = {}
                    self.restricted.pop("pause", None)
                    self.restricted.pop("operator", None)
            case _:
                pass


def _key(event: GuardTripped | GuardCleared) -> str:
    return f"{event.guard}:{event.symbol}" if event.symbol else event.guard
