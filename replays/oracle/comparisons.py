"""Comparisons: when the venue is asked for its account, and what has to come of the answer."""

from collections.abc import Iterator

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountQueryFailed,
    AccountReported,
    BalanceReported,
    ConnectionRestored,
    CredentialsLoaded,
    DriftDetected,
    DriftRepaired,
    ExternalOrderAdopted,
    OrderLookupRequested,
    PositionLiquidated,
    PositionReported,
    ReconciliationCompleted,
    ReconciliationRequested,
    SessionStarted,
    StreamGapDetected,
    TimerFired,
)
from perptape.core.order import WORKING
from perptape.core.wording import sentence
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.oracle.held import about
from perptape.replays.oracle.orders import LIVE, Kept
from perptape.replays.oracle.turns import Turn, each_turn, locked_out


def reports_are_compared(phrase: str) -> Expectation:
    """The venue is asked when there is a reason, and every difference is found and repaired."""
    return each_turn(phrase, "the venue is asked when there is a reason and every difference is repaired", _compared)


def _compared(turn: Turn) -> Iterator[str]:
    event = turn.event
    asked = turn.decided(ReconciliationRequested)
    for number, request in enumerate(asked, turn.before.asked + 1):
        if request.request_id != f"reconciliation-{number}":
            yield f"a comparison is called {request.request_id}"
    if len(asked) > 1:
        yield "the venue is asked twice in a turn"
    still = turn.before.pending if not isinstance(event, SessionStarted) else ""
    if asked and ((still and turn.books.conditions.pending != still) or locked_out(turn)) and not _freed(turn):
        yield "the venue is asked again before it has answered"
    if _reason_to_ask(turn) and not asked and not still and not locked_out(turn):
        yield "there is a reason to ask the venue, and it is not asked"
    if asked and not _reason_to_ask(turn):
        yield "the venue is asked for no reason"
    if isinstance(event, AccountReported):
        yield from _report(turn, event)


def _freed(turn: Turn) -> bool:
    return isinstance(turn.event, (AccountReported, AccountQueryFailed))


def _reason_to_ask(turn: Turn) -> bool:
    event, books = turn.event, turn.books
    match event:
        case SessionStarted() | StreamGapDetected() | CredentialsLoaded() | PositionLiquidated():
            return True
        case ConnectionRestored():
            return not books.conditions.lost
        case TimerFired(timer_id="reconcile"):
            return True
        case TimerFired(timer_id="errors"):
            return "error_rate" in turn.before.tripped
        case BalanceReported():
            sane = 0 <= event.cash <= books.settings.guards.cash_max
            return sane and (event.cash != books.money.cash or "insane_balance" in turn.before.tripped)
        case PositionReported():
            held = books.money.held.get(event.symbol)
            return bool(event.size != (held.size if held is not None else 0))
        case _:
            return False


def _just_ended(turn: Turn, order: Kept) -> bool:
    """Whether the order ended so late that the venue's list may have been made before."""
    kept = turn.books.conditions
    settle_ns = kept.session.settle_ns if kept.session is not None else 0
    return order.status != "abandoned" and order.changed_at_ns >= kept.asked_at_ns - settle_ns


def _report(turn: Turn, report: AccountReported) -> Iterator[str]:
    """A report that can be is compared with everything; afterwards both sides are the same."""
    done = turn.decided(ReconciliationCompleted)
    sane = report.cash >= 0 and report.hold >= 0 and report.cash <= turn.books.settings.guards.cash_max
    if bool(done) != sane:
        yield f"a report that {'can' if sane else 'cannot'} be is {'taken' if done else 'not taken'}"
    if not done:
        return
    money, orders = turn.books.money, turn.books.orders
    theirs = {position.symbol: position.size for position in report.positions}
    ours = {symbol: held.size for symbol, held in money.held.items()}
    if theirs != ours or about(money.cash) != report.cash:
        yield f"afterwards the bot holds {ours} and {money.cash:f}, the venue {theirs} and {report.cash:f}"
    listed = {order.client_order_id or f"external:{order.venue_order_id}" for order in report.orders}
    working = {key for key, order in orders.by_id.items() if order.status in LIVE}
    questions = {asked.client_order_id for asked in turn.decided(OrderLookupRequested)}
    lost = {key for key in questions if key not in listed}
    if listed - {key for key, order in orders.by_id.items() if order.status in WORKING or _just_ended(turn, order)}:
        yield "an order that works at the venue is not known afterwards"
    if working - listed - lost:
        yield "an order that the venue does not list is taken to work"
    drifts = turn.decided(DriftDetected)
    for drift, repair in zip(drifts, turn.decided(DriftRepaired), strict=True):
        if (drift.subject, drift.key, drift.theirs) != (repair.subject, repair.key, repair.value):
            yield "a repair is not what was found"
        if drift.ours == drift.theirs or not sentence(drift.evidence):
            yield f"a difference of {drift.key} is none"
    differences = len(drifts) + len(turn.decided(ExternalOrderAdopted)) + len(questions)
    settle_ns = turn.books.settings.reconciliation.settle_s * SECOND_NS
    expected = report.request_id, differences, max(0, turn.observed.at_ns - settle_ns)
    if expected != (done[0].request_id, done[0].differences, done[0].settled_before_ns):
        yield f"the comparison says {done[0]}, and has to say {expected}"
