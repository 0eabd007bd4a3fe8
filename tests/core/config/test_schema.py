from decimal import Decimal
from typing import Annotated

import pytest
from msgspec import Meta, Struct

from perptape.core.config import configuration_schema, load_configuration
from perptape.core.config.rules import RULES
from perptape.core.config.shape import settings_of
from perptape.core.errors import ConfigurationError
from perptape.core.settings import GuardSettings


def test_the_published_schema_describes_every_setting() -> None:
    definitions = configuration_schema()["$defs"]
    guards = definitions["GuardSettings"]
    assert set(guards["properties"]) == set(GuardSettings.__struct_fields__)
    assert guards["additionalProperties"] is False
    assert guards["properties"]["staleness_s"]["minimum"] == 1
    assert all(one["description"] for one in guards["properties"].values())


def test_the_published_schema_knows_off_and_no_null() -> None:
    schema = configuration_schema()
    assert {"const": "off"} in schema["$defs"]["GuardSettings"]["properties"]["daily_loss_limit"]["anyOf"]
    assert "null" not in str(schema).lower()


def test_every_rule_is_for_a_setting_that_exists() -> None:
    assert [(kind, name) for kind, name in RULES if name not in kind.__struct_fields__] == []


def test_every_number_of_the_settings_has_limits() -> None:
    kinds = {kind for kind, _ in RULES}
    numbers = [(kind, one) for kind in kinds for one in settings_of(kind) if one.hint in {int, Decimal}]
    assert [one.name for kind, one in numbers if (kind, one.name) not in RULES] == []


class Bounded(Struct, frozen=True, forbid_unknown_fields=True):
    """A section that states its limits itself."""

    share: Annotated[int, Meta(ge=0, le=5, description="How much.")] = 1
    code: Annotated[str, Meta(pattern="^[a-z]+$")] = "a"


@pytest.mark.parametrize(
    ("line", "words"), [("share = 6", "a whole number at least 0 and at most 5"), ('code = "A"', "text that matches")]
)
def test_limits_of_a_section_are_kept(line: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        load_configuration(f"[runtime.bounded]\n{line}", sections={"bounded": Bounded})


class Untaught(Struct, frozen=True):
    """A section with a type that no file can give."""

    raw: bytes = b""


def test_a_type_that_files_cannot_give_is_a_mistake_of_the_program() -> None:
    with pytest.raises(TypeError, match="add support for it"):
        load_configuration("", sections={"untaught": Untaught})
