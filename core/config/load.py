"""Reads a configuration file: profile, file and command line laid over each other, checked, as settings."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any, NamedTuple, TypeVar

import msgspec
from msgspec import Struct
from pydantic import ValidationError

from perptape.core.config.origins import Layered, Origin, lay_over, origins_of
from perptape.core.config.problems import Problem, disagreement, problem_of, refusal
from perptape.core.config.profiles import DEFAULT_PROFILE, PROFILES
from perptape.core.config.rules import contradictions
from perptape.core.config.runtime import RuntimeSettings
from perptape.core.config.schema import document_type, model_of
from perptape.core.config.secrets import secret_places
from perptape.core.config.shape import Path, dotted
from perptape.core.config.toml_file import TomlFile, parse_toml, read_toml
from perptape.core.errors import ConfigurationError
from perptape.core.settings import TradingSettings

Section = TypeVar("Section", bound=Struct)
_CONVERTED = re.compile(r" - at `\$\.?(.*)`$")


class Configuration(NamedTuple):
    """Checked settings and where each of them came from."""

    trading: TradingSettings
    runtime: RuntimeSettings
    sections: Mapping[str, Struct]
    """Further tables of `[runtime]` by name, as the composition root asked for them."""
    origins: Mapping[str, Origin]
    """By dotted path, such as trading.guards.leverage_max."""
    folder: FilePath
    """What paths in the settings are relative to: the file's folder, or the working folder."""

    def section(self, kind: type[Section]) -> Section:
        """The section of a type, e.g. the simulated exchange's settings."""
        [found] = [section for section in self.sections.values() if isinstance(section, kind)]
        return found


def load(
    path: FilePath | None,
    *,
    profile: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    sections: Mapping[str, type[Struct]] | None = None,
) -> Configuration:
    """The settings of a file, or of a profile when there is no file.

    `profile` wins over the file's own `trading.profile`; without a file it is `canary` unless given. `overrides` are
    values by dotted key (`{"runtime.store": "sqlite:///other.sqlite"}`) and win over everything. `sections` names
    further tables of `[runtime]` with their types. Raises ConfigurationError: one line, with the first problem.
    """
    file = read_toml(path) if path is not None else None
    return _loaded(file, path.absolute().parent if path else FilePath.cwd(), profile, overrides or {}, sections or {})


def load_configuration(
    text: str,
    *,
    name: str = "bot.toml",
    profile: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    sections: Mapping[str, type[Struct]] | None = None,
) -> Configuration:
    """As `load`, of a text; `name` stands for the file in messages and origins."""
    return _loaded(parse_toml(text, name), FilePath.cwd(), profile, overrides or {}, sections or {})


def problems(
    path: FilePath | None,
    *,
    profile: str | None = None,
    overrides: Mapping[str, Any] | None = None,
    sections: Mapping[str, type[Struct]] | None = None,
) -> tuple[str, ...]:
    """Everything that is wrong with a file, a line each, for `config check`; nothing when it can be loaded."""
    try:
        file = read_toml(path) if path is not None else None
        layered = _layered(file, profile, overrides or {})
    except ConfigurationError as error:
        return (str(error),)
    return _examined(layered, file, sections or {})[1]


def _loaded(
    file: TomlFile | None,
    folder: FilePath,
    profile: str | None,
    overrides: Mapping[str, Any],
    sections: Mapping[str, type[Struct]],
) -> Configuration:
    layered = _layered(file, profile, overrides)
    document, wrong = _examined(layered, file, sections)
    if wrong or document is None:
        raise refusal(wrong)
    runtime = RuntimeSettings(*(getattr(document.runtime, name) for name in RuntimeSettings.__struct_fields__))
    found = {name: getattr(document.runtime, name) for name in sections}
    origins = dict(origins_of(document, layered.origins))
    return Configuration(document.trading, runtime, found, origins, folder)


def _nested(overrides: Mapping[str, Any]) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for key, value in overrides.items():
        *above, last = key.split(".")
        table = data
        for part in above:
            table = table.setdefault(part, {})
        table[last] = value
    return data


def _layered(file: TomlFile | None, profile: str | None, overrides: Mapping[str, Any]) -> Layered:
    """Profile, file and command line over each other, not yet checked."""
    given = dict(overrides) if profile is None else {"trading.profile": profile, **overrides}
    above = lay_over(Layered({}, {}), file.data if file else {}, file.origin if file else _from_command_line)
    above = lay_over(above, _nested(given), _from_command_line)
    trading = above.data.get("trading", {})
    named = trading.get("profile", "custom" if file else DEFAULT_PROFILE) if isinstance(trading, dict) else "custom"
    base = _profile(named, trading) if isinstance(named, str) and named in PROFILES else {}
    below = lay_over(Layered({}, {}), base, lambda _: Origin("profile", named))
    return lay_over(below, above.data, lambda path: above.origins[path])


def _from_command_line(_: Path) -> Origin:
    return Origin("override")


def _profile(name: str, over: Mapping[str, Any]) -> dict[str, Any]:
    """A profile's settings. Its caps count for the symbols that are followed only."""
    if name == "custom":
        return {}
    trading = {"profile": name, **PROFILES[name]}
    symbols = over.get("symbols", trading["symbols"])
    guards = dict(trading["guards"])
    if "position_caps" in guards and isinstance(symbols, list | tuple):
        guards["position_caps"] = {key: cap for key, cap in guards["position_caps"].items() if key in symbols}
    return {"trading": {**trading, "guards": guards}}


def _examined(
    layered: Layered, file: TomlFile | None, sections: Mapping[str, type[Struct]]
) -> tuple[Any | None, tuple[str, ...]]:
    """The settings, or what is wrong with them, in the order of the file."""
    document = document_type(sections)
    secrets = tuple(secret_places(file.data)) if file else ()
    found = [
        Problem(path, "looks like a secret; keep secrets in the environment or the keyring", is_urgent=True)
        for path in secrets
    ]
    settings: Any = None
    try:
        settings = msgspec.convert(model_of(document).model_validate(layered.data).model_dump(), document)
    except ValidationError as error:
        known = (problem_of(one, layered.data, document) for one in error.errors())
        found += [one for one in known if not any(one.path[: len(path)] == path for path in secrets)]
    except msgspec.ValidationError as error:
        words = str(error)  # a section's own checks (its __post_init__) speak here
        place = _CONVERTED.search(words)
        found.append(Problem(tuple(place[1].split(".")) if place else (), _CONVERTED.sub("", words)))
    else:
        found += [disagreement(*one) for one in contradictions(settings.trading)]
    return settings, tuple(_lines(found, layered, file))


def _lines(found: list[Problem], layered: Layered, file: TomlFile | None) -> Iterator[str]:
    placed = [(*_place(problem, layered, file), problem) for problem in found]
    for _, place, problem in sorted(placed, key=lambda one: (not one[2].is_urgent, one[0])):
        words = f"{dotted(problem.path) or 'settings'}: {problem.words}".replace("\n", " ")
        yield f"{place}: {words}" if place else words


def _place(problem: Problem, layered: Layered, file: TomlFile | None) -> tuple[int, str]:
    path = problem.path
    while path and path not in layered.origins:
        path = path[:-1]
    match layered.origins.get(path):
        case Origin(source="file", line=int() as line) if file:
            return line, f"{file.path}, line {line}"
        case Origin(source="default" | "file") | None:
            return 0, file.path if file else ""
        case origin:
            return 0, str(origin)
