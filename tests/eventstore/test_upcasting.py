"""Upcasting: data of an earlier schema become today's, one schema after the other; unknown schemas are refused."""

import pytest

from perptape.eventstore.errors import UnknownSchemaError
from perptape.eventstore.upcasting import JsonObject, Upcasting


def renamed(data: JsonObject) -> JsonObject:
    return {"total" if key == "to" else key: value for key, value in data.items()}


def with_unit(data: JsonObject) -> JsonObject:
    return {**data, "unit": "USD", "was": sorted(data)}


UPCASTING = Upcasting({"CounterMoved": (renamed, with_unit)})


@pytest.mark.parametrize(
    ("schema", "data", "upcast"),
    [
        (1, {"to": "7"}, {"total": "7", "unit": "USD", "was": ["total"]}),
        (2, {"total": "7"}, {"total": "7", "unit": "USD", "was": ["total"]}),
        (3, {"total": "7", "unit": "EUR"}, {"total": "7", "unit": "EUR"}),
    ],
)
def test_every_step_from_the_recorded_schema_on_is_taken_in_order(
    schema: int, data: JsonObject, upcast: JsonObject
) -> None:
    assert UPCASTING.upcast("CounterMoved", schema, data) == upcast


def test_the_current_schema_is_one_more_than_the_upcasters() -> None:
    assert UPCASTING.current_schema("CounterMoved") == 3
    assert UPCASTING.current_schema("NeverChanged") == 1
    assert UPCASTING.upcast("NeverChanged", 1, {"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("name", "schema", "says"),
    [
        ("CounterMoved", 4, "CounterMoved has schema 4; this release knows schemas 1 to 3"),
        ("CounterMoved", 0, "CounterMoved has schema 0; this release knows schemas 1 to 3"),
        ("CounterMoved", -1, "CounterMoved has schema -1; this release knows schemas 1 to 3"),
        ("NeverChanged", 2, "NeverChanged has schema 2; this release knows schema 1"),
    ],
)
def test_an_unknown_schema_is_refused_with_what_is_known(name: str, schema: int, says: str) -> None:
    with pytest.raises(UnknownSchemaError) as refused:
        UPCASTING.upcast(name, schema, {})

    assert str(refused.value) == says
    assert (refused.value.type_name, refused.value.schema) == (name, schema)
