"""Holding each turn against what has to follow from it, whatever else is going on."""

from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from core.access import (
    CREDENTIALS,
    ENDPOINT_GONE,
    FUTURES_NOT_PERMITTED,
    PERMISSION,
    PERMISSION_DENIED,
    READ_ONLY_KEY,
    UNAUTHORIZED,
)
from core.events import (
    AccountQueryFailed,
    AccountReported,
    AlertRaised,
    BalanceReported,
    CallThrottled,
    CancelOutcomeUnknown,
    CancelRejected,
    CancelRequested,
    CommandApplied,
    CommandRefused,
    ConnectionLost,
    ConnectionRestored,
    CredentialsLoaded,
    DriftDetected,
    DriftRepaired,
    ExternalOrderAdopted,
    FundingPaid,
    GuardCleared,
    GuardTripped,
    MarkUpdated,
    ModeChanged,
    OperatorCommandReceived,
    OrderAbandoned,
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderRejected,
    OrderResubmitted,
    OrderSubmissionFailed,
    PositionLiquidated,
    PositionReported,
    QuoteUpdated,
    ReconciliationCompleted,
    ReconciliationRequested,
    ReplyNotUnderstood,
    SessionStarted,
    StrategyFailed,
    StreamGapDetected,
    TaskCrashed,
    TimerFired,
    TimerSet,
    TradePrinted,
    TradingStatusChanged,
    TransferRecorded,
)
from core.order import WORKING
from replays.scenarios.expectation import Expectation
from replays.scenarios.reckoning.conditions import BY_COMMAND, FAILURES
from replays.scenarios.reckoning.held import about
from replays.scenarios.reckoning.orders import Kept
from replays.scenarios.reckoning.turns import Turn, hold_each
from replays.scenarios.run import Run
from replays.scenarios.scenario import SECOND_NS

PRICES = (QuoteUpdated, MarkUpdated, TradePrinted)
MONEY = (OrderFilled, FundingPaid, TransferRecorded)
LIVE = ("open", "partly_filled")


def _each(phrase: str, name: str, wrong: Callable[[Turn], Iterator[str]]) -> Expectation:
    def check(run: Run) -> None:
        hold_each(run, wrong)

    return Expectation(phrase, name, check)


def doubts_are_pursued(phrase: str) -> Expectation:
    """An order whose fate is not known is always being asked about, sent again, or given up."""
    return _each(phrase, "whatever is in doubt is being asked about", _doubts)


def limits_trip(phrase: str) -> Expectation:
    """What passes a limit by itself trips its guard at that moment, with its number, and not before."""
    return _each(phrase, "whatever passes a limit trips at once and nothing else does", _limits)


def mode_follows(phrase: str) -> Expectation:
    """The mode is what halts and restrictions say, and what may not work any more is taken back."""
    return _each(phrase, "the mode follows from halts and restrictions and orders from the mode", _mode)


def people_are_told(phrase: str) -> Expectation:
    """There is one alert for each thing that a person has to know, and none besides."""
    return _each(phrase, "a person is told of each thing once and of nothing else", _told)


def reports_are_compared(phrase: str) -> Expectation:
    """The venue is asked when there is a reason, and every difference is found and repaired."""
    return _each(phrase, "the venue is asked when there is a reason and every difference is repaired", _compared)


def waits_are_as_set(phrase: str) -> Expectation:
    """Every wait is as long as the settings say, growing with each failure."""
    return _each(phrase, "every wait is as long as the settings say", _waits)


def commands_are_answered(phrase: str) -> Expectation:
    """Every command is answered once: applied, or refused for a reason that holds."""
    return _each(phrase, "every command is applied or refused for a reason that holds", _commands)


def _may_write(turn: Turn) -> bool:
    return not turn.books.conditions.tripped.keys() & {CREDENTIALS, READ_ONLY_KEY}


def _locked_out(turn: Turn) -> bool:
    return CREDENTIALS in turn.books.conditions.tripped


# --- orders in doubt --------------------------------------------------------------------------------------------------


def _doubts(turn: Turn) -> Iterator[str]:
    due = turn.books.timers.due
    for key, order in turn.books.orders.by_id.items():
        if order.status == "waiting" and f"retry:{key}" not in due and not _locked_out(turn):
            yield f"order {key} waits to be sent again, and nothing will send it"
        if order.status == "unknown" and not _locked_out(turn):
            if key not in turn.asked and f"lookup:{key}" not in due:
                yield f"what became of order {key} is not known, and nobody asks"
        if order.cancel_requested and order.status in LIVE and _may_write(turn):
            if f"cancel {key}" not in turn.asked and f"cancel:{key}" not in due and key not in turn.asked:
                yield f"order {key} is to be canceled, and nobody asks for it"
    yield from _cancels_again(turn)
    yield from _asked_twice(turn)
    yield from _questions(turn)
    yield from _sent_again(turn)


def _cancels_again(turn: Turn) -> Iterator[str]:
    """A cancel that came to nothing is asked for again after a wait, as long as the order works."""
    event = turn.event
    unread = isinstance(event, ReplyNotUnderstood) and event.call == "cancel"
    if not unread and not isinstance(event, (CancelRejected, CancelOutcomeUnknown)):
        return
    key = event.key if isinstance(event, ReplyNotUnderstood) else event.client_order_id
    order = turn.books.orders.of(key)
    if (
        order is not None
        and order.status in WORKING
        and _may_write(turn)
        and f"cancel:{key}" not in turn.books.timers.due
    ):
        yield f"the cancel of order {key} came to nothing, and will not be asked for again"


def _asked_twice(turn: Turn) -> Iterator[str]:
    for kind in (OrderLookupRequested, CancelRequested, OrderResubmitted, OrderAbandoned):
        for key, times in Counter(event.client_order_id for event in turn.decided(kind)).items():
            if times > 1:
                yield f"{kind.__name__} of {key} {times} times in a turn"


def _questions(turn: Turn) -> Iterator[str]:
    """A lookup asks about an order in doubt, one that a report does not list, or one whose cancel was refused."""
    for asked in turn.decided(OrderLookupRequested):
        order = turn.books.orders.of(asked.client_order_id)
        if order is None:
            yield f"an order {asked.client_order_id} is asked about that is not known"
        elif asked.attempt != order.lookups:
            yield f"lookup {asked.attempt} of {asked.client_order_id} is its {order.lookups}th"
        if _locked_out(turn):
            yield "an order is asked about although the venue refuses the key"
    for asked in turn.decided(CancelRequested):
        order = turn.books.orders.of(asked.client_order_id)
        if order is None or order.status not in WORKING or order.status == "waiting":
            yield f"a cancel of {asked.client_order_id} is asked for, which does not work at the venue"
        if not _may_write(turn):
            yield "a cancel is asked for although the venue refuses the key"


def _sent_again(turn: Turn) -> Iterator[str]:
    """What did not reach the venue goes out again while it is wanted, and is given up otherwise."""
    settings, at_ns = turn.books.settings.orders, turn.told.at_ns
    for again in turn.decided(OrderResubmitted):
        order = turn.books.orders.of(again.client_order_id)
        if order is None:
            yield f"order {again.client_order_id} is sent again and not known"
            continue
        fresh = at_ns - order.requested_at_ns <= settings.signal_ttl_s * SECOND_NS
        if again.attempt > settings.attempts_max or order.cancel_requested:
            yield f"order {again.client_order_id} is sent a {again.attempt}th time"
        if not order.asked.reduce_only and not (fresh and turn.books.conditions.mode == "normal"):
            yield f"order {again.client_order_id} is sent again, though it is not wanted any more"
    event = turn.event
    if isinstance(event, OrderSubmissionFailed) and event.retryable:
        order = turn.books.orders.of(event.client_order_id)
        if order is not None and order.status == "abandoned" and _wanted(turn, order):
            yield f"order {event.client_order_id} is given up, though it is wanted"


def _wanted(turn: Turn, order: Kept) -> bool:
    settings = turn.books.settings.orders
    if order.attempts >= settings.attempts_max or order.cancel_requested:
        return False
    fresh = turn.told.at_ns - order.requested_at_ns <= settings.signal_ttl_s * SECOND_NS
    return order.asked.reduce_only or (turn.before.mode == "normal" and fresh and not turn.decided(ModeChanged))


# --- limits -----------------------------------------------------------------------------------------------------------


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
    if isinstance(event, FAILURES) and breaker is not None and len(kept.failures) >= breaker.failures:
        if "error_rate" not in kept.tripped:
            yield f"{len(kept.failures)} calls failed, and the circuit breaker is closed"
    if isinstance(event, PRICES):
        yield from _prices(turn, event.symbol)
    for trip in turn.decided(GuardTripped):
        yield from _trip(turn, trip)
    for clear in turn.decided(GuardCleared):
        yield from _clear(turn, clear)


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
            measured = Decimal(turn.told.at_ns - heard.heard_at_ns) / SECOND_NS
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
        yield f"{trip.guard} trips at {trip.measured:f} of {trip.limit:f} into {trip.mode}, not at {measured:f} of {limit:f}"
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
            over = books.settings.guards.daily_loss_limit is None
            for trip in (books.conditions.tripped.get("daily_loss"),):
                over = over or trip is None
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


# --- modes ------------------------------------------------------------------------------------------------------------


def _mode(turn: Turn) -> Iterator[str]:
    kept = turn.books.conditions
    mode = "halted" if kept.halts else "reduce_only" if kept.restricted else "normal"
    if mode != kept.mode:
        yield f"the mode is {kept.mode}, and has to be {mode}"
    changes = turn.decided(ModeChanged)
    halt_id = turn.before.last_halt
    mode_before = turn.before.mode
    for change in changes:
        if change.previous != mode_before:
            yield f"the mode changes from {change.previous}, and was {mode_before}"
        mode_before = change.mode
        halt_id += change.mode == "halted"
        if change.halt_id != (halt_id if change.mode == "halted" else 0):
            yield f"{change.mode} has the number {change.halt_id}"
        if not change.reason:
            yield "the mode changes for no reason"
    yield from _taken_back(turn)
    yield from _left_alone(turn)


def _restricts(turn: Turn) -> Iterator[tuple[str, Callable[[Kept], bool]]]:
    """What this turn takes back, and which orders that is."""
    event = turn.event
    if any(change.mode == "halted" for change in turn.decided(ModeChanged)):
        yield "a halt", lambda order: order.purpose != "flatten"
    applied = [done.command for done in turn.decided(CommandApplied)]
    if {"cancel_all", "flatten"} & set(applied):
        yield "a command", lambda order: order.purpose != "flatten"
    entered = [change for change in turn.decided(ModeChanged) if change.mode == "reduce_only"]
    if {"pause", "reduce_only"} & set(applied) or (entered and turn.before.mode == "normal"):
        yield "a restriction", lambda order: not order.asked.reduce_only
    if isinstance(event, TimerFired):
        for trip in turn.decided(GuardTripped, guard="staleness"):
            yield (
                "silence",
                lambda order, symbol=trip.symbol: order.asked.symbol == symbol and not order.asked.reduce_only,
            )
    if isinstance(event, ConnectionLost) and event.channel == "market" and turn.decided(TimerSet):
        if not turn.books.conditions.outages["market"][1]:
            yield "an outage", lambda order: not order.asked.reduce_only
    cancels = turn.books.settings.orders.on_trading_halt == "cancel"
    if isinstance(event, TradingStatusChanged) and event.status in ("halted", "closed") and cancels:
        yield "a trading halt", lambda order: order.asked.symbol == event.symbol


def _taken_back(turn: Turn) -> Iterator[str]:
    working = {key: order for key, order in turn.books.orders.by_id.items() if order.status in WORKING}
    for why, concerns in _restricts(turn):
        for key, order in working.items():
            if concerns(order) and not order.cancel_requested and _may_write(turn):
                yield f"{why} leaves order {key} working"
            if concerns(order) and order.status == "waiting":
                yield f"{why} leaves order {key} to be sent again"
    event = turn.event
    if isinstance(event, OrderAccepted) and turn.books.conditions.mode == "halted":
        order = turn.books.orders.of(event.client_order_id)
        if order is not None and order.purpose != "flatten" and order.status in WORKING and _may_write(turn):
            if not order.cancel_requested:
                yield f"order {event.client_order_id} is taken by the venue while halted, and not canceled"


def _left_alone(turn: Turn) -> Iterator[str]:
    """A cancel has a reason in the turn: a restriction, an answer about the order itself, or its own timer."""
    event = turn.event
    kinds = list(_restricts(turn))
    again = isinstance(event, (SessionStarted, CredentialsLoaded, OrderLookedUp, TimerFired))
    if isinstance(event, (AccountReported, OrderAccepted)):
        kinds.append(
            ("being halted", lambda order: turn.books.conditions.mode == "halted" and order.purpose != "flatten")
        )
    for asked in turn.decided(CancelRequested):
        order = turn.books.orders.of(asked.client_order_id)
        if order is None or again:
            continue
        dropped = (
            order.asked.symbol in turn.books.markets.by_symbol
            and not turn.books.markets.of(order.asked.symbol).followed
        )
        if not dropped and not any(concerns(order) for _, concerns in kinds):
            yield f"order {asked.client_order_id} is canceled for no reason"


# --- alerts -----------------------------------------------------------------------------------------------------------


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
        elif (change.mode == "reduce_only" and change.cause not in (*BY_COMMAND.values(), "resume")) or (
            change.mode == "reduce_only" and not turn.decided(CommandApplied)
        ):
            yield "warning"
    for trip in turn.decided(GuardTripped):
        if trip.guard in (READ_ONLY_KEY, PERMISSION):
            yield "critical"
    for given_up in turn.decided(OrderAbandoned):
        if not any(given_up.reason == reason for reason in _restrictions(turn)):
            yield "warning"
    if books.stranger_version == turn.told.version and books.stranger_version != turn.before.stranger_version:
        if isinstance(event, (OrderFilled, AccountReported)):
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
        case ReplyNotUnderstood() if turn.before.misread == 0:
            yield "warning"
        case StrategyFailed():
            yield "critical"
        case TaskCrashed() if sum(task == event.task for _, task in books.conditions.crashes) > 1:
            yield "warning"
        case ConnectionLost() if turn.decided(TimerSet) and not books.conditions.outages[event.channel][1]:
            yield "warning"
        case ConnectionRestored() if event.channel in turn.before.lost:
            yield "info"
        case AccountReported() if turn.before.known and turn.decided(DriftDetected):
            yield "warning"
        case _:
            pass


def _restrictions(turn: Turn) -> Iterator[str]:
    """The reasons with which this turn takes orders back, which are told by themselves."""
    for change in turn.decided(ModeChanged):
        yield f"halted by {change.cause}"
    yield "only reducing orders are allowed"
    for done in turn.decided(CommandApplied):
        yield f"{done.actor}: {done.reason}"
    for trip in turn.decided(GuardTripped):
        yield trip.reason
    yield "the market connection is lost"
    event = turn.event
    if isinstance(event, TradingStatusChanged):
        yield f"{event.symbol} is {event.status}: {event.reason}"
    for symbol in turn.books.markets.by_symbol:
        yield f"{symbol} is no longer followed"


# --- the comparison with the venue ------------------------------------------------------------------------------------


def _compared(turn: Turn) -> Iterator[str]:
    event = turn.event
    asked = turn.decided(ReconciliationRequested)
    for number, request in enumerate(asked, turn.before.asked + 1):
        if request.request_id != f"reconciliation-{number}":
            yield f"a comparison is called {request.request_id}"
    if len(asked) > 1:
        yield "the venue is asked twice in a turn"
    still = turn.before.pending if not isinstance(event, SessionStarted) else ""
    if asked and ((still and turn.books.conditions.pending != still) or _locked_out(turn)) and not _freed(turn):
        yield "the venue is asked again before it has answered"
    if _reason_to_ask(turn) and not asked and not still and not _locked_out(turn):
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
    if listed - {key for key, order in orders.by_id.items() if order.status in WORKING}:
        yield "an order that works at the venue is not known afterwards"
    if working - listed - lost:
        yield "an order that the venue does not list is taken to work"
    drifts = turn.decided(DriftDetected)
    for drift, repair in zip(drifts, turn.decided(DriftRepaired), strict=True):
        if (drift.subject, drift.key, drift.theirs) != (repair.subject, repair.key, repair.value):
            yield "a repair is not what was found"
        if drift.ours == drift.theirs or not drift.evidence:
            yield f"a difference of {drift.key} is none"
    differences = len(drifts) + len(turn.decided(ExternalOrderAdopted)) + len(questions)
    settle_ns = turn.books.settings.reconciliation.settle_s * SECOND_NS
    expected = report.request_id, differences, max(0, turn.told.at_ns - settle_ns)
    if expected != (done[0].request_id, done[0].differences, done[0].settled_before_ns):
        yield f"the comparison says {done[0]}, and has to say {expected}"


# --- waits ------------------------------------------------------------------------------------------------------------


def _waits(turn: Turn) -> Iterator[str]:
    for timer in turn.decided(TimerSet):
        kind, _, key = timer.timer_id.partition(":")
        wait_ns = timer.due_at_ns - turn.told.at_ns
        expected = _wait(turn, kind, key)
        if expected is not None and wait_ns != expected:
            yield f"{timer.timer_id} waits {wait_ns / SECOND_NS} s, and has to wait {expected / SECOND_NS} s"
        if not timer.reason:
            yield f"{timer.timer_id} waits for no reason"


def _wait(turn: Turn, kind: str, key: str) -> int | None:
    """How long a wait has to be, in ns; None where something else decides."""
    event, settings = turn.event, turn.books.settings
    orders, guards = settings.orders, settings.guards
    order = turn.books.orders.of(key)
    if isinstance(event, CallThrottled):
        return event.retry_after_ns
    if _first_refusal(turn):
        return 0
    match kind:
        case "retry" if order is not None and isinstance(event, OrderSubmissionFailed):
            growing = min(orders.backoff_s * 2 ** (order.attempts - 1), orders.backoff_max_s) * SECOND_NS
            return max(growing, event.retry_after_ns or 0)
        case "lookup" if order is not None:
            if isinstance(event, OrderLookedUp) and not event.found and turn.books.conditions.session is not None:
                return order.sent_at_ns + turn.books.conditions.session.settle_ns - turn.told.at_ns
            return min(orders.lookup_s * 2**order.lookups, orders.backoff_max_s) * SECOND_NS
        case "reconnect":
            attempts = turn.books.conditions.outages[key][1]
            return int(min(orders.backoff_s * 2**attempts, orders.backoff_max_s)) * SECOND_NS
        case "reconcile":
            return settings.reconciliation.retry_s * SECOND_NS
        case "errors" if guards.errors is not None:
            return guards.errors.cooldown_s * SECOND_NS
        case "calm" if guards.volatility is not None:
            return guards.volatility.cooldown_s * SECOND_NS
        case _:
            return None


def _first_refusal(turn: Turn) -> bool:
    """Whether the venue refused the key for the first time: that is tried again at once."""
    refusals = (OrderSubmissionFailed, OrderLookupFailed, CancelRejected, AccountQueryFailed)
    event = turn.event
    return isinstance(event, refusals) and event.code == UNAUTHORIZED and turn.books.conditions.unauthorised == 1


# --- commands and refusals --------------------------------------------------------------------------------------------


def _commands(turn: Turn) -> Iterator[str]:
    event = turn.event
    if isinstance(event, OperatorCommandReceived):
        yield from _command(turn, event)
    elif turn.decided(CommandApplied) or turn.decided(CommandRefused):
        yield "a command is answered that nobody gave"
    code = getattr(event, "code", "")
    tripped = turn.books.conditions.tripped
    if code == UNAUTHORIZED and turn.books.conditions.unauthorised > 1 and CREDENTIALS not in tripped:
        yield "the venue refuses the key again, and the bot goes on with it"
    if code == PERMISSION_DENIED and not tripped.keys() & {READ_ONLY_KEY, CREDENTIALS}:
        yield "the key may not trade, and the bot goes on trying"
    if code == ENDPOINT_GONE and turn.books.conditions.mode != "halted":
        yield "the venue does not offer what was asked any more, and the bot goes on"
    if code == FUTURES_NOT_PERMITTED and isinstance(event, (OrderRejected, OrderSubmissionFailed)):
        order = turn.books.orders.of(event.client_order_id)
        if order is not None and f"{PERMISSION}:{order.asked.symbol}" not in tripped:
            yield "the account may not trade the symbol, and the bot goes on trying"


def _command(turn: Turn, event: OperatorCommandReceived) -> Iterator[str]:
    applied, refused = turn.decided(CommandApplied), turn.decided(CommandRefused)
    answer: Any = (applied + refused or [None])[0]
    if len(applied) + len(refused) != 1 or answer is None:
        yield f"{event.command} has {len(applied) + len(refused)} answers"
        return
    if (answer.command_id, answer.command, answer.actor) != (event.command_id, event.command, event.actor):
        yield "the answer is to another command"
    why = _refusal(turn, event)
    if bool(refused) != bool(why):
        yield f"{event.command} is {'refused' if refused else 'applied'}, though {why or 'there is no reason to'}"
    kept = turn.books.conditions
    if applied and event.command == "halt" and "operator" not in kept.halts:
        yield "a halt does not hold"
    if applied and event.command == "resume" and (kept.halts or kept.restricted.keys() & {"pause", "operator"}):
        yield "a resume lifts nothing"
    told = turn.decided(ModeChanged)
    if applied and event.command in ("pause", "flatten", "reduce_only") and turn.before.mode != "halted" and not told:
        yield f"{event.command} is not told"


def _refusal(turn: Turn, event: OperatorCommandReceived) -> str:
    late = event.expires_at_ns is not None and turn.told.at_ns > event.expires_at_ns
    if turn.books.conditions.commands[event.command_id] != turn.told.version:
        return "it was answered before"
    if late and event.command not in ("pause", "reduce_only", "halt"):
        return "it had expired"
    if event.command != "resume":
        return ""
    if not event.actor.strip() or not event.reason.strip() or _was(turn, CREDENTIALS):
        return "it says nothing, or is of no use"
    if turn.before.mode == "halted":
        return "" if event.halt_id == turn.before.last_halt else "it names another halt"
    if event.halt_id:
        return "its halt is over"
    return "" if turn.before.restricted & {"pause", "operator"} else "there is nothing to lift"


def _was(turn: Turn, guard: str) -> bool:
    return guard in turn.before.tripped
