"""Answers to what happens to the bot itself: sessions, configuration, connection, strategies, alerts."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from core.decide.accounts import request_reconciliation
from core.decide.alerts import alert
from core.decide.modes import cancel_increasing, settle_mode
from core.decide.order_reports import look_up
from core.events import (
    AlertFailed,
    CancelRequested,
    ConfigurationLoaded,
    ConnectionLost,
    ConnectionRestored,
    Decision,
    SessionStarted,
    StrategyFailed,
    StreamGapDetected,
)
from core.state import State


def _started(state: State, event: SessionStarted) -> Iterator[Decision]:
    """Settle what the last session left open: every effect whose outcome is not known.

    An order that waits to be sent again has a timer, which is in the state like every other.
    """
    for order in list(state.orders.values()):
        if order.status in ("requested", "unknown"):
            yield look_up(order)
    for order in list(state.orders.values()):
        if order.cancel_requested and order.status in ("open", "partly_filled"):
            yield CancelRequested(client_order_id=order.client_order_id, reason="its outcome is not known")
    yield from list(state.alerts.values())
    yield from request_reconciliation(state, f"session {event.session} started")


def _configured(state: State, _event: ConfigurationLoaded) -> Iterator[Decision]:
    """Resting entries in a symbol that is no longer followed are taken back; its position is still managed."""
    for symbol, market in state.markets.items():
        if not market.followed:
            yield from cancel_increasing(state, f"{symbol} is no longer followed", symbol)
    yield from settle_mode(state)


def _lost(state: State, event: ConnectionLost) -> Iterator[Decision]:
    yield alert(state, "warning", f"{event.channel} connection lost", event.reason)


def _restored(state: State, event: ConnectionRestored) -> Iterator[Decision]:
    if not state.lost_channels:
        yield from request_reconciliation(state, f"{event.channel} connection restored")


def _gap(state: State, event: StreamGapDetected) -> Iterator[Decision]:
    reason = f"{event.channel} feed jumped from {event.expected_seq} to {event.received_seq}"
    yield from request_reconciliation(state, reason)


def _strategy_failed(state: State, event: StrategyFailed) -> Iterator[Decision]:
    message = f"{event.strategy} raised in {event.symbol}: {event.error}; its exits and all guards go on"
    yield alert(state, "critical", f"strategy {event.strategy} stopped", message)


def _alert_failed(_state: State, _event: AlertFailed) -> Iterable[Decision]:
    """An alert about an alert that failed would not arrive either; the tape keeps it."""
    return ()


SESSION_DECISIONS: dict[type[Any], Callable[[State, Any], Iterable[Decision]]] = {
    SessionStarted: _started,
    ConfigurationLoaded: _configured,
    ConnectionLost: _lost,
    ConnectionRestored: _restored,
    StreamGapDetected: _gap,
    StrategyFailed: _strategy_failed,
    AlertFailed: _alert_failed,
}
