"""Writes a configuration: as a commented TOML file that loads again to the same settings, or as plain data."""

import json
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from textwrap import wrap
from typing import Any

import msgspec
from msgspec import Struct

from perptape.core.canonical import canonical_json
from perptape.core.config.load import Configuration, load
from perptape.core.config.origins import DEFAULT, Origin
from perptape.core.config.secrets import without_passwords
from perptape.core.config.shape import BARE, OFF, Path, Setting, dotted, holds_tables, is_struct, item_of, settings_of
from perptape.core.money import plain

WIDTH = 110
INTEGER_MAX = 2**63 - 1

EXAMPLE_HEAD = """\
All settings of perptape: each key with its meaning, its value, and where the value comes from. This file shows the
`canary` profile. `perptape config show` prints your own settings in the same form.

Your file can be much shorter. A key that is missing takes its value from the profile that the file names: canary,
dev, prod, or custom (the defaults). `perptape config check` reports every problem in a file. "off" switches a limit
off. A key that is commented out is already off.

[trading] affects decisions and is recorded on the tape. [runtime] holds paths and connections and is never recorded.
Do not put keys or passwords in this file: keep them in the environment or in the keyring.
"""


def render_toml(configuration: Configuration, *, origins: bool = True, head: str = "") -> str:
    """The whole configuration as commented TOML. Settings that are off stand there too, commented out.

    Loading the text gives the same settings (a store's password, which is shown as ***, aside).
    """
    shown = configuration.origins if origins else None
    trading = configuration.trading
    base = load(None, profile=trading.profile, overrides={"trading.symbols": list(trading.symbols)}).trading
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    lines += _table(trading, ("trading",), base, shown)
    runtime = _table(configuration.runtime, ("runtime",), type(configuration.runtime)(), shown)
    for name, section in configuration.sections.items():
        runtime = [*runtime, *_table(section, ("runtime", name), type(section)(), shown)]
    return "\n".join([*lines, *runtime]).lstrip("\n") + "\n"


def as_json(configuration: Configuration) -> dict[str, Any]:
    """The configuration as plain data, numbers as text, with the origin of every setting."""
    sections = {name: _plain_data(section) for name, section in configuration.sections.items()}
    runtime = _plain_data(configuration.runtime)
    runtime["store"] = without_passwords(runtime["store"])
    return {
        "trading": _plain_data(configuration.trading),
        "runtime": {**runtime, **sections},
        "origins": {path: str(origin) for path, origin in configuration.origins.items()},
    }


def _plain_data(settings: Struct) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(canonical_json(settings))
    return found


def example_toml(sections: Mapping[str, type[Struct]] | None = None) -> str:
    """`docs/bot.toml`: the canary profile with everything explained."""
    return render_toml(load(None, sections=sections), head=EXAMPLE_HEAD)


_Origins = Mapping[str, Origin] | None


def _table(table: Struct, path: Path, base: Struct | None, origins: _Origins, header: str = "[{}]") -> list[str]:
    """A table with its comments. `base` is what a loader would start from: only a setting off there stays silent."""
    lines = ["", *_comment(_first_line(type(table))), header.format(_header(path))]
    later: list[str] = []
    for setting in settings_of(type(table)):
        value = getattr(table, setting.name)
        below = getattr(base, setting.name) if base is not None else setting.default
        inside = (*path, setting.name)
        if value is not None and holds_tables(setting.hint) and not _is_empty_list(setting, value):
            later += _tables(setting, value, inside, below, origins)
        else:
            lines += _pair(setting, value, inside, below, origins)
    return [*lines, *later]


def _is_empty_list(setting: Setting, value: Any) -> bool:
    return item_of(setting.hint) is not None and not value


def _tables(setting: Setting, value: Any, path: Path, below: Any, origins: _Origins) -> Iterator[str]:
    """A setting that is written as tables of its own."""
    if isinstance(value, Struct):
        yield from _table(value, path, below, origins)
    elif isinstance(value, Mapping):
        yield from _free_table(setting, value, path, below, origins)
    else:
        for place, item in enumerate(value):
            lines = _table(item, (*path, place), None, origins, "[[{}]]")
            # The first item explains the keys, the others repeat them without words.
            yield from lines if place == 0 else ["", *(line for line in lines[1:] if not line.startswith("# "))]


def _free_table(setting: Setting, table: Mapping[str, Any], path: Path, below: Any, origins: _Origins) -> Iterator[str]:
    yield ""
    yield from _comment(setting.description)
    yield f"[{_header(path)}]"
    for key, value in table.items():
        if isinstance(value, Struct):
            yield from _table(value, (*path, key), None, origins)
        else:
            yield f"{_key(key)} = {_value(value)}{_mark((*path, key), origins)}"
    for key in below if isinstance(below, Mapping) and not is_struct(setting.hint) else ():
        if key not in table and not isinstance(below[key], str):
            yield f'{_key(key)} = "{OFF}"'


def _pair(setting: Setting, value: Any, path: Path, below: Any, origins: _Origins) -> Iterator[str]:
    yield from _comment(setting.description)
    if value is None:
        silent = "#" if below is None else ""
        origin = "" if origins is None else f" ({origins.get(dotted(path), DEFAULT)})"
        yield f'{silent}{_key(setting.name)} = "{OFF}"  # off{origin}'
    else:
        yield f"{_key(setting.name)} = {_value(value)}{_mark(path, origins)}"


def _mark(path: Path, origins: _Origins) -> str:
    return "" if origins is None else f"  # {origins.get(dotted(path), DEFAULT)}"


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in wrap(text, WIDTH)]


def _first_line(kind: type[Struct]) -> str:
    return (kind.__doc__ or "").strip().partition("\n")[0]


def _header(path: Path) -> str:
    return ".".join(_key(part) for part in path if isinstance(part, str))


def _key(key: str) -> str:
    return key if key and set(key) <= BARE else _text(key)


def _value(value: Any) -> str:
    match value:
        case None:
            return f'"{OFF}"'
        case bool():
            return "true" if value else "false"
        case str():
            return _text(without_passwords(value))
        case Decimal() | int():
            number = Decimal(value)
            return plain(number) if abs(number) <= INTEGER_MAX else _text(plain(number))
        case float():
            return repr(value)
        case Struct():
            return _value(msgspec.structs.asdict(value))
        case Mapping():
            return "{" + ", ".join(f"{_key(key)} = {_value(inner)}" for key, inner in value.items()) + "}"
        case Sequence():
            return "[" + ", ".join(_value(inner) for inner in value) + "]"
    raise TypeError(f"settings cannot hold {value!r}: add support for it to perptape.core.config.show")


def _text(text: str) -> str:
    """A TOML basic string: JSON's escapes, and one more for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")
