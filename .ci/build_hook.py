"""How the folders of this repository become the package `perptape`.

In a wheel they are copied below `perptape/`. In a checkout `build/dev/perptape/` is a folder of links to them, and the
editable install puts `build/dev` on the path, so that an edited file is the one that runs.
"""

from pathlib import Path
from typing import Any

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
        for name, place in PLACES.items():
            build_data["force_include"][str(root / place)] = f"perptape/{name}"


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
