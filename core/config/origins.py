"""Where settings come from: defaults, a profile, a file, the command line; and how these are laid over each other."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple

from msgspec import Struct

from perptape.core.config.shape import Path, dotted, is_struct, item_of, settings_of


class Origin(NamedTuple):
    """Where a setting's value comes from."""

    source: Literal["default", "profile", "file", "override"]
    name: str = ""
    """The profile's or the file's name."""
    line: int | None = None

    def __str__(self) -> str:
        """As `config show` writes it: default, profile canary, bot.toml:12 or command line."""
        match self.source:
            case "default":
                return "default"
            case "profile":
                return f"profile {self.name}"
            case "file":
                return self.name if self.line is None else f"{self.name}:{self.line}"
            case "override":
                return "command line"


DEFAULT = Origin("default")


class Layered(NamedTuple):
    """Raw settings and, by path, where each given value came from."""

    data: dict[str, Any]
    origins: dict[Path, Origin]


def lay_over(below: Layered, above: Mapping[str, Any], origin: Callable[[Path], Origin]) -> Layered:
    """`above` laid over `below`: tables are merged key by key, everything else is replaced whole."""
    origins = dict(below.origins)
    data = _merged(below.data, above, (), origin, origins)
    return Layered(data, origins)


def _merged(
    below: Mapping[str, Any],
    above: Mapping[str, Any],
    at: Path,
    origin: Callable[[Path], Origin],
    origins: dict[Path, Origin],
) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        path = (*at, key)
        beneath = merged.get(key)
        if isinstance(value, Mapping):
            merged[key] = _merged(beneath if isinstance(beneath, Mapping) else {}, value, path, origin, origins)
        else:
            merged[key] = value
            _forget(path, origins)
        origins.update((given, origin(given)) for given in _given(value, path))
    return merged


def _forget(path: Path, origins: dict[Path, Origin]) -> None:
    for known in [known for known in origins if known[: len(path)] == path]:
        del origins[known]


def _given(value: Any, path: Path) -> Iterator[Path]:
    """The path of a value and of everything in it."""
    yield path
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _given(inner, (*path, key))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from _given(inner, (*path, place))


def origins_of(settings: Struct, origins: Mapping[Path, Origin], at: Path = ()) -> Iterator[tuple[str, Origin]]:
    """Every setting by its dotted path with its origin."""
    for setting in settings_of(type(settings)):
        path = (*at, setting.name)
        value = getattr(settings, setting.name)
        if isinstance(value, Struct):
            yield from origins_of(value, origins, path)
        elif isinstance(value, tuple | list) and value and is_struct(item_of(setting.hint)):
            for place, item in enumerate(value):
                yield from origins_of(item, origins, (*path, place))
        elif isinstance(value, Mapping) and value:
            for key, inner in value.items():
                inside = (*path, key)
                if isinstance(inner, Struct):
                    yield from origins_of(inner, origins, inside)
                else:
                    yield dotted(inside), origins.get(inside, DEFAULT)
        else:
            yield dotted(path), origins.get(path, DEFAULT)
