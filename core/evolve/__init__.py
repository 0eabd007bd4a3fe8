"""evolve(state, event): the fold. Total: it decides nothing, rejects nothing, and changes the state in place."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from perptape.core.account import set_baselines
from perptape.core.durations import DAY_NS
from perptape.core.evolve.accounts import ACCOUNT_FOLDS
from perptape.core.evolve.calls import CALL_FOLDS
from perptape.core.evolve.control import CONTROL_FOLDS
from perptape.core.evolve.orders import ORDER_FOLDS
from perptape.core.evolve.prices import PRICE_FOLDS, watch_quote
from perptape.core.evolve.register import table_of
from perptape.core.evolve.safety import SAFETY_FOLDS
from perptape.core.position import Result
from perptape.core.state import State

FOLDS = table_of(PRICE_FOLDS, ORDER_FOLDS, ACCOUNT_FOLDS, CONTROL_FOLDS, CALL_FOLDS, SAFETY_FOLDS)
"""The one fold of every event type; a test holds it complete against the vocabulary."""


class PlacedEvent(Protocol):
    """An event with its place on the tape."""

    version: int
    at_ns: int
    data: Any


def evolve(state: State, event: Any, version: int, at_ns: int) -> None:
    """Fold one event of the tape: observation or decision, with its version and time of receipt in ns.

    Run inside `perptape.core.money.arithmetic()`. Raises StrategyRaisedError when a strategy's `update` raises; the
    state is then of no use and is rebuilt.
    """
    begin(state, version, at_ns)
    FOLDS[type(event)](state, event)


def begin(state: State, version: int, at_ns: int) -> None:
    """What comes before the fold of any event: its place on the tape, and the UTC day that it may begin."""
    state.version = version
    state.at_ns = at_ns
    if at_ns >= state.account.day_end_ns:
        turn_day(state, at_ns)


Folds = Mapping[type[Any], Callable[[State, Any], object]]
"""Folds by event type."""


def evolve_all(state: State, events: Iterable[PlacedEvent], folds: Folds = FOLDS) -> None:
    """Fold these events of the tape, in order; the same as `evolve` on each, for folding many."""
    for event in events:
        at_ns = event.at_ns
        state.version = event.version
        state.at_ns = at_ns
        if at_ns >= state.account.day_end_ns:
            turn_day(state, at_ns)
        data = event.data
        folds[type(data)](state, data)


def turn_day(state: State, at_ns: int) -> None:
    """Begin a UTC day: its figures are zero and its losses count from the equity at this moment."""
    account = state.account
    account.day = Result()
    account.day_end_ns = (at_ns // DAY_NS + 1) * DAY_NS
    account.day_start_equity = account.equity
    guards = state.settings.guards
    set_baselines(account, guards.daily_loss_limit, guards.drawdown_limit)


__all__ = ["FOLDS", "Folds", "begin", "evolve", "evolve_all", "turn_day", "watch_quote"]
