"""Where the sources are and which of them are pure, as `pyproject.toml` says it."""

import os
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PATHS = os.pathsep.join((str(ROOT / "build" / "dev"), str(ROOT)))
"""What a Python process of its own needs on its path to run this tree and its tests."""
PACKAGES = ("core", "eventstore", "replays", "migrations")


def pyproject() -> dict[str, Any]:
    """The project's configuration."""
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def border_modules() -> tuple[str, ...]:
    """The modules of `core` that are not pure; each stands for everything below it."""
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    [pure] = [contract for contract in contracts if contract["type"] == "pure"]
    return tuple(pure["border_modules"])


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    """Whether `module` is one of `packages` or lies inside one."""
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def module_name(path: Path) -> str:
    """The import name of a source file of this tree."""
    parts = ("perptape", *path.relative_to(ROOT).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def copy_package(folder: Path) -> Path:
    """The package as it is installed, copied to where it may be changed: `folder`/perptape."""
    return Path(shutil.copytree(ROOT / "build" / "dev" / "perptape", folder / "perptape"))


def shipped_files() -> Iterator[Path]:
    """Every source file that an installation gets."""
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))
    yield ROOT / "cli.py"


def written_tests() -> Iterator[Path]:
    """Every source file below `tests/`."""
    yield from sorted((ROOT / "tests").rglob("*.py"))


def pure_files() -> Iterator[Path]:
    """The source files of the pure part of `core`."""
    border = border_modules()
    for path in sorted((ROOT / "core").rglob("*.py")):
        if not is_within(module_name(path), border):
            yield path
