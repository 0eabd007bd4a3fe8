"""Answers to what happens to the bot itself: sessions, configuration, tasks, strategies, alerts."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from perptape.core.access import is_locked_out, may_write
from perptape.core.decide.accounts import request_reconciliation
from perptape.core.decide.alerts import alert
from perptape.core.decide.connection import forget_attempts
from perptape.core.decide.modes import cancel_increasing, settle_mode
from perptape.core.decide.order_reports import look_up
from perptape.core.decide.register import answer
from perptape.core.events import (
    AlertFailed,
    CancelRequested,
    ConfigurationLoaded,
    Decision,
    SessionStarted,
    StrategyFailed,
    TaskCrashed,
)
from perptape.core.events.reason import Reason
from perptape.core.state import State


def _started(state: State, event: SessionStarted) -> Iterator[Decision]:
    """Settle what the last session left open: every effect whose outcome is not known.

    An order that waits to be sent again has a timer, which is in the state like every other.
    """
    yield from forget_attempts(state)
    for order in list(state.orders.values()):
        if order.status in ("requested", "unknown") and not is_locked_out(state):
            yield look_up(order)
    for order in list(state.orders.values()):
        if order.cancel_requested and order.status in ("open", "partly_filled") and may_write(state):
            yield CancelRequested(client_order_id=order.client_order_id, reason=Reason("outcome_unknown"))
    yield from list(state.alerts.values())
    yield from request_reconciliation(state, Reason("session_started", {"session": Decimal(event.session)}))


def _configured(state: State, _event: ConfigurationLoaded) -> Iterator[Decision]:
    """Resting entries in a symbol that is no longer followed are taken back; its position is still managed."""
    for symbol, market in state.markets.items():
        if not market.followed:
            yield from cancel_increasing(state, Reason("not_followed", names={"symbol": symbol}), symbol)
    yield from settle_mode(state)


def _strategy_failed(state: State, event: StrategyFailed) -> Iterator[Decision]:
    names = {"strategy": event.strategy, "symbol": event.symbol}
    reason = Reason("strategy_raised", names=names, text=event.error)
    yield alert(state, "critical", "strategy_stopped", reason, subject=event.strategy)


def _task_crashed(state: State, event: TaskCrashed) -> Iterator[Decision]:
    """One crash is kept on the tape; a person hears of it when the task crashes again within ten minutes."""
    recent = len(state.task_crashes[event.task])
    if recent > 1:
        reason = Reason("task_crashed", {"count": Decimal(recent)}, text=event.error)
        yield alert(state, "warning", "task_crashing", reason, subject=event.task)


def _alert_failed(_state: State, _event: AlertFailed) -> Iterable[Decision]:
    """An alert about an alert that failed would not arrive either; the tape keeps it."""
    return ()


SESSION_DECISIONS = (
    answer(SessionStarted, _started),
    answer(ConfigurationLoaded, _configured),
    answer(StrategyFailed, _strategy_failed),
    answer(TaskCrashed, _task_crashed),
    answer(AlertFailed, _alert_failed),
)
