"""What is recorded once and looked at by many tests."""

from pathlib import Path

import pytest

from perptape.replays.record import record
from tests.replays.session import plan
from tests.replays.surgery import Tape


@pytest.fixture(scope="session")
def session_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The eventful session: about a thousand events."""
    return record(plan(), tmp_path_factory.mktemp("session") / "session.jsonl").path


@pytest.fixture(scope="session")
def session(session_file: Path) -> Tape:
    """The eventful session as lines."""
    return Tape.read(session_file)


@pytest.fixture(scope="session")
def short_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The first minute of it: a few dozen events, among them decisions."""
    return record(plan(steps=15), tmp_path_factory.mktemp("short") / "short.jsonl").path


@pytest.fixture(scope="session")
def short(short_file: Path) -> Tape:
    """The first minute as lines."""
    return Tape.read(short_file)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder."""
    empty = tmp_path / "here"
    empty.mkdir()
    monkeypatch.chdir(empty)
    return empty
