"""A user's folder: a recording that matches its golden, and one that does not."""

import shutil
from pathlib import Path

import pytest

from tests.replays.golden.folder import Folder, rising


@pytest.fixture(scope="session")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = Folder(tmp_path_factory.mktemp("recordings"))
    for name in ("good", "bad"):
        folder.accepted(rising(), name)
    folder.record(rising(52_000), "bad")
    return folder.path


@pytest.fixture
def user(tmp_path: Path, recordings: Path) -> Path:
    """The working folder of a user, with both in `recordings/`."""
    folder = tmp_path / "user"
    shutil.copytree(recordings, folder / "recordings")
    return folder
