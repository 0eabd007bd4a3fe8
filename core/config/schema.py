"""The pydantic models of the settings, derived from the setting types so that no setting is written twice."""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import GenericAlias
from typing import Annotated, Any, Literal, cast, get_origin

import msgspec
from msgspec import Struct
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    Strict,
    create_model,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from perptape.core.config.numbers import read_decimal, read_parameter
from perptape.core.config.rules import INTEGER_MAX, Rule
from perptape.core.config.runtime import RuntimeSettings
from perptape.core.config.shape import OFF, Setting, is_struct, item_of, settings_of, value_of
from perptape.core.settings import TradingSettings

_STRICT = ConfigDict(extra="forbid", protected_namespaces=())


class _Switch:
    """Publishes that a setting without a value is written "off", since TOML has no null."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        published = handler(schema)
        branches = [one for one in published.pop("anyOf") if one != {"type": "null"}]
        return {**published, "anyOf": [*branches, {"const": OFF}]}


def _unless_off(value: Any) -> Any:
    return None if isinstance(value, str) and value == OFF else value


def _without_off(table: Any) -> Any:
    """A table of free keys without the entries that are switched off."""
    return {key: value for key, value in table.items() if value != OFF} if isinstance(table, dict) else table


def _in_order(table: dict[str, Any]) -> dict[str, Any]:
    """By key, so that files that say the same in another order give the same settings to the byte."""
    return dict(sorted(table.items()))


def _bounds(rule: Rule) -> Any:
    return Field(gt=rule.more_than, ge=rule.at_least, lt=rule.less_than, le=rule.at_most)


def _whole_bounds(rule: Rule) -> Any:
    least = -INTEGER_MAX if rule.at_least is None and rule.more_than is None else rule.at_least
    most = INTEGER_MAX if rule.at_most is None and rule.less_than is None else rule.at_most
    return _bounds(rule._replace(at_least=least, at_most=most))


def _annotation(hint: Any, rule: Rule) -> Any:
    """The pydantic type of a setting's type under its rule."""
    if is_struct(hint):
        return model_of(hint)
    if (item := item_of(hint)) is not None:
        items: Any = GenericAlias(tuple, (_annotation(item, rule), ...))
        return Annotated[items, Field(min_length=rule.items_min)]
    if (value := value_of(hint)) is not None:
        keys = Annotated[str, Field(pattern=rule.key_pattern)]
        table: Any = GenericAlias(dict, (keys, _annotation(value, rule)))
        ordered: Any = Annotated[table, AfterValidator(_in_order)]
        return Annotated[ordered, BeforeValidator(_without_off)] if value is Decimal else ordered
    if rule.choices:
        return Literal[rule.choices]
    if get_origin(hint) is Literal:
        return hint
    if hint is Decimal:
        return Annotated[Decimal, _bounds(rule), BeforeValidator(read_decimal)]
    if hint is float:
        return Annotated[float, _bounds(rule), BeforeValidator(lambda value: float(read_decimal(value)))]
    if hint is bool:
        return Annotated[bool, Strict()]
    if hint is int:
        return Annotated[int, Strict(), _whole_bounds(rule)]
    if hint is str:
        return Annotated[str, Strict(), Field(pattern=rule.pattern)]
    if hint == str | int | bool:
        whole = Annotated[int, Strict(), _whole_bounds(Rule())]
        return Annotated[Annotated[str, Strict()] | Annotated[bool, Strict()] | whole, BeforeValidator(read_parameter)]
    raise TypeError(f"settings cannot be of type {hint!r}: add support for it to perptape.core.config.schema")


def _field(setting: Setting) -> tuple[Any, Any]:
    kind = _annotation(setting.hint, setting.rule)
    if setting.optional:
        kind = Annotated[kind | None, BeforeValidator(_unless_off), _Switch()]
    description = setting.description or None
    if setting.required:
        return kind, Field(description=description)
    default = OFF if setting.default is None else msgspec.to_builtins(setting.default)
    return kind, Field(default=default, validate_default=True, description=description)


def _model(name: str, doc: str | None, fields: Mapping[str, tuple[Any, Any]]) -> type[BaseModel]:
    # The overloads of create_model do not cover fields that are known at run time only.
    return cast(
        "type[BaseModel]", create_model(name, __config__=_STRICT, __doc__=doc, **cast("dict[str, Any]", fields))
    )


@cache
def model_of(struct: type[Struct]) -> type[BaseModel]:
    """The model that checks a table of settings and fills in the defaults."""
    fields = {setting.name: _field(setting) for setting in settings_of(struct)}
    return _model(struct.__name__, struct.__doc__, fields)


def document_type(sections: Mapping[str, type[Struct]]) -> type[Struct]:
    """The type of a whole file: `[trading]`, and `[runtime]` with sections of the composition root."""
    return _document_type(tuple(sections.items()))


@cache
def _document_type(sections: tuple[tuple[str, type[Struct]], ...]) -> type[Struct]:
    runtime = _table("RuntimeTable", RuntimeSettings.__doc__, sections, RuntimeSettings)
    tables = (("trading", TradingSettings), ("runtime", runtime))
    return _table("Configuration", "A configuration file of perptape.", tables, Struct)


def _table(
    name: str, doc: str | None, fields: tuple[tuple[str, type[Struct]], ...], base: type[Struct]
) -> type[Struct]:
    made = [(field, kind, msgspec.field(default_factory=kind)) for field, kind in fields]
    struct = msgspec.defstruct(name, made, bases=(base,), frozen=True, forbid_unknown_fields=True)
    struct.__doc__ = doc
    return struct


def configuration_schema(sections: Mapping[str, type[Struct]] | None = None) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the configuration file, as pydantic publishes it."""
    model = model_of(document_type(sections or {}))
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
