"""Reckoning: what a run must have come to, worked out anew from its tape by plain rules, for expectations to compare.

The bot's fold keeps running figures and touches as little as it can; the books here add everything up again. Neither
uses the other: a mistake in one is a difference between the two.
"""

from replays.scenarios.reckoning.held import (
    conditions_are_as_told,
    markets_are_as_heard,
    money_adds_up,
    orders_are_as_reported,
    parts_add_up,
    timers_fire_when_due,
)

__all__ = [
    "conditions_are_as_told",
    "markets_are_as_heard",
    "money_adds_up",
    "orders_are_as_reported",
    "parts_add_up",
    "timers_fire_when_due",
]
