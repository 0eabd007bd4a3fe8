"""Whose strategy code a replay runs. A recording only names code; what runs is the user's own choice.

Reading a tape runs no code. Replaying asks the strategies again, so their code has to be loaded: that which the user's
own bot.toml names, that which lies in a folder listed in `[tool.perptape] trusted` of the nearest pyproject.toml, that
which is named on the command line, and with `--trust-header` whatever the recording names.
"""

import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from perptape.core.config import register_strategies
from perptape.core.errors import StrategyLoadError
from perptape.core.settings import StrategySettings, TradingSettings
from perptape.core.strategies import STRATEGIES
from perptape.replays.tape.errors import DamageError, SourceError
from perptape.replays.tape.header import UNREADABLE, Header

BOT_FILE: Final = "bot.toml"
PROJECT_FILE: Final = "pyproject.toml"


class Trust(Struct, frozen=True):
    """What code a replay may run."""

    folders: tuple[Path, ...] = ()
    """Code in these folders, and below them."""
    kinds: tuple[str, ...] = ()
    """Kinds that the user's bot.toml or command line names, as `PATH.py:Class` or `package.module:Class`."""
    home: Path = Path()
    """What the paths of these kinds are relative to."""
    header: bool = False
    """Whatever a recording names."""


def configured_trust(folder: Path, *, kinds: Sequence[str] = (), header: bool = False) -> Trust:
    """What the user's own configuration around a folder trusts, and what was said on the command line besides.

    Raises SourceError for a configuration that cannot be read.
    """
    home = folder.absolute()
    folders: list[Path] = []
    project = next((up / PROJECT_FILE for up in (home, *home.parents) if (up / PROJECT_FILE).is_file()), None)
    if project is not None:
        folders += _trusted_folders(project, _table(_read(project), "tool", "perptape"))
    named = list(kinds)
    bot = home / BOT_FILE
    if bot.is_file():
        data = _read(bot)
        named += _kinds_in(data)
        folders += _trusted_folders(bot, _table(data, "runtime"))
    return Trust(tuple(folders), tuple(named), home, header)


def load_code(header: Header, folder: Path, trust: Trust) -> None:
    """Load the strategies that a recording in `folder` names, as far as they are trusted.

    Raises StrategyLoadError for code that is not trusted, is gone or is broken, and DamageError(0).
    """
    try:
        settings = msgspec.json.decode(bytes(header.trading), type=TradingSettings)
    except UNREADABLE as error:
        raise DamageError(0, f"the settings in the header cannot be read: {error}") from error
    for strategy in settings.strategies:
        if ":" in strategy.kind:
            _load(strategy, settings, folder.absolute(), trust)


def _load(strategy: StrategySettings, settings: TradingSettings, folder: Path, trust: Trust) -> None:
    kind = strategy.kind
    place = kind.rpartition(":")[0]
    alone = msgspec.structs.replace(settings, strategies=(strategy,))
    if kind in trust.kinds:
        register_strategies(alone, trust.home, STRATEGIES)
        return
    if not place.endswith(".py"):
        if trust.header:
            register_strategies(alone, trust.home, STRATEGIES)
        elif kind not in STRATEGIES:
            raise StrategyLoadError(f"{kind}: {_how_to_trust(kind, None)}")
        return
    homes = [folder, *folder.parents, trust.home]
    home = next((up for up in homes if (up / place).is_file()), None)
    if home is None:
        if kind in STRATEGIES:
            return
        raise StrategyLoadError(
            f"{kind}: the recording names this file, but it is not in {folder}, in a folder above it, or in "
            f"{trust.home}: put it there, or name the code to replay with (--strategy)"
        )
    file = (home / place).resolve()
    if trust.header or any(file.is_relative_to(trusted.resolve()) for trusted in trust.folders):
        register_strategies(alone, home, STRATEGIES)
    elif kind not in STRATEGIES:
        raise StrategyLoadError(f"{kind}: {_how_to_trust(kind, file)}")


def _how_to_trust(kind: str, file: Path | None) -> str:
    where = f" ({file})" if file is not None else ""
    return (
        f"the recording names this code{where}, but you have not trusted it; to run it, list its folder in "
        f"[tool.perptape] trusted in pyproject.toml, or use --strategy {kind} or --trust-header"
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SourceError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(f"{path}: not TOML: {error}") from error


def _table(data: Any, *names: str) -> dict[str, Any]:
    for name in names:
        data = data.get(name, {}) if isinstance(data, dict) else {}
    return data if isinstance(data, dict) else {}


def _trusted_folders(file: Path, table: dict[str, Any]) -> Iterable[Path]:
    trusted = table.get("trusted", [])
    if not isinstance(trusted, list) or not all(isinstance(one, str) for one in trusted):
        raise SourceError(f"{file}: trusted: given {trusted!r}; allowed: a list of folders")
    return [file.parent / one for one in trusted]


def _kinds_in(data: dict[str, Any]) -> list[str]:
    strategies = _table(data, "trading").get("strategies", [])
    found = [one.get("kind") for one in strategies if isinstance(one, dict)] if isinstance(strategies, list) else []
    return [kind for kind in found if isinstance(kind, str)]
