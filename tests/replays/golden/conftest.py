"""A user's folder."""

from pathlib import Path

import pytest

from tests.replays.golden.folder import Folder


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A folder of recordings, empty."""
    return Folder(tmp_path)
