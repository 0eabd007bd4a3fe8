"""A TOML file as it is read: exact numbers, and the line of every key."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple

from perptape.core.config.lines import key_lines, line_of
from perptape.core.config.numbers import read_float
from perptape.core.config.origins import Origin
from perptape.core.config.shape import Path
from perptape.core.errors import ConfigurationError

DEPTH_MAX = 20
"""Tables and lists inside each other. Settings need eight; more is a damaged file."""

_AT = re.compile(r" \(at line (\d+), column (\d+)\)$")
_AT_END = " (at end of document)"


class TomlFile(NamedTuple):
    """What a file says and where it says it."""

    path: str
    """As it was given, for errors."""
    name: str
    """Without folders, for origins."""
    data: Mapping[str, Any]
    lines: Mapping[Path, int]

    def origin(self, path: Path) -> Origin:
        """Where the file gives a setting."""
        return Origin("file", self.name, line_of(path, self.lines))


def read_toml(path: FilePath) -> TomlFile:
    """The file at `path`. Raises ConfigurationError when it cannot be read or is not TOML."""
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigurationError(f"{path} does not exist; give the path of a configuration file") from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror or error}); give a readable file") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error
    return parse_toml(text, str(path))


def parse_toml(text: str, path: str) -> TomlFile:
    """A text as the file `path`. Raises ConfigurationError with line and column when it is not TOML."""
    text = text.removeprefix("\ufeff")
    try:
        data = tomllib.loads(text, parse_float=read_float)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        place = _AT.search(words)
        last_line = text.rstrip("\n").count("\n") + 1
        where = f"line {place[1]}, column {place[2]}" if place else f"line {last_line}, at the end"
        said = _AT.sub("", words).removesuffix(_AT_END)
        raise ConfigurationError(f"{path}, {where}: not TOML: {said}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: cannot be used as TOML: {error}") from error
    if _is_deep(data):
        raise ConfigurationError(f"{path}: tables are nested more than {DEPTH_MAX} deep")
    return TomlFile(path, FilePath(path).name, data, key_lines(text))


def _is_deep(data: Mapping[str, Any]) -> bool:
    level: list[Any] = [data]
    for _ in range(DEPTH_MAX):
        inner = [value.values() if isinstance(value, dict) else value for value in level]
        level = [value for values in inner for value in values if isinstance(value, dict | list)]
    return bool(level)
