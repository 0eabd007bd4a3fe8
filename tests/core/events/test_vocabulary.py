"""The vocabulary is closed: every event is listed once, documented, frozen and well named."""

import pkgutil
import re
from importlib import import_module
from typing import Any

import msgspec
import pytest

import perptape.core.events
from perptape.core.events import (
    DECISIONS,
    OBSERVATIONS,
    SCHEMA_VERSIONS,
)
from perptape.core.events.reason import Reason
from perptape.core.events.upcasters import UPCASTERS

KINDS = OBSERVATIONS + DECISIONS
each_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.__name__ for kind in KINDS])
PAST_BUT_NOT_BY_ITS_ENDING = frozenset(
    """
    ConnectionLost FundingPaid TimerSet OrderLookedUp OrderOutcomeUnknown CancelOutcomeUnknown ReplyNotUnderstood
    OpeningState
    """.split()
)
COUNTS = frozenset(
    """
    seq expected_seq received_seq intent attempt session halt_id memory_schema differences crashes inbox_version
    """.split()
)
"""Whole numbers that count or number something; every other whole number is a time and says its unit."""


def defined(base: type[Any]) -> set[type[Any]]:
    """The classes below `base` that the modules of perptape.core.events define."""
    modules = [
        import_module(f"perptape.core.events.{module.name}")
        for module in pkgutil.iter_modules(perptape.core.events.__path__)
    ]
    classes = {value for module in modules for value in vars(module).values() if isinstance(value, type)}
    return {kind for kind in classes if issubclass(kind, base) and kind is not base}


def structs() -> set[type[Any]]:
    """Every struct that the modules define: the events and what they are made of."""
    return {kind for kind in defined(msgspec.Struct) if kind.__module__.startswith("perptape.core.events.")}


def test_no_event_is_listed_twice_and_no_name_is_used_twice() -> None:
    assert len({kind.__name__ for kind in KINDS}) == len(KINDS)


def test_every_event_can_be_imported_from_the_vocabulary() -> None:
    assert {kind.__name__ for kind in KINDS} <= set(perptape.core.events.__all__)
    assert [name for name in perptape.core.events.__all__ if not hasattr(perptape.core.events, name)] == []


def test_every_event_has_a_schema_version() -> None:
    assert list(SCHEMA_VERSIONS) == [kind.__name__ for kind in KINDS]
    assert min(SCHEMA_VERSIONS.values()) >= 1


def test_a_schema_version_counts_the_upcasters_before_it() -> None:
    assert set(UPCASTERS) <= set(SCHEMA_VERSIONS)
    assert all(SCHEMA_VERSIONS[name] == len(chain) + 1 for name, chain in UPCASTERS.items())


@each_kind
def test_an_event_says_in_a_sentence_what_it_means(kind: type[Any]) -> None:
    assert re.match(r"[A-Z].{15,}?[.;:]", kind.__doc__ or "", re.DOTALL)


@each_kind
def test_an_event_is_named_in_the_past_tense(kind: type[Any]) -> None:
    assert kind.__name__.endswith("ed") or kind.__name__ in PAST_BUT_NOT_BY_ITS_ENDING


@pytest.mark.parametrize("kind", sorted(structs(), key=repr), ids=lambda kind: kind.__name__)
def test_what_is_on_the_tape_is_frozen_closed_and_without_defaults(kind: type[Any]) -> None:
    assert kind.__struct_config__.frozen
    assert kind.__struct_config__.forbid_unknown_fields
    if kind is Reason:  # most reasons are a code alone: what is empty is left out of the line
        assert kind.__struct_config__.omit_defaults
    else:
        assert [field.name for field in msgspec.structs.fields(kind) if not field.required] == []


def test_what_is_written_cannot_be_changed() -> None:
    fired: Any = perptape.core.events.TimerFired("cycle")
    with pytest.raises(AttributeError, match="immutable"):
        fired.timer_id = "stale:BTC-PERP"


@pytest.mark.parametrize("kind", sorted(structs(), key=repr), ids=lambda kind: kind.__name__)
def test_a_whole_number_says_its_unit_or_counts_something(kind: type[Any]) -> None:
    integers = [field.name for field in msgspec.structs.fields(kind) if field.type in (int, int | None)]
    assert [name for name in integers if not name.endswith(("_ns", "_s")) and name not in COUNTS] == []


@pytest.mark.parametrize("kind", sorted(structs(), key=repr), ids=lambda kind: kind.__name__)
def test_no_field_holds_a_float_or_anything_untyped(kind: type[Any]) -> None:
    assert not re.search(r"float|Any|object", " ".join(str(field.type) for field in msgspec.structs.fields(kind)))


@pytest.mark.parametrize("kind", sorted(structs(), key=repr), ids=lambda kind: kind.__name__)
def test_a_field_name_is_snake_case(kind: type[Any]) -> None:
    assert [name for name in kind.__struct_fields__ if not re.fullmatch("[a-z]+(_[a-z]+)*", name)] == []
