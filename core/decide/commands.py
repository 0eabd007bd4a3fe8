"""Answers to operators: each command has its own meaning, and each is answered on the tape."""

from collections.abc import Iterator
from decimal import Decimal
from typing import assert_never

from perptape.core.access import is_locked_out
from perptape.core.decide.modes import cancel_all, cancel_increasing, halt
from perptape.core.decide.placing import place
from perptape.core.decide.register import answer
from perptape.core.events import (
    CommandApplied,
    CommandRefused,
    Decision,
    GuardCleared,
    Mode,
    ModeChanged,
    OperatorCommandReceived,
)
from perptape.core.events.causes import Cause
from perptape.core.events.reason import Reason, operator_says
from perptape.core.evolve.safety import OPERATOR, PAUSE, RESUME
from perptape.core.money import ZERO
from perptape.core.order import is_taker, remaining, signed
from perptape.core.state import State, working_orders

LASTING = frozenset(("pause", "reduce_only", "halt"))
"""Protection outlives its expiry: what a person wanted safe stays safe when the message was late."""


def _commanded(state: State, event: OperatorCommandReceived) -> Iterator[Decision]:
    why = _refusal(state, event)
    if why is not None:
        yield CommandRefused(command_id=event.command_id, command=event.command, actor=event.actor, why=why)
        return
    yield CommandApplied(command_id=event.command_id, command=event.command, actor=event.actor, reason=event.reason)
    reason = operator_says(event.actor, event.reason)
    match event.command:
        case "pause":
            yield from _restrict(state, PAUSE, reason)
        case "reduce_only":
            yield from _restrict(state, OPERATOR, reason)
        case "halt":
            yield from halt(state, OPERATOR, reason)
            if event.flatten:
                yield from _close_all(state)
        case "cancel_all":
            yield from cancel_all(state, reason)
        case "flatten":
            yield from _flatten(state, reason)
        case "resume":
            yield from _resume(state, reason)
        case _:
            assert_never(event.command)


def _refusal(state: State, event: OperatorCommandReceived) -> Reason | None:
    if state.commands_seen[event.command_id] != state.version:
        return Reason("answered_before")
    expired = event.expires_at_ns is not None and state.at_ns > event.expires_at_ns
    if expired and event.command not in LASTING:
        return Reason("expired")
    return _refused_resume(state, event) if event.command == "resume" else None


def _refused_resume(state: State, event: OperatorCommandReceived) -> Reason | None:
    """A resume lifts what its sender knew of: the halt it names, or restrictions of operators."""
    if not event.actor.strip() or not event.reason.strip():
        return Reason("unsigned_resume")
    if is_locked_out(state):
        return Reason("credentials_refused")
    if state.mode == "halted":
        if event.halt_id == state.halt_ordinal:
            return None
        return Reason("other_halt", {"halt_id": Decimal(event.halt_id), "current": Decimal(state.halt_ordinal)})
    if event.halt_id:
        return Reason("halt_over", {"halt_id": Decimal(event.halt_id)})
    if PAUSE in state.restricted or OPERATOR in state.restricted:
        return None
    if state.restricted:
        return Reason("guards_restrict", names={"causes": " ".join(state.restricted)})
    return Reason("nothing_to_resume")


def _restrict(state: State, cause: Cause, reason: Reason) -> Iterator[Decision]:
    if state.mode != "halted":
        yield ModeChanged(previous=state.mode, mode="reduce_only", cause=cause, halt_id=0, reason=reason)
    yield from cancel_increasing(state, reason)


def _flatten(state: State, reason: Reason) -> Iterator[Decision]:
    """Cancel everything, close every position, and stay out until a person resumes."""
    yield from _restrict(state, PAUSE, reason)
    yield from cancel_all(state, reason)
    yield from _close_all(state)


def _close_all(state: State) -> Iterator[Decision]:
    """Close every position. An order that takes what is there trades before a cancel reaches it, so it counts."""
    for symbol, position in list(state.positions.items()):
        taking = sum(
            (signed(order.side, remaining(order)) for order in working_orders(state, symbol) if is_taker(order)), ZERO
        )
        yield from place(state, state.markets[symbol], "", -position.size - taking, "flatten")


def _resume(state: State, reason: Reason) -> Iterator[Decision]:
    """Lift halts and the operators' own restrictions; those of guards that still hold stay."""
    for tripped in list(state.tripped.values()):
        if tripped.mode == "halted":
            yield GuardCleared(guard=tripped.guard, symbol=tripped.symbol, reason=reason)
    guards = [cause for cause in state.restricted if cause not in (PAUSE, OPERATOR)]
    mode: Mode = "reduce_only" if guards else "normal"
    yield ModeChanged(previous=state.mode, mode=mode, cause=RESUME, halt_id=0, reason=reason)


COMMAND_DECISIONS = (answer(OperatorCommandReceived, _commanded),)
