"""Limits: what passes one by itself trips its guard at that moment, and it clears when that is over."""

from collections.abc import Iterator
from decimal import Decimal

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountQueryFailed,
    AccountReported,
    CommandApplied,
    ConnectionLost,
    CredentialsLoaded,
    FundingPaid,
    GuardCleared,
    GuardTripped,
    MarkUpdated,
    OrderFilled,
    QuoteUpdated,
    ReconciliationCompleted,
    StreamGapDetected,
    TimerFired,
    TimerSet,
    TradePrinted,
    TransferRecorded,
)
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.oracle.conditions import FAILURES
from perptape.replays.oracle.held import about
from perptape.replays.oracle.turns import Turn, each_turn

PRICES = (QuoteUpdated, MarkUpdated, TradePrinted)
MONEY = (OrderFilled, FundingPaid, TransferRecorded)


def limits_trip(phrase: str) -> Expectation:
    """What passes a limit by itself trips its guard at that moment, with its number, and not before."""
    return each_turn(phrase, "whatever passes a limit trips at once and nothing else does", _limits)


def _limits(turn: Turn) -> Iterator[str]:
    event, books = turn.event, turn.books
    guards, kept, money = books.settings.guards, books.conditions, books.money
    if money.known and isinstance(event, PRICES + MONEY):
        loss, fall = money.day_start - money.equity, _fall(turn)
        if guards.daily_loss_limit is not None and loss >= guards.daily_loss_limit and "daily_loss" not in kept.tripped:
            yield f"the day has lost {loss:f}, and its limit has not tripped"
        if guards.drawdown_limit is not None and fall >= guards.drawdown_limit and "drawdown" not in kept.tripped:
            yield f"equity has fallen by {fall:f}, and its limit has not tripped"
    breaker = guards.errors
    failing = breaker is not None and len(kept.failures) >= breaker.failures
    if isinstance(event, FAILURES) and failing and "error_rate" not in kept.tripped:
        yield f"{len(kept.failures)} calls failed, and the circuit breaker is closed"
    if isinstance(event, PRICES):
        yield from _prices(turn, event.symbol)
    for trip in turn.decided(GuardTripped):
        yield from _trip(turn, trip)
    for clear in turn.decided(GuardCleared):
        yield from _clear(turn, clear)
    if turn.decided(TimerSet, timer_id="errors") and "error_rate" not in kept.tripped:
        yield "the circuit breaker cools down, and is closed"
    if "error_rate" in turn.before.tripped and isinstance(event, AccountQueryFailed | AccountReported):
        half_open = "errors" not in turn.before.timers
        if (
            isinstance(event, AccountReported)
            and half_open == ("error_rate" in kept.tripped)
            and turn.decided(ReconciliationCompleted)
        ):
            yield f"the circuit breaker is {'open' if half_open else 'closed'} after an answer"


def _fall(turn: Turn) -> Decimal:
    money = turn.books.money
    return (money.peak - money.equity) / money.peak if money.peak > 0 else Decimal(0)


def _prices(turn: Turn, symbol: str) -> Iterator[str]:
    heard, kept = turn.books.markets.of(symbol), turn.books.conditions
    outside = heard.band is not None and not heard.band[0] <= heard.price <= heard.band[1]
    if outside and f"volatility:{symbol}" not in kept.tripped:
        yield f"{heard.price:f} is outside its band, and the volatility breaker is closed"
    if f"staleness:{symbol}" in kept.tripped:
        yield f"{symbol} has a price, and is stale"
    trip = kept.tripped.get("daily_loss")
    if trip is not None and trip[4] != turn.books.money.day_end_ns:
        yield "the loss of another day is tripped still"
    if trip is not None and turn.books.settings.guards.daily_loss_limit is None:
        yield "a daily loss is tripped that nothing limits any more"


def _trip(turn: Turn, trip: GuardTripped) -> Iterator[str]:
    """A guard trips for the number that it says, against the limit that is set, and once."""
    if (f"{trip.guard}:{trip.symbol}" if trip.symbol else trip.guard) in turn.before.tripped:
        yield f"{trip.guard} trips again"
    books, heard, guards = turn.books, turn.books.markets.of(trip.symbol), turn.books.settings.guards
    mode, measured, limit = "normal", trip.measured, trip.limit
    match trip.guard:
        case "daily_loss":
            mode = "reduce_only"
            measured, limit = books.money.day_start - books.money.equity, guards.daily_loss_limit or limit
        case "drawdown":
            mode, measured, limit = "halted", _fall(turn), guards.drawdown_limit or limit
        case "volatility":
            low, high = heard.band or (heard.price, heard.price)
            measured = abs(heard.price * 2 / (high + low) - 1)
            limit = guards.volatility.move if guards.volatility is not None else limit
        case "staleness":
            measured = Decimal(turn.observed.at_ns - heard.heard_at_ns) / SECOND_NS
            limit = Decimal(guards.staleness_s)
        case "error_rate":
            measured = Decimal(len(books.conditions.failures))
            limit = Decimal(guards.errors.failures) if guards.errors is not None else limit
        case "insane_balance":
            mode, measured, limit = "halted", turn.event.cash, Decimal(0)
        case "credentials":
            mode, measured, limit = "halted", Decimal(1), Decimal(0)
        case _:
            measured, limit = Decimal(1), Decimal(0)
    expected = mode, about(measured), about(limit)
    if expected != (trip.mode, about(trip.measured), about(trip.limit)):
        found = f"at {trip.measured:f} of {trip.limit:f} into {trip.mode}"
        yield f"{trip.guard} trips {found}, and has to at {measured:f} of {limit:f} into {mode}"
    below = trip.guard in ("daily_loss", "drawdown", "error_rate") and trip.measured < trip.limit
    doubted = isinstance(turn.event, (ConnectionLost, StreamGapDetected))
    if below or (trip.guard == "staleness" and not doubted and trip.measured < trip.limit):
        yield f"{trip.guard} trips below its limit"


def _clear(turn: Turn, clear: GuardCleared) -> Iterator[str]:
    """A guard clears when what tripped it is over, or a person resumes."""
    event, books = turn.event, turn.books
    person = bool(turn.decided(CommandApplied, command="resume"))
    heard = books.markets.of(clear.symbol)
    match clear.guard:
        case "daily_loss":
            trip = turn.before.tripped.get("daily_loss")
            another_day = trip is not None and trip[4] != books.money.day_end_ns
            over = another_day or books.settings.guards.daily_loss_limit is None
        case "staleness":
            over = isinstance(event, PRICES) and event.symbol == clear.symbol
        case "volatility":
            over = heard.band is None or heard.band[0] <= heard.price <= heard.band[1]
            over = over and isinstance(event, TimerFired) and event.timer_id == f"calm:{clear.symbol}"
        case "error_rate":
            over = isinstance(event, AccountReported) and "errors" not in turn.before.timers
        case "insane_balance":
            over = isinstance(event, AccountReported) or person
        case "credentials" | "read_only_key" | "permission":
            over = isinstance(event, CredentialsLoaded) or person
        case _:
            over = person
    if not over:
        yield f"{clear.guard} clears, and it is not over"
