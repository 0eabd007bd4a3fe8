"""Loads strategies of the user's own, from a file (`PATH.py:Class`) or a module (`package.module:Class`)."""

import difflib
import hashlib
import importlib
import importlib.abc
import importlib.util
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from perptape.core.errors import StrategyLoadError
from perptape.core.settings import TradingSettings

PARTS = ("memory_type", "memory_schema", "initial", "update", "signals")
"""What a strategy has to have (perptape.core.strategies.base.Strategy)."""


def register_strategies(trading: TradingSettings, folder: Path, registry: MutableMapping[str, type[Any]]) -> None:
    """Make every kind that the settings name known to `registry` (perptape.core.strategies.STRATEGIES).

    Paths are relative to `folder`. Raises StrategyLoadError.
    """
    for place, strategy in enumerate(trading.strategies):
        kind = strategy.kind
        if ":" in kind:
            registry[kind] = load_strategy(kind, folder)
        elif kind not in registry:
            shipped = [one for one in registry if ":" not in one]
            near = difflib.get_close_matches(kind, shipped, n=1)
            known = ", ".join((*shipped, "PATH.py:Class", "package.module:Class"))
            hint = f"did you mean {near[0]}?" if near else f"known: {known}"
            raise StrategyLoadError(f"trading.strategies[{place}].kind: {kind} is not a strategy; {hint}")


def load_strategy(kind: str, folder: Path) -> type[Any]:
    """The class that `kind` names. The file is read anew each time its content changed.

    Raises StrategyLoadError: one line with the cause, and file and line where the user's code is at fault.
    """
    place, name = _split(kind)
    module = _module_of_file(kind, folder / place) if place.endswith(".py") else _module(kind, place, folder)
    found = getattr(module, name, None)
    if not isinstance(found, type):
        own = [one for one, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__]
        classes = ", ".join(one for one in own if isinstance(getattr(module, one), type))
        raise StrategyLoadError(f"{kind}: {place} has no class {name}; its classes: {classes or 'none'}")
    if missing := ", ".join(part for part in PARTS if not hasattr(found, part)):
        raise StrategyLoadError(
            f"{kind}: {name} is not a strategy: it lacks {missing} (see perptape.core.strategies.base)"
        )
    return found


def strategy_sources(trading: TradingSettings, folder: Path) -> list[tuple[str, str]]:
    """Kind and SHA-256 of the source file of each of the user's strategies, once, by kind.

    For the behaviour digest. Only the file that holds the class counts, not what it imports. Raises StrategyLoadError.
    """
    kinds = sorted({strategy.kind for strategy in trading.strategies if ":" in strategy.kind})
    return [(kind, hashlib.sha256(_source(kind, folder)).hexdigest()) for kind in kinds]


class _Source(importlib.abc.SourceLoader):
    """Runs given bytes. No byte code is cached: an edit within the clock's resolution must not go unnoticed."""

    def __init__(self, path: Path, source: bytes) -> None:
        self.path = path
        self.source = source

    def get_filename(self, fullname: str) -> str:
        """The file, for tracebacks."""
        del fullname
        return str(self.path)

    def get_data(self, path: str | bytes) -> bytes:
        """The source."""
        del path
        return self.source


def _split(kind: str) -> tuple[str, str]:
    place, _, name = kind.rpartition(":")
    return place, name


def _read(kind: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        words = "does not exist; paths are relative to the file that names them"
        raise StrategyLoadError(f"{kind}: {path} {words}") from None
    except OSError as error:
        raise StrategyLoadError(f"{kind}: {path} cannot be read ({error.strerror or error})") from error


def _module_of_file(kind: str, path: Path) -> ModuleType:
    source = _read(kind, path)
    digest = hashlib.sha256(str(path.absolute()).encode() + b"\0" + source).hexdigest()
    name = f"perptape_strategy_{path.stem}_{digest[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    loader = _Source(path, source)
    module = ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # data types resolve their annotations through it
    try:
        with _blamed(kind, path):
            loader.exec_module(module)
    except StrategyLoadError:
        del sys.modules[name]
        raise
    return module


def _module(kind: str, name: str, folder: Path) -> ModuleType:
    with _blamed(kind, None), _importable(folder):
        return importlib.import_module(name)


def _source(kind: str, folder: Path) -> bytes:
    place, _ = _split(kind)
    if place.endswith(".py"):
        return _read(kind, folder / place)
    with _blamed(kind, None), _importable(folder):
        spec = importlib.util.find_spec(place)
    if spec is None or spec.origin is None:
        raise StrategyLoadError(f"{kind}: there is no module {place}; install it or give PATH.py:Class")
    return _read(kind, Path(spec.origin))


@contextmanager
def _importable(folder: Path) -> Iterator[None]:
    """Modules beside the configuration file can be imported, after everything that is installed."""
    place = str(folder.absolute())
    sys.path.append(place)
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(place)


@contextmanager
def _blamed(kind: str, path: Path | None) -> Iterator[None]:
    """Whatever the user's code raises while it is imported, as one line with the place."""
    try:
        yield
    except SyntaxError as error:
        raise StrategyLoadError(f"{kind}: {error.filename}, line {error.lineno}: {error.msg}") from error
    except ModuleNotFoundError as error:
        words = f"there is no module {error.name}{_place(error, path)}; install it or correct the name"
        raise StrategyLoadError(f"{kind}: {words}") from error
    except (Exception, SystemExit) as error:  # code of the user's may raise anything
        words = " ".join(str(error).split())
        raise StrategyLoadError(f"{kind}: {type(error).__name__}: {words}{_place(error, path)}") from error


def _place(error: BaseException, path: Path | None) -> str:
    """Where the user's code was when it failed: in the file itself if it can be told."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    mine = [frame for frame in frames if path is not None and frame.filename == str(path)]
    theirs = [frame for frame in frames if "importlib" not in frame.filename]
    return next((f" ({frame.filename}, line {frame.lineno})" for frame in reversed(mine or theirs)), "")
