"""Folds of protection: guards that trip and clear, and the mode that follows from them."""

from collections.abc import Mapping
from typing import Final

from perptape.core.account import set_baselines
from perptape.core.events import GuardCleared, GuardTripped, ModeChanged
from perptape.core.events.causes import Cause
from perptape.core.evolve.register import fold
from perptape.core.state import Halt, State, Trip, trip_key

PAUSE: Final = "pause"
OPERATOR: Final = "operator"
RESUME: Final = "resume"
OPERATOR_RESTRICTIONS: tuple[Cause, ...] = (PAUSE, OPERATOR)
RESTRICTING_COMMANDS: Mapping[str, Cause] = {"pause": PAUSE, "flatten": PAUSE, "reduce_only": OPERATOR}
"""The cause under which a command restricts the bot until a person resumes."""


def _tripped(state: State, event: GuardTripped) -> None:
    key = trip_key(event.guard, event.symbol)
    state.tripped[key] = Trip(
        guard=event.guard,
        symbol=event.symbol,
        mode=event.mode,
        at_ns=state.at_ns,
        day_end_ns=state.account.day_end_ns,
        reason=event.reason,
    )
    if event.mode == "reduce_only":
        state.restricted[event.guard] = event.reason


def _cleared(state: State, event: GuardCleared) -> None:
    state.tripped.pop(trip_key(event.guard, event.symbol), None)
    state.restricted.pop(event.guard, None)
    state.halts.pop(event.guard, None)
    if event.guard == "drawdown":
        _measure_anew(state)
    elif event.guard == "error_rate":
        state.error_times = []


def _measure_anew(state: State) -> None:
    """After a person resumed, drawdown counts from the equity of that moment."""
    account, guards = state.account, state.settings.guards
    account.peak_equity = account.equity
    set_baselines(account, guards.daily_loss_limit, guards.drawdown_limit)


def _mode_changed(state: State, event: ModeChanged) -> None:
    state.mode = event.mode
    if event.mode == "halted":
        state.halt_ordinal = event.halt_id
        state.halts[event.cause] = Halt(halt_id=event.halt_id, cause=event.cause, reason=event.reason)
    elif event.cause == RESUME:
        state.halts = {}
        for cause in OPERATOR_RESTRICTIONS:
            state.restricted.pop(cause, None)


SAFETY_FOLDS = (
    fold(GuardTripped, _tripped),
    fold(GuardCleared, _cleared),
    fold(ModeChanged, _mode_changed),
)
