"""How the folders of this repository become the package `perptape`.

In a wheel they are copied below `perptape/`; the catalogue's recordings are compressed, and their goldens, which only
the tests of this repository read, are left out. In a checkout `build/dev/perptape/` is a folder of links to them, and
the editable install puts `build/dev` on the path, so that an edited file is the one that runs.
"""

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import zstandard
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACES = {
    "core": "core",
    "eventstore": "eventstore",
    "replays": "replays",
    "migrations": "migrations",
    "cli.py": "cli.py",
    "__init__.py": "replays/public.py",
    "py.typed": "core/py.typed",
}
"""Where each entry of the package comes from, relative to the repository."""

RECORDINGS = "replays/scenarios/recordings"
LEVEL = 15
"""Of compression: higher levels take several times as long and save a few percent."""


class PerptapeBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Maps the folders of the repository into the package."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Link the folders for an editable install; list the files for any other wheel."""
        if self.target_name != "wheel":
            return
        root = Path(self.root)
        if version == "editable":
            link_package(root)
            return
        self._compressed = TemporaryDirectory()
        folder = Path(self._compressed.name)
        build_data["force_include"].update({str(file): name for file, name in shipped(root, folder)})

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002 - hatchling's
        """Remove what was compressed for the wheel."""
        if self.target_name == "wheel" and version != "editable":
            self._compressed.cleanup()


def shipped(root: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file of a wheel and its name there, once; recordings are compressed into `folder`."""
    sources = {name: root / place for name, place in PLACES.items()}
    for name, source in sources.items():
        if source.is_file():
            yield source, f"perptape/{name}"
            continue
        for file in sorted(source.rglob("*")):
            if not file.is_file() or "__pycache__" in file.parts or file in sources.values():
                continue
            target = Path("perptape", name, file.relative_to(source))
            if file.is_relative_to(root / RECORDINGS):
                if file.suffix == ".jsonl":
                    yield compressed(file, folder), f"{target.as_posix()}.zst"
            else:
                yield file, target.as_posix()


def compressed(recording: Path, folder: Path) -> Path:
    """The recording, compressed into `folder`; the same bytes each time."""
    target = folder / f"{recording.name}.zst"
    target.write_bytes(zstandard.ZstdCompressor(level=LEVEL).compress(recording.read_bytes()))
    return target


def link_package(root: Path) -> Path:
    """Make `build/dev/perptape` below `root` anew, a folder of links; it returns `build/dev`."""
    package = root / "build" / "dev" / "perptape"
    package.mkdir(parents=True, exist_ok=True)
    for entry in package.iterdir():
        if entry.is_symlink():
            entry.unlink()
    for name, place in PLACES.items():
        (package / name).symlink_to(Path("..", "..", "..", place))
    return package.parent
