"""Which fold belongs to which event: pairs that the type checker holds against each other."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from perptape.core.events import Event
from perptape.core.state import State

Folded = TypeVar("Folded", bound=Event)
Fold = tuple[type[Any], Callable[[State, Any], object]]
"""An event type with the fold of it, made by `fold`."""


def fold(kind: type[Folded], by: Callable[[State, Folded], object]) -> Fold:
    """Events of this type are folded by this function, which has to take them."""
    return kind, by


def table_of(*groups: Iterable[Fold]) -> dict[type[Any], Callable[[State, Any], object]]:
    """The folds by event type, as the hot path reads them. An event type has one fold."""
    table: dict[type[Any], Callable[[State, Any], object]] = {}
    for group in groups:
        for kind, by in group:
            if kind in table:
                raise ValueError(f"{kind.__name__} has two folds; an event type has one")
            table[kind] = by
    return table
