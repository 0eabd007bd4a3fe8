"""Modes: what halts and restricts the bot, and which orders that takes back."""

from collections.abc import Callable, Iterator

from perptape.core.events import (
    AccountReported,
    CancelRequested,
    CommandApplied,
    ConnectionLost,
    CredentialsLoaded,
    GuardTripped,
    ModeChanged,
    OrderAccepted,
    OrderLookedUp,
    SessionStarted,
    TimerFired,
    TradingStatusChanged,
)
from perptape.core.order import WORKING
from perptape.core.wording import sentence
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.oracle.orders import Kept
from perptape.replays.oracle.turns import Turn, each_turn, is_news, may_write


def mode_follows(phrase: str) -> Expectation:
    """The mode is what halts and restrictions say, and what may not work any more is taken back."""
    return each_turn(phrase, "the mode follows from halts and restrictions and orders from the mode", _mode)


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
        if not sentence(change.reason):
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
        silent = {trip.symbol for trip in turn.decided(GuardTripped, guard="staleness")}
        yield "silence", lambda order: order.asked.symbol in silent and not order.asked.reduce_only
    if isinstance(event, ConnectionLost) and event.channel == "market" and is_news(turn, event):
        yield "an outage", lambda order: not order.asked.reduce_only
    cancels = turn.books.settings.orders.on_trading_halt == "cancel"
    if isinstance(event, TradingStatusChanged) and event.status in ("halted", "closed") and cancels:
        yield "a trading halt", lambda order: order.asked.symbol == event.symbol


def _taken_back(turn: Turn) -> Iterator[str]:
    working = {key: order for key, order in turn.books.orders.by_id.items() if order.status in WORKING}
    for why, concerns in _restricts(turn):
        for key, order in working.items():
            if concerns(order) and not order.cancel_requested and may_write(turn):
                yield f"{why} leaves order {key} working"
            if concerns(order) and order.status == "waiting":
                yield f"{why} leaves order {key} to be sent again"
    event = turn.event
    if isinstance(event, OrderAccepted) and turn.books.conditions.mode == "halted":
        taken = working.get(event.client_order_id)
        if taken is not None and taken.purpose != "flatten" and not taken.cancel_requested and may_write(turn):
            yield f"order {event.client_order_id} is taken by the venue while halted, and not canceled"


def _left_alone(turn: Turn) -> Iterator[str]:
    """A cancel has a reason in the turn: a restriction, an answer about the order itself, or its own timer."""
    event = turn.event
    kinds = list(_restricts(turn))
    again = isinstance(event, (SessionStarted, CredentialsLoaded, OrderLookedUp, TimerFired))
    if isinstance(event, (AccountReported, OrderAccepted)):
        halted = turn.books.conditions.mode == "halted"
        kinds.append(("being halted", lambda order: halted and order.purpose != "flatten"))
    for asked in turn.decided(CancelRequested):
        order = turn.books.orders.of(asked.client_order_id)
        if order is None or again:
            continue
        dropped = not turn.books.markets.of(order.asked.symbol).followed
        if not dropped and not any(concerns(order) for _, concerns in kinds):
            yield f"order {asked.client_order_id} is canceled for no reason"
