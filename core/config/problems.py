"""What is wrong with a configuration: one line for each problem, and for a whole file the first line and a count."""

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import Struct

from perptape.core.config.shape import OFF, Path, allowed_words, dotted, known_paths, setting_at, settings_of
from perptape.core.errors import ConfigurationError

GIVEN_MAX = 60
"""Longer values are cut in messages."""


class Problem(NamedTuple):
    """One thing that is wrong at one place of the raw settings."""

    path: Path
    words: str
    is_urgent: bool = False
    """Told before everything else."""


def refusal(where: Sequence[str]) -> ConfigurationError:
    """The error for one or more problems, in one line."""
    more = f" (and {len(where) - 1} more)" if len(where) > 1 else ""
    return ConfigurationError(f"{where[0]}{more}")


def problem_of(error: Mapping[str, Any], data: Mapping[str, Any], document: type[Struct]) -> Problem:
    """One of pydantic's errors in the words of the settings."""
    path = _raw_path(error["loc"], data)
    match error["type"]:
        case "extra_forbidden":
            return Problem(path, unknown_key(path, document))
        case "missing":
            path = (*path, error["loc"][-1])
            return Problem(path, f"is missing; allowed: {allowed_words(document, path)}")
        case "string_pattern_mismatch" if error["loc"][-1] == "[key]":
            words = setting_at(document, path[:-1]).rule.key_words
            return Problem(path, f"given the key {shown(path[-1])}; allowed: {words}")
    return disagreement(path, error["input"], allowed_words(document, path))


def disagreement(path: Path, given: Any, allowed: str) -> Problem:
    """What was given at a place and what is allowed there."""
    near = difflib.get_close_matches(given, _choices(allowed), n=1) if isinstance(given, str) else []
    hint = f"; did you mean {json.dumps(near[0])}?" if near else ""
    return Problem(path, f"given {shown(given)}; allowed: {allowed}{hint}")


def _choices(allowed: str) -> list[str]:
    return [word for word in allowed.split('"')[1::2] if word != OFF]


def unknown_key(path: Path, document: type[Struct]) -> str:
    """Names the key that was probably meant: of the same table, or of another one."""
    *above, last = path
    key = str(last)
    table: type[Struct] = setting_at(document, tuple(above)).hint
    siblings = [setting.name for setting in settings_of(table)]
    if near := difflib.get_close_matches(key, siblings, n=1):
        return f"is not a setting; did you mean {dotted((*above, near[0]))}?"
    if "parameters" in siblings:
        return f"is not a setting; a strategy's own settings go under parameters (parameters.{key})"
    elsewhere = {**known_paths(document), **known_paths(table, tuple(above))}
    if found := difflib.get_close_matches(key, elsewhere, n=1, cutoff=0.75):
        return f"is not a setting; did you mean {dotted((*elsewhere[found[0]], found[0]))}?"
    return f"is not a setting; known here: {', '.join(siblings)}"


def shown(value: Any) -> str:
    """A value of a file in one short line."""
    match value:
        case Decimal():
            text = str(value)
        case date() | time():
            text = value.isoformat()
        case str() if "://" in value:
            text = json.dumps(value.partition("://")[0] + "://…", ensure_ascii=False)  # an address may be a secret
        case dict():
            text = "a table"
        case list():
            text = "[" + ", ".join(shown(item) for item in value) + "]"
        case _:
            text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= GIVEN_MAX else f"{text[:GIVEN_MAX]}…"


def _raw_path(location: Iterable[str | int], data: Any) -> Path:
    """The part of pydantic's location that is in the file, without the names of its own inner steps."""
    path: Path = ()
    for part in location:
        try:
            data = data[part]
        except (KeyError, IndexError, TypeError):
            break
        path = (*path, part)
    return path
