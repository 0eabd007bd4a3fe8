"""Answers to operators: each command has its own meaning, and each is answered on the tape."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from core.decide.modes import cancel_all, cancel_increasing, clear, halt, settle_mode
from core.decide.placing import place
from core.events import CommandApplied, CommandRefused, Decision, Mode, ModeChanged, OperatorCommandReceived
from core.evolve.safety import OPERATOR, PAUSE, RESUME
from core.state import State

LASTING = frozenset(("pause", "reduce_only", "halt"))
"""Protection outlives its expiry: what a person wanted safe stays safe when the message was late."""


def _commanded(state: State, event: OperatorCommandReceived) -> Iterator[Decision]:
    why = _refusal(state, event)
    if why:
        yield CommandRefused(command_id=event.command_id, command=event.command, actor=event.actor, why=why)
        return
    yield CommandApplied(
        command_id=event.command_id, command=event.command, actor=event.actor, reason=event.reason
    )
    reason = f"{event.actor}: {event.reason}"
    match event.command:
        case "pause":
            yield from _restrict(state, PAUSE, reason)
        case "reduce_only":
            yield from _restrict(state, OPERATOR, reason)
        case "halt":
            yield from halt(state, OPERATOR, reason)
        case "cancel_all":
            yield from cancel_all(state, reason)
        case "flatten":
            yield from _flatten(state, reason)
        case "resume":
            yield from _resume(state, reason)


def _refusal(state: State, event: OperatorCommandReceived) -> str:
    expired = event.expires_at_ns is not None and state.at_ns > event.expires_at_ns
    if expired and event.command not in LASTING:
        return "it expired before it arrived"
    if event.command != "resume":
        return ""
    if state.mode == "halted" and event.halt_id != state.halt_ordinal:
        return f"it answers halt {event.halt_id}, but the bot is held by halt {state.halt_ordinal}"
    if state.mode == "normal":
        return "nothing is paused, restricted or halted"
    return ""


def _restrict(state: State, cause: str, reason: str) -> Iterator[Decision]:
    if state.mode == "halted":
        return
    yield ModeChanged(previous=state.mode, mode="reduce_only", cause=cause, halt_id=0, reason=reason)
    yield from cancel_increasing(state, reason)


def _flatten(state: State, reason: str) -> Iterator[Decision]:
    """Cancel everything, close every position, and stay out until a person resumes."""
    yield from _restrict(state, PAUSE, reason)
    yield from cancel_all(state, reason)
    for symbol, position in list(state.positions.items()):
        yield from place(state, state.markets[symbol], "", -position.size, "flatten")


def _resume(state: State, reason: str) -> Iterator[Decision]:
    """Lift halts and the operators' own restrictions; those of guards that still hold stay."""
    for tripped in list(state.tripped.values()):
        if tripped.mode == "halted":
            yield from clear(state, tripped.guard, tripped.symbol, reason)
    guards = [cause for cause in state.restricted if cause not in (PAUSE, OPERATOR)]
    mode: Mode = "reduce_only" if guards else "normal"
    yield ModeChanged(previous=state.mode, mode=mode, cause=RESUME, halt_id=0, reason=reason)
    yield from settle_mode(state)


COMMAND_DECISIONS: dict[type[Any], Callable[[State, Any], Iterable[Decision]]] = {OperatorCommandReceived: _commanded}
