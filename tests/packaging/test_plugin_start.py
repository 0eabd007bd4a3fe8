"""What pytest loads of perptape in a project without recordings, and in one with some. Time follows from it."""

from pathlib import Path

from perptape.replays.golden.names import RECORDING_MARK
from perptape.replays.tape.header import FORMAT
from tests.packaging.environment import Environment
from tests.packaging.project import write

LOADED = """
import sys

def test_loaded():
    loaded = {name for name in sys.modules if name.partition(".")[0] in ("perptape", "msgspec", "pyarrow", "zstandard")}
    assert loaded == set("%s".split())
"""
AT_START = """
perptape perptape.replays perptape.replays.testing perptape.replays.testing.plugin perptape.replays.testing.bot_fixture
perptape.replays.golden perptape.replays.golden.names
"""


def test_nothing_of_core_is_loaded_where_no_recording_is_collected(installed: Environment, tmp_path: Path) -> None:
    own = {
        "data.jsonl": '{"own": "lines"}\n',
        "a.golden.json.txt": "",
        "test_own.py": LOADED % " ".join(AT_START.split()),
    }
    done = installed.run("python -m pytest -q", write(tmp_path, own))
    assert "1 passed" in done.stdout, done.stdout


def test_nothing_of_core_is_loaded_until_a_recording_is_run(installed: Environment, user: Path) -> None:
    write(user, {"test_own.py": LOADED % " ".join(AT_START.split())})
    done = installed.run("python -m pytest -q test_own.py recordings", user)
    assert "1 failed, 2 passed" in done.stdout, done.stdout


def test_the_mark_of_a_recording_is_its_format() -> None:
    assert RECORDING_MARK.decode() == FORMAT
