"""The shape of settings: what the setting types say about each of their fields, read once.

Everything that handles settings generically (schema, origins, rendering, messages) walks these descriptions.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

from perptape.core.config.rules import RULES, Rule

OFF = "off"
"""How a file says that a setting has no value: TOML has no null."""

Path = tuple[str | int, ...]
"""Where a setting is: keys of tables and places in lists, from the top of the file."""

BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")


class Setting(NamedTuple):
    """One field of a setting type."""

    name: str
    hint: Any
    """Its type, without annotations and without None."""
    optional: bool
    """Whether it can be switched off."""
    description: str
    default: Any
    """Its default, or msgspec.NODEFAULT."""
    rule: Rule

    @property
    def required(self) -> bool:
        """Whether a file has to give it."""
        return self.default is msgspec.NODEFAULT


@cache
def settings_of(struct: type[Struct]) -> tuple[Setting, ...]:
    """The settings that a type holds, in order."""
    hints = get_type_hints(struct, include_extras=True)
    return tuple(_setting(struct, field, hints[field.name]) for field in msgspec.structs.fields(struct))


def _setting(struct: type[Struct], field: msgspec.structs.FieldInfo, hint: Any) -> Setting:
    meta = Meta()
    if get_origin(hint) is Annotated:
        hint, *notes = get_args(hint)
        meta = next((note for note in notes if isinstance(note, Meta)), meta)
    optional = False
    if get_origin(hint) in {Union, UnionType}:
        members = [member for member in get_args(hint) if member is not NoneType]
        optional = len(members) < len(get_args(hint))
        hint = members[0] if len(members) == 1 else Union[tuple(members)]  # noqa: UP007  built at run time
    default = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else field.default
    ruled = (RULES[owner, field.name] for owner in struct.__mro__ if (owner, field.name) in RULES)
    rule = next(ruled, None) or _rule_of(meta)
    return Setting(field.name, hint, optional, meta.description or "", default, rule)


def _rule_of(meta: Meta) -> Rule:
    """The limits that a setting type states itself, as sections of other packages do."""
    return Rule(
        more_than=_exact(meta.gt),
        at_least=_exact(meta.ge),
        less_than=_exact(meta.lt),
        at_most=_exact(meta.le),
        pattern=meta.pattern,
        words=f"text that matches {meta.pattern}" if meta.pattern else "",
        items_min=meta.min_length or 0,
    )


def _exact(bound: float | None) -> Decimal | int | None:
    return Decimal(repr(bound)) if isinstance(bound, float) else bound


def is_struct(hint: Any) -> bool:
    """Whether a type is a table with named settings."""
    return isinstance(hint, type) and issubclass(hint, Struct)


def item_of(hint: Any) -> Any:
    """The type of a list's items; None for a type that is no list."""
    return get_args(hint)[0] if get_origin(hint) in {tuple, list} else None


def value_of(hint: Any) -> Any:
    """The type of the values of a table with free keys; None for a type that is no such table."""
    return get_args(hint)[1] if get_origin(hint) is dict else None


def holds_tables(hint: Any) -> bool:
    """Whether a value of this type is written as tables of its own, not behind `key =`."""
    item = item_of(hint)
    return is_struct(hint) or value_of(hint) is not None or (item is not None and is_struct(item))


def dotted(path: Path) -> str:
    """A path as a person writes it: trading.strategies[0].kind."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            key = part if part and set(part) <= BARE else f'"{part}"'
            text += f".{key}" if text else key
    return text


def known_paths(struct: type[Struct], above: Path = ()) -> Mapping[str, Path]:
    """Every setting below a type with the table that holds it, for finding what a misplaced key was meant to be."""
    found: dict[str, Path] = {}
    for setting in settings_of(struct):
        found.setdefault(setting.name, above)
        if is_struct(setting.hint):
            for name, path in known_paths(setting.hint, (*above, setting.name)).items():
                found.setdefault(name, path)
    return found


def kind_words(hint: Any, rule: Rule) -> str:
    """What values of a type are allowed, for a person."""
    if rule.choices or get_origin(hint) is Literal:
        return "one of " + ", ".join(f'"{choice}"' for choice in (rule.choices or get_args(hint)))
    if (item := item_of(hint)) is not None:
        least = f" of at least {rule.items_min}" if rule.items_min else ""
        return f"a list{least}, each {kind_words(item, rule)}"
    if (value := value_of(hint)) is not None:
        return f"a table of {rule.key_words or 'names'}, each with {kind_words(value, rule)}"
    if is_struct(hint):
        return "a table"
    if hint is str:
        return rule.words or "text"
    if hint is bool:
        return "true or false"
    if hint is int:
        return "a whole number" + _bound_words(rule)
    if hint in {Decimal, float}:
        return "a number" + _bound_words(rule)
    return "text, a number, true or false"


def _bound_words(rule: Rule) -> str:
    bounds = (
        ("more than", rule.more_than),
        ("at least", rule.at_least),
        ("less than", rule.less_than),
        ("at most", rule.at_most),
    )
    words = " and ".join(f"{word} {bound:,}" for word, bound in bounds if bound is not None)
    return f" {words}" if words else ""


def setting_at(root: type[Struct], path: Path) -> Setting:
    """What is at a path below `root`. Items of lists and values of free keys are described by what holds them."""
    setting = Setting("", root, False, "", msgspec.NODEFAULT, Rule())
    for part in path:
        hint = setting.hint
        if is_struct(hint):
            setting = next(one for one in settings_of(hint) if one.name == part)
        else:
            setting = setting._replace(hint=item_of(hint) or value_of(hint), optional=False)
    return setting


def allowed_words(root: type[Struct], path: Path) -> str:
    """What is allowed at a path below `root`, for a person."""
    setting = setting_at(root, path)
    words = kind_words(setting.hint, setting.rule)
    return f'{words}, or "{OFF}"' if setting.optional else words
