"""The schema of the persisted state: digests of two states are comparable only when this is the same.

It is the schema of OpeningState, by which recorded states are brought to today's form, and a digest of the shape of the
state's types, so that a field that was added is noticed even where nobody had to think of it.
"""

import hashlib
from functools import cache
from typing import Any

import msgspec

from perptape.core.events import SCHEMA_VERSIONS, OpeningState
from perptape.core.opening import DERIVED
from perptape.core.state import State

_WORDS = ("description", "title")


@cache
def state_schema() -> str:
    """Schema number and shape, such as `2-1f0c9ab4`."""
    shape = hashlib.sha256(msgspec.json.encode(state_shape(), order="sorted")).hexdigest()
    return f"{SCHEMA_VERSIONS[OpeningState.__name__]}-{shape[:8]}"


def state_shape() -> dict[str, Any]:
    """The JSON Schema of the persisted state without its words: types, fields and defaults."""
    (_,), components = msgspec.json.schema_components((State,), ref_template="{name}")
    shape: dict[str, Any] = _without_words(components)
    sleeve = shape["Sleeve"]
    for name in DERIVED:
        del sleeve["properties"][name]
    sleeve["required"] = [name for name in sleeve["required"] if name not in DERIVED]
    return shape


def _without_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_words(item) for key, item in value.items() if key not in _WORDS or isinstance(item, dict)}
    if isinstance(value, list):
        return [_without_words(item) for item in value]
    return value
