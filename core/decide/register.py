"""Which answer belongs to which observation: pairs that the type checker holds against each other."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from perptape.core.events import Decision, Observation
from perptape.core.state import State

Seen = TypeVar("Seen", bound=Observation)
Answer = tuple[type[Any], Callable[[State, Any], Iterable[Decision]]]
"""An observation type with the answer to it, made by `answer`."""


def answer(kind: type[Seen], by: Callable[[State, Seen], Iterable[Decision]]) -> Answer:
    """Observations of this type are answered by this function, which has to take them."""
    return kind, by


def table_of(*groups: Iterable[Answer]) -> dict[type[Any], Callable[[State, Any], Iterable[Decision]]]:
    """The answers by observation type, as the hot path reads them. An observation type has one answer."""
    table: dict[type[Any], Callable[[State, Any], Iterable[Decision]]] = {}
    for group in groups:
        for kind, by in group:
            if kind in table:
                raise ValueError(f"{kind.__name__} has two answers; an observation type has one")
            table[kind] = by
    return table
