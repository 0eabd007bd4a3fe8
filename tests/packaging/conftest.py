"""A user's folder: a recording with its golden, and one that differs from its golden."""

import shutil
from pathlib import Path

import pytest

from tests.replays.golden.folder import Folder, rising


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Folder(tmp_path_factory.mktemp("recordings"))
    folder.accepted(rising(), "good")
    return folder.path


@pytest.fixture(scope="session")
def differing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Folder(tmp_path_factory.mktemp("differing"))
    folder.accepted(rising(), "bad")
    folder.record(rising(52_000), "bad")
    return folder.path


@pytest.fixture
def user(tmp_path: Path, recordings: Path) -> Path:
    """The working folder of a user, with `recordings/` in it."""
    folder = tmp_path / "user"
    shutil.copytree(recordings, folder / "recordings")
    return folder


@pytest.fixture
def failing(tmp_path: Path, differing: Path) -> Path:
    """The same with recordings that differ from their goldens."""
    folder = tmp_path / "failing"
    shutil.copytree(differing, folder / "recordings")
    return folder
