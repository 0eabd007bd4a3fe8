"""A user's project: files by their names, written into a folder, and what is built from them."""

from pathlib import Path

THEIRS = 'def main() -> None:\n    print("theirs")\n'
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "theirs"
version = "1"

[project.scripts]
theirs = "cli:main"

[tool.hatch.build.targets.wheel]
only-include = ["core", "replays", "cli.py"]
"""
CORE = {
    "core/__init__.py": "",
    "core/errors.py": 'class PerptapeError(Exception):\n    """Theirs."""\n',
    "core/settings.py": 'NAME = "theirs"\n',
}
PROJECT = {"pyproject.toml": PYPROJECT, "cli.py": THEIRS, "replays/__init__.py": 'NAME = "theirs"\n', **CORE}
"""A project that installs `cli`, `core` and `replays` at the top level, with a command of its own."""
OWN_TEST = """import core.settings as theirs
from perptape import TradingSettings

def test_own():
    assert theirs.NAME == "theirs"
    assert TradingSettings.__module__ == "perptape.core.settings"
"""


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder
