"""Whoever adds an event has to put it into these places: one test names every place that is missing."""

import pkgutil
from importlib import import_module
from typing import Any, get_args

import pytest

import perptape.core.events
from perptape.core.decide import DECISIONS_BY_OBSERVATION
from perptape.core.events import (
    DECISIONS,
    OBSERVATIONS,
    DecisionBase,
    Effect,
    EffectBase,
    FeedMessage,
    MarketMessage,
    ObservationBase,
    base,
)
from perptape.core.evolve import FOLDS

BASES = frozenset(kind for kind in vars(base).values() if isinstance(kind, type))


def written() -> list[type[Any]]:
    """Every event class that the modules of the vocabulary define, listed or not."""
    names = [module.name for module in pkgutil.iter_modules(perptape.core.events.__path__)]
    modules = [import_module(f"perptape.core.events.{name}") for name in names]
    found = {kind for module in modules for kind in vars(module).values() if isinstance(kind, type)}
    events = {kind for kind in found if issubclass(kind, (ObservationBase, DecisionBase))}
    return sorted(events - BASES, key=lambda kind: kind.__name__)


def missing_places(kind: type[Any]) -> list[str]:
    """Where the event has to stand and does not, and where it stands and must not."""
    observed = issubclass(kind, ObservationBase)
    union = "Observation" if observed else "Effect" if issubclass(kind, EffectBase) else "Decision"
    module = kind.__module__.rpartition(".")[2]
    holds = {
        f"core/events/__init__.py: the union {union}": kind in (OBSERVATIONS if observed else DECISIONS),
        "core/events/__init__.py: the union Effect, if and only if it is an EffectBase": (
            (kind in get_args(Effect)) == issubclass(kind, EffectBase)
        ),
        "core/events/__init__.py: __all__": kind.__name__ in perptape.core.events.__all__,
        "core/evolve: a fold": kind in FOLDS,
        "core/decide: an answer, if and only if it is an observation": (kind in DECISIONS_BY_OBSERVATION) == observed,
        "core/events: `seq` comes from a subclass of FeedMessage, and nothing else has one": (
            ("seq" in kind.__struct_fields__) == issubclass(kind, FeedMessage) and FeedMessage not in kind.__bases__
        ),
        "core/events: MarketMessage is the base of everything in market.py and of nothing else": (
            issubclass(kind, MarketMessage) == (module == "market")
        ),
    }
    return [f"{kind.__name__}: {place}" for place, held in holds.items() if not held]


@pytest.mark.parametrize("kind", written(), ids=lambda kind: kind.__name__)
def test_an_event_stands_in_every_place_where_it_has_to(kind: type[Any]) -> None:
    missing = missing_places(kind)
    assert not missing, "\n".join(missing)


def test_only_events_are_folded_and_answered() -> None:
    assert set(FOLDS) == set(written())
    assert set(DECISIONS_BY_OBSERVATION) <= set(written())


def test_an_event_in_no_place_is_told_all_of_them() -> None:
    class MoonRose(ObservationBase, frozen=True, gc=False):
        """A plant."""

        seq: int

    assert missing_places(MoonRose) == [
        "MoonRose: core/events/__init__.py: the union Observation",
        "MoonRose: core/events/__init__.py: __all__",
        "MoonRose: core/evolve: a fold",
        "MoonRose: core/decide: an answer, if and only if it is an observation",
        "MoonRose: core/events: `seq` comes from a subclass of FeedMessage, and nothing else has one",
    ]
