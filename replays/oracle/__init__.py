"""The oracle: what a run must have come to, worked out anew from its tape by plain rules, for expectations to compare.

The bot's fold keeps running figures and touches as little as it can; the books here add everything up again. Neither
uses the other: a mistake in one is a difference between the two.
"""

from perptape.replays.evidence.expectation import Expectation
from perptape.replays.oracle.alerts import people_are_told
from perptape.replays.oracle.commands import commands_are_answered
from perptape.replays.oracle.comparisons import reports_are_compared
from perptape.replays.oracle.doubts import doubts_are_pursued
from perptape.replays.oracle.held import (
    conditions_are_as_told,
    markets_are_as_heard,
    money_adds_up,
    orders_are_as_reported,
    parts_add_up,
    states_are_rebuilt,
    timers_fire_when_due,
)
from perptape.replays.oracle.limits import limits_trip
from perptape.replays.oracle.modes import mode_follows
from perptape.replays.oracle.ordered import orders_are_measured
from perptape.replays.oracle.pursued import signals_are_pursued
from perptape.replays.oracle.waits import waits_are_as_set

__all__ = [
    "commands_are_answered",
    "conditions_are_as_told",
    "doubts_are_pursued",
    "everything",
    "limits_trip",
    "markets_are_as_heard",
    "mode_follows",
    "money_adds_up",
    "orders_are_as_reported",
    "orders_are_measured",
    "parts_add_up",
    "people_are_told",
    "reports_are_compared",
    "signals_are_pursued",
    "states_are_rebuilt",
    "timers_fire_when_due",
    "waits_are_as_set",
]

_ALL = (
    commands_are_answered,
    conditions_are_as_told,
    doubts_are_pursued,
    limits_trip,
    markets_are_as_heard,
    mode_follows,
    money_adds_up,
    orders_are_as_reported,
    orders_are_measured,
    parts_add_up,
    people_are_told,
    reports_are_compared,
    signals_are_pursued,
    states_are_rebuilt,
    timers_fire_when_due,
    waits_are_as_set,
)


def everything(phrase: str) -> tuple[Expectation, ...]:
    """All of them, behind one phrase: for a busy session."""
    return tuple(expectation(phrase) for expectation in _ALL)
