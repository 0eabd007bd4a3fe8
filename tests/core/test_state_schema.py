"""The shape of the persisted state is committed: a change has to say what becomes of states recorded before."""

import json
from pathlib import Path
from typing import Any

import pytest

from perptape.core.events import SCHEMA_VERSIONS
from perptape.core.state_schema import state_schema, state_shape

SHAPE = Path(__file__).with_name("state_shape.json")
WRITE = "python -m tests.core.write_state_shape"


def written() -> str:
    """Today's shape as it is committed."""
    shape = {"schema": SCHEMA_VERSIONS["OpeningState"], "types": state_shape()}
    return json.dumps(shape, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def broken(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Where states that were recorded in the shape `before` do not fit the shape of now as they are."""
    found = []
    for name, kind in before.items():
        today = now.get(name)
        if today is None:
            found.append(f"{name} is gone")
            continue
        for field, form in kind.get("properties", {}).items():
            if field not in today.get("properties", {}):
                found.append(f"{name}.{field} is gone")
            elif today["properties"][field] != form:
                found.append(f"{name}.{field} is of another type, or has another default")
        new = set(today.get("required", ())) - set(kind.get("required", ()))
        found += [f"{name}.{field} is new and has no default" for field in sorted(new)]
    return found


def test_the_shape_of_the_state_is_the_committed_one() -> None:
    committed = json.loads(SHAPE.read_text("utf-8"))
    if committed["schema"] == SCHEMA_VERSIONS["OpeningState"]:
        wrong = broken(committed["types"], json.loads(written())["types"])
        assert wrong == [], (
            f"recorded states no longer fit: {'; '.join(wrong)}. Add an upcaster for OpeningState to "
            f"core/events/upcasters.py (and for ConfigurationLoaded where settings changed), then: {WRITE}"
        )
    assert SHAPE.read_text("utf-8") == written(), f"the state has grown; older ones still fit. Write its shape: {WRITE}"


def test_the_schema_names_number_and_shape() -> None:
    number, _, digest = state_schema().partition("-")
    assert (int(number), len(digest)) == (SCHEMA_VERSIONS["OpeningState"], 8)


BEFORE: dict[str, Any] = {"A": {"properties": {"x": {"type": "integer", "default": 1}}, "required": []}}


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({}, ["A is gone"]),
        ({"A": {"properties": {}, "required": []}}, ["A.x is gone"]),
        ({"A": {"properties": {"x": {"type": "string"}}}}, ["A.x is of another type, or has another default"]),
        (
            {"A": {"properties": {"x": {"type": "integer", "default": 2}}}},
            ["A.x is of another type, or has another default"],
        ),
        (
            {"A": {"properties": {**BEFORE["A"]["properties"], "y": {}}, "required": ["y"]}},
            ["A.y is new and has no default"],
        ),
        ({"A": {"properties": {**BEFORE["A"]["properties"], "y": {"default": 0}}}, "B": {}}, []),
    ],
)
def test_what_recorded_states_do_not_fit_is_named(now: dict[str, Any], said: list[str]) -> None:
    assert broken(BEFORE, now) == said
