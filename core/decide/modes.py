"""Modes: what halts the bot, what restricts it to reducing orders, and what lifts that again."""

from collections.abc import Iterator
from decimal import Decimal

from perptape.core.access import may_write
from perptape.core.decide.alerts import alert
from perptape.core.events import (
    CancelRequested,
    Decision,
    GuardCleared,
    GuardTripped,
    Mode,
    ModeChanged,
    OrderAbandoned,
)
from perptape.core.events.causes import Cause, GuardName
from perptape.core.events.reason import Reason
from perptape.core.order import Order
from perptape.core.state import State, trip_key

_UNRESTRICTED: tuple[Cause, Reason] = ("", Reason("unrestricted"))


def halt(state: State, cause: Cause, reason: Reason) -> Iterator[Decision]:
    """Stop: nothing is placed, every working order is canceled, a person is told. A second cause adds to the first."""
    if cause in state.halts:
        return
    yield ModeChanged(previous=state.mode, mode="halted", cause=cause, halt_id=state.halt_ordinal + 1, reason=reason)
    yield from cancel_all(state, Reason("halted_by", names={"cause": cause}))
    yield alert(state, "critical", "halted", reason, subject=cause, halt_id=state.halt_ordinal)


def settle_mode(state: State) -> Iterator[Decision]:
    """Let the mode follow the restrictions. A halt stays until a person resumes or its guard clears."""
    if state.halts:
        return
    mode: Mode = "reduce_only" if state.restricted else "normal"
    if mode == state.mode:
        return
    cause, reason = next(iter(state.restricted.items()), _UNRESTRICTED)
    yield ModeChanged(previous=state.mode, mode=mode, cause=cause, halt_id=0, reason=reason)
    if mode == "reduce_only":
        yield from cancel_increasing(state, Reason("reduce_only_mode"))
        yield alert(state, "warning", "reduce_only", reason, subject=cause)


def trip(
    state: State, guard: GuardName, symbol: str, *, measured: Decimal, limit: Decimal, mode: Mode, reason: Reason
) -> Iterator[Decision]:
    """A guard's limit was passed: say so once, and let the mode follow."""
    if trip_key(guard, symbol) in state.tripped:
        return
    yield GuardTripped(guard=guard, symbol=symbol, measured=measured, limit=limit, mode=mode, reason=reason)
    if mode == "halted":
        yield from halt(state, guard, reason)
    else:
        yield from settle_mode(state)


def clear(state: State, guard: GuardName, symbol: str, reason: Reason) -> Iterator[Decision]:
    """A tripped guard is satisfied again."""
    if trip_key(guard, symbol) in state.tripped:
        yield GuardCleared(guard=guard, symbol=symbol, reason=reason)
        yield from settle_mode(state)


def cancel(state: State, orders: list[Order], reason: Reason) -> Iterator[Decision]:
    """Cancel these, each once. One that waits to be sent again is not at the venue: it is only given up.

    While the venue refuses the key nothing can be canceled, and nothing is asked.
    """
    for order in orders:
        if order.status == "waiting":
            yield OrderAbandoned(client_order_id=order.client_order_id, reason=reason)
        elif not order.cancel_requested and may_write(state):
            yield CancelRequested(client_order_id=order.client_order_id, reason=reason)


def cancel_all(state: State, reason: Reason) -> Iterator[Decision]:
    """Cancel every working order."""
    yield from cancel(state, list(state.orders.values()), reason)


def cancel_increasing(state: State, reason: Reason, symbol: str = "") -> Iterator[Decision]:
    """Cancel the working orders (of one symbol) that are not reduce-only."""
    orders = [order for order in state.orders.values() if not order.reduce_only and symbol in ("", order.symbol)]
    yield from cancel(state, orders, reason)
