"""Alerts: a person is told of each thing once, and of nothing else."""

from collections import Counter
from collections.abc import Iterator

from perptape.core.access import (
    PERMISSION,
    READ_ONLY_KEY,
)
from perptape.core.events import (
    AccountReported,
    AlertRaised,
    CommandApplied,
    ConnectionLost,
    ConnectionRestored,
    DriftDetected,
    GuardTripped,
    ModeChanged,
    OrderAbandoned,
    OrderCanceled,
    OrderFilled,
    OrderRejected,
    ReplyNotUnderstood,
    SessionStarted,
    StrategyFailed,
    TaskCrashed,
    TradingStatusChanged,
)
from perptape.core.events.reason import Reason
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.oracle.turns import Turn, each_turn, is_news


def people_are_told(phrase: str) -> Expectation:
    """There is one alert for each thing that a person has to know, and none besides."""
    return each_turn(phrase, "a person is told of each thing once and of nothing else", _told)


def _told(turn: Turn) -> Iterator[str]:
    raised = turn.decided(AlertRaised)
    if isinstance(turn.event, SessionStarted):
        return
    numbers = [f"alert-{turn.before.alerts + 1 + index}" for index in range(len(raised))]
    if numbers != [alert.alert_id for alert in raised]:
        yield f"alerts are called {[alert.alert_id for alert in raised]}, and have to be {numbers}"
    expected = Counter(_reasons(turn))
    found = Counter(alert.severity for alert in raised)
    if expected != found:
        yield f"alerts {dict(found)}, and there is reason for {dict(expected)}"


def _reasons(turn: Turn) -> Iterator[str]:
    """The severities of what a person has to know of this turn."""
    event, books = turn.event, turn.books
    for change in turn.decided(ModeChanged):
        if change.mode == "halted":
            yield "critical"
        elif change.mode == "reduce_only" and not turn.decided(CommandApplied):
            yield "warning"
    for trip in turn.decided(GuardTripped):
        if trip.guard in (READ_ONLY_KEY, PERMISSION):
            yield "critical"
    for given_up in turn.decided(OrderAbandoned):
        if not any(given_up.reason == reason for reason in _restrictions(turn)):
            yield "warning"
    if books.stranger_version == turn.observed.version and isinstance(event, (OrderFilled, AccountReported)):
        yield "warning"
    match event:
        case OrderRejected():
            if books.orders.of(event.client_order_id) is not None:
                yield "warning"
        case OrderCanceled():
            order = books.orders.of(event.client_order_id, event.venue_order_id)
            own = order is not None and not order.cancel_requested and order.purpose != "external"
            if own and order is not None and order.asked.order_type == "limit" and order.filled < order.asked.size:
                yield "warning"
        case ReplyNotUnderstood() if turn.before.unreadable_replies == 0:
            yield "warning"
        case StrategyFailed():
            yield "critical"
        case TaskCrashed() if sum(task == event.task for _, task in books.conditions.crashes) > 1:
            yield "warning"
        case ConnectionLost() if is_news(turn, event):
            yield "warning"
        case ConnectionRestored() if event.channel in turn.before.lost:
            yield "info"
        case AccountReported() if turn.before.known and turn.decided(DriftDetected):
            yield "warning"
        case _:
            pass


def _restrictions(turn: Turn) -> Iterator[Reason]:
    """The reasons with which this turn takes orders back, which are told by themselves."""
    for change in turn.decided(ModeChanged):
        yield Reason("halted_by", names={"cause": change.cause})
    yield Reason("reduce_only_mode")
    for done in turn.decided(CommandApplied):
        yield Reason("operator", names={"actor": done.actor}, text=done.reason)
    for trip in turn.decided(GuardTripped):
        yield trip.reason
    yield Reason("market_down")
    event = turn.event
    if isinstance(event, TradingStatusChanged):
        names = {"symbol": event.symbol, "status": event.status}
        yield Reason("symbol_not_trading", names=names, text=event.reason)
    for symbol in turn.books.markets.by_symbol:
        yield Reason("not_followed", names={"symbol": symbol})
