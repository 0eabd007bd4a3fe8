"""Where the keys of a TOML file stand.

The standard library's parser does not say. This reader follows tables, keys and multi-line strings of a text that has
already been parsed; what it cannot place (keys inside inline tables) is placed with the key that holds it.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from perptape.core.config.shape import Path

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEYS = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_TABLE = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_KEYS})[ \t]*\]")
_PAIR = re.compile(rf"[ \t]*({_KEYS})[ \t]*=[ \t]*")
_TOKEN = re.compile(
    r'''"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*|[\[\]{}\n]|[^"'#\[\]{}\n]+''',
    re.DOTALL,
)


def key_lines(text: str) -> Mapping[Path, int]:
    """Line numbers, from 1, of the tables and keys of a valid TOML text."""
    lines: dict[Path, int] = {}
    lists: dict[Path, int] = {}
    table: Path = ()
    for number, statement in _statements(text):
        if header := _TABLE.match(statement):
            path = _placed(_parts(header[2]), lists)
            if header[1] == "[[":
                lists[path] = lists.get(path, -1) + 1
                path = (*path, lists[path])
            table = path
            lines.setdefault(path, number)
        elif pair := _PAIR.match(statement):
            lines[(*table, *_parts(pair[1]))] = number
    return lines


def line_of(path: Path, lines: Mapping[Path, int]) -> int | None:
    """The line of a setting or table: its own, else that of the first key in it, else of what holds it."""
    if path in lines:
        return lines[path]
    inside = [line for known, line in lines.items() if known[: len(path)] == path]
    if inside:
        return min(inside)
    return line_of(path[:-1], lines) if path[:-1] else None


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Headers and pairs with the line they begin on, each whole although its value may go over several lines."""
    number = begun = 1
    depth = 0
    statement = ""
    header = True
    for token in _TOKEN.finditer(text):
        part = token[0]
        if part == "\n" and depth == 0:
            yield begun, statement
            statement, begun, header = "", number + 1, True
        elif part.startswith("#"):
            pass
        else:
            if header and part.strip() and not statement.strip():
                header = part == "["
            if not header:
                depth += (part in "[{") - (part in "]}")
            statement += part
        number += part.count("\n")
    yield begun, statement


def _parts(keys: str) -> tuple[str, ...]:
    value: Any = tomllib.loads(f"{keys} = 0")
    parts = []
    while isinstance(value, dict):
        [(key, value)] = value.items()
        parts.append(key)
    return tuple(parts)


def _placed(parts: tuple[str, ...], lists: Mapping[Path, int]) -> Path:
    """The path of a header, with the place of the last item wherever it goes through a list of tables."""
    path: Path = ()
    for place, part in enumerate(parts):
        path = (*path, part)
        if path in lists and place < len(parts) - 1:
            path = (*path, lists[path])
    return path
