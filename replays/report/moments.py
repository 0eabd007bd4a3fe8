"""Moments: the events a person would mention, in words."""

from typing import Any

from perptape.core.events import (
    AlertFailed,
    AlertRaised,
    ClockJumped,
    CommandApplied,
    CommandRefused,
    ConnectionLost,
    ConnectionRestored,
    DriftDetected,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderAbandoned,
    OrderOutcomeUnknown,
    OrderRejected,
    PositionLiquidated,
    SessionStarted,
    SessionStopped,
    StrategyFailed,
    StreamGapDetected,
    TaskCrashed,
    TradingStatusChanged,
    TransferRecorded,
)
from perptape.core.money import plain
from perptape.core.wording import alert_message, alert_title, sentence, spoken
from perptape.replays.report.numbers import money
from perptape.replays.report.steps import shortened
from perptape.replays.report.summary import Moment, Tone

MOMENTS_MAX = 800
_MODE_TONES: dict[str, Tone] = {"normal": "good", "reduce_only": "warning", "halted": "critical"}
_ALERT_TONES: dict[str, Tone] = {"info": "plain", "warning": "warning", "critical": "critical"}


def moment(version: int, at_ns: int, event: Any, *, account_known: bool = True) -> Moment | None:
    """The moment this event is; None for everyday events. Cash found before the account is known is no drift."""
    if isinstance(event, DriftDetected) and event.subject == "cash" and not account_known:
        return Moment(version, at_ns, "account", "plain", "Opening balance", f"{money(event.theirs)} USD")
    told = _told(event)
    if told is None:
        return None
    kind, tone, title, text = told
    return Moment(version, at_ns, kind, tone, shortened(title), shortened(text))


def killed(version: int, at_ns: int, session: int) -> Moment:
    """A session ended at this event without saying so."""
    return Moment(
        version, at_ns, "session", "critical", f"Session {session} was killed", "it did not shut down cleanly"
    )


def _told(event: Any) -> tuple[Any, Tone, str, str] | None:
    match event:
        case SessionStarted():
            return "session", "plain", f"Session {event.session} started", f"at {event.venue}"
        case SessionStopped():
            return "session", "plain", f"Session {event.session} stopped", event.reason
        case StrategyFailed():
            return "session", "critical", f"Strategy {event.strategy} failed in {event.symbol}", event.error
        case TaskCrashed():
            return "session", "warning", f"Background task {event.task} crashed", event.error
        case ModeChanged():
            title = f"Mode {event.previous.replace('_', '-')} → {event.mode.replace('_', '-')}"
            return "mode", _MODE_TONES[event.mode], title, sentence(event.reason)
        case GuardTripped():
            name = f"{spoken(event.guard)} {event.symbol}".strip()
            return "guard", "warning", f"Guard {name} tripped", sentence(event.reason)
        case GuardCleared():
            name = f"{spoken(event.guard)} {event.symbol}".strip()
            return "guard", "good", f"Guard {name} cleared", sentence(event.reason)
        case AlertRaised():
            return "alert", _ALERT_TONES[event.severity], f"Alert: {alert_title(event)}", alert_message(event)
        case AlertFailed():
            return "alert", "warning", f"Alert {event.alert_id} not delivered", event.reason
        case CommandApplied():
            return "operator", "plain", f"Operator {event.actor}: {event.command}", event.reason
        case CommandRefused():
            return "operator", "warning", f"Operator {event.actor}: {event.command} refused", sentence(event.why)
        case _:
            return _told_of_world(event)


def _told_of_world(event: Any) -> tuple[Any, Tone, str, str] | None:
    match event:
        case ConnectionLost():
            return "connection", "warning", f"Connection lost: {event.channel}", event.reason
        case ConnectionRestored():
            return "connection", "good", f"Connection restored: {event.channel}", ""
        case StreamGapDetected():
            missing = f"expected message {event.expected_seq}, received {event.received_seq}"
            return "connection", "warning", f"Gap in the {event.channel} feed", missing
        case ClockJumped():
            return "connection", "warning", "The wall clock jumped", f"by {event.jump_ns // 1_000_000:+,} ms"
        case TradingStatusChanged():
            return "connection", "plain", f"{event.symbol} is {event.status.replace('_', '-')}", event.reason
        case DriftDetected():
            what = "cash" if event.subject == "cash" else f"{event.subject} {event.key}"
            return (
                "account",
                "warning",
                f"Drift in {what}",
                f"ours {plain(event.ours)}, the venue's {plain(event.theirs)}",
            )
        case TransferRecorded():
            return "transfer", "plain", f"Transfer of {money(event.amount, sign=True)} USD", event.transfer_id
        case PositionLiquidated():
            title = f"Liquidation: {event.side} {plain(event.size)} {event.symbol}"
            return "account", "critical", title, f"at {plain(event.price)}, fee {plain(event.fee)}"
        case OrderOutcomeUnknown():
            return "order", "warning", "Order outcome unknown", f"{event.client_order_id}: {event.reason}"
        case OrderRejected():
            return "order", "warning", f"Order rejected: {event.code}", f"{event.client_order_id}: {event.reason}"
        case OrderAbandoned():
            return "order", "warning", "Order abandoned", f"{event.client_order_id}: {sentence(event.reason)}"
        case _:
            return None
