"""Altered facts: what a drill's attack left, with one thing in it changed, as it would be had the bot done otherwise.

A drill attacks processes of its own, to which no mutant reaches. What can be tried here is that its expectations look:
each has to fail when some one fact is another one.
"""

import copy
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

from msgspec import Struct
from msgspec.structs import force_setattr

from perptape.replays.evidence.expectation import UnmetError
from perptape.replays.scenarios.drills.drill import Drill

MOST = 10_000
"""Alterations that are tried of one drill's facts."""
DEEPEST = 7
FEW = 4
"""Items of a long list or mapping that are altered: the first and the last ones."""
LONGEST = 1_000
"""Of a list as long as this each item is left out."""


class Noticed(NamedTuple):
    """An expectation of a drill, and the altered fact under which it failed; empty when it never did."""

    drill: str
    expectation: str
    altered: str


def noticed(drill: Drill) -> list[Noticed]:
    """Carry the drill out once, and hold its expectations against altered facts until each has failed."""
    with TemporaryDirectory() as folder:
        facts = drill.attack(Path(folder)).facts
    rest = {expectation.name: expectation for expectation in drill.verifies}
    found: dict[str, str] = {}
    for tried, (what, altered) in enumerate(alterations(facts)):
        if not rest or tried == MOST:
            break
        for name in [name for name, expectation in rest.items() if _fails(expectation.check, altered)]:
            found[name] = what
            del rest[name]
    return [Noticed(drill.id, each.name, found.get(each.name, "")) for each in drill.verifies]


def _fails(check: Callable[[Any], None], facts: Any) -> bool:
    try:
        check(facts)
    except UnmetError:
        return True
    except Exception:  # facts of another shape than any: nothing is learned from that
        return False
    return False


def alterations(facts: Any) -> Iterator[tuple[str, Any]]:
    """These facts, each time with one value in them changed, and where; what lies near the surface comes first."""
    layer: list[tuple[str, Any, Callable[[Any], Any]]] = [("", facts, _whole)]
    for _ in range(DEEPEST):
        following: list[tuple[str, Any, Callable[[Any], Any]]] = []
        for where, value, inside in layer:
            for what, other in _others(value):
                yield f"{where}{what}".removeprefix("."), inside(other)
            following += [(f"{where}{name}", part, _nested(inside, put)) for name, part, put in _parts(value)]
        layer = following


def _whole(value: Any) -> Any:
    return value


def _nested(outer: Callable[[Any], Any], put: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: outer(put(value))


def _others(value: Any) -> Iterator[tuple[str, Any]]:
    """Other values of the same kind."""
    match value:
        case bool():
            yield f" is {not value}", not value
        case int() | float() | Decimal():
            yield f" is {value} and 1", value + 1
            yield " is 0", type(value)(0)
            yield f" is {value} times 1000", value * 1000
        case str() if value:
            yield " is empty", ""
            yield " is other words", "other words"
        case list() | tuple() if value:
            yield from _other_rows(value)
        case dict() if value:
            yield " is empty", {}
        case set() | frozenset():
            yield " is empty", type(value)()
            yield " has one more", value | {"another"}
        case None:
            yield " is something", "something"
        case _:
            if isinstance(value, (Struct, str, list, tuple, dict)) or hasattr(value, "__dict__"):
                return
            yield " is nothing", None


def _other_rows(rows: Any) -> Iterator[tuple[str, Any]]:
    for index in range(min(len(rows), LONGEST)):
        yield f" lacks item {index}", rows[:index] + rows[index + 1 :]
    yield " has the first twice", rows[:1] + rows
    yield " is empty", rows[:0]


def _parts(value: Any) -> Iterator[tuple[str, Any, Callable[[Any], Any]]]:
    """What the value consists of, and how to make it anew with another part."""
    match value:
        case dict():
            for key in _few(list(value)):
                yield f"[{key!r}]", value[key], partial(_with_key, value, key)
        case list() | tuple():
            for index in _few(list(range(len(value)))):
                yield f"[{index}]", value[index], partial(_with_item, value, index)
        case Struct():
            for name in value.__struct_fields__:
                yield f".{name}", getattr(value, name), partial(_with_field, value, name)
        case _:
            names = list(getattr(value, "__dict__", {})) or list(getattr(value, "__slots__", ()))
            for name in [name for name in names if not name.startswith("_")]:
                yield f".{name}", getattr(value, name), partial(_with_field, value, name)


def _few(items: list[Any]) -> list[Any]:
    return items if len(items) <= FEW else items[: FEW // 2] + items[-FEW // 2 :]


def _with_key(value: Any, key: Any, part: Any) -> Any:
    return {**value, key: part}


def _with_item(value: Any, index: int, part: Any) -> Any:
    if not hasattr(value, "_fields"):
        return type(value)([*value[:index], part, *value[index + 1 :]])
    return value._replace(**{value._fields[index]: part})


def _with_field(value: Any, name: str, part: Any) -> Any:
    other = copy.copy(value)
    if isinstance(other, Struct):
        force_setattr(other, name, part)
    else:
        object.__setattr__(other, name, part)
    return other
