"""Whose code runs: reading a tape runs none, and a replay runs that which the user trusts."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from perptape import open_recording
from perptape.core.config import register_strategies
from perptape.core.strategies import STRATEGIES
from perptape.replays.scenarios import canary, play, strategy
from tests.replays.command import perptape
from tests.replays.scenarios.small import small

KIND = "mine.py:Mine"
CODE = """
from pathlib import Path
from typing import Any, ClassVar
from msgspec import Struct

Path(__file__).with_name("RAN").touch()

class Memory(Struct):
    seen: int = 0

class Mine(Struct, frozen=True):
    memory_type: ClassVar[Any] = Memory
    memory_schema: ClassVar[int] = 1
    def initial(self): return Memory()
    def update(self, memory, market): return Memory(memory.seen + 1)
    def signals(self, memory, view): return ()
"""


def forget_code() -> None:
    """As a process that has not loaded the code yet."""
    STRATEGIES.pop(KIND, None)
    for name in [name for name in sys.modules if name.startswith("perptape_strategy_mine")]:
        del sys.modules[name]


@pytest.fixture
def received(folder: Path) -> Iterator[Path]:
    """A recording that somebody sent, with the code that it names beside it, in the working folder."""
    (folder / "mine.py").write_text(CODE, encoding="utf-8")
    trading = canary(strategy("mine", KIND, trigger="quote"))
    register_strategies(trading, folder, STRATEGIES)
    play(small(trading=trading)).write(folder / "s.jsonl")
    (folder / "RAN").unlink()
    forget_code()
    yield Path("s.jsonl")
    forget_code()


def test_reading_runs_no_code(received: Path, folder: Path) -> None:
    assert perptape("verify", received).status == 0
    assert perptape("rebuild", received).status == 0
    assert perptape("store", "import", received, "--store", "sqlite:///tape.sqlite").status == 0
    assert perptape("verify", "bot", "--store", "sqlite:///tape.sqlite").status == 0
    assert open_recording(received).table("events").num_rows > 10
    assert not (folder / "RAN").exists()


def test_a_replay_of_code_that_nothing_of_mine_names_is_refused(received: Path, folder: Path) -> None:
    said = perptape("replay", received).complaint
    assert said.startswith(KIND)
    assert all(words in said for words in ("trusted", "pyproject.toml", "--strategy", "--trust-header"))
    assert not (folder / "RAN").exists()


@pytest.mark.parametrize(
    ("file", "text", "options"),
    [
        ("bot.toml", f'[[trading.strategies]]\nname = "mine"\nkind = "{KIND}"\n', []),
        ("bot.toml", '[runtime]\ntrusted = ["."]\n', []),
        ("pyproject.toml", '[tool.perptape]\ntrusted = ["."]\n', []),
        ("notes.txt", "", ["--strategy", KIND]),
        ("notes.txt", "", ["--trust-header"]),
    ],
    ids=["named in bot.toml", "folder in bot.toml", "folder in pyproject.toml", "--strategy", "--trust-header"],
)
def test_code_is_run_once_it_is_trusted(received: Path, folder: Path, file: str, text: str, options: list[str]) -> None:
    (folder / file).write_text(text, encoding="utf-8")
    assert perptape("replay", received, *options).status == 0
    assert (folder / "RAN").exists()


def test_goldens_replay_with_trusted_code_only(received: Path, folder: Path) -> None:
    assert KIND in perptape("golden", "accept", received).complaint
    (folder / "pyproject.toml").write_text('[tool.perptape]\ntrusted = ["."]\n', encoding="utf-8")
    assert perptape("golden", "accept", received).status == 0
    assert perptape("golden", "check", received).status == 0


@pytest.mark.parametrize("text", [None, "class Mine(:\n"], ids=["gone", "broken"])
def test_code_that_is_gone_or_broken_stops_the_replay_only(received: Path, folder: Path, text: str | None) -> None:
    if text is None:
        (folder / "mine.py").unlink()
    else:
        (folder / "mine.py").write_text(text, encoding="utf-8")
    assert "mine.py" in perptape("replay", received, "--trust-header").complaint
    assert perptape("verify", received).status == perptape("rebuild", received).status == 0


def test_a_parameter_that_was_renamed_stops_the_replay_only(received: Path, folder: Path) -> None:
    forget_code()
    trading = canary(strategy("mine", KIND, {"margin": 3}, trigger="quote"))
    (folder / "mine.py").write_text(CODE.replace("    def initial", "    margin: int = 0\n    def initial"), "utf-8")
    register_strategies(trading, folder, STRATEGIES)
    play(small(trading=trading)).write(received)
    forget_code()
    (folder / "mine.py").write_text(CODE.replace("    def initial", "    edge: int = 0\n    def initial"), "utf-8")
    assert "margin" in perptape("replay", received, "--trust-header").complaint
    assert perptape("verify", received).status == perptape("rebuild", received).status == 0


@pytest.mark.parametrize("schema", [1, 2])
@pytest.mark.parametrize("sealed", [False, True])
def test_memory_may_grow_by_a_field(received: Path, folder: Path, schema: int, sealed: bool) -> None:
    url = "sqlite:///tape.sqlite"
    assert perptape("store", "import", received, "--store", url).status == 0
    if sealed:
        assert perptape("store", "archive", "bot", "--seal", "--store", url).status == 0
    grown = CODE.replace("    seen: int = 0\n", "    seen: int = 0\n    late: int = 0\n")
    (folder / "mine.py").write_text(grown.replace("ClassVar[int] = 1", f"ClassVar[int] = {schema}"), "utf-8")
    (folder / "bot.toml").write_text(f'[[trading.strategies]]\nname = "mine"\nkind = "{KIND}"\n', "utf-8")
    for command in ("verify", "rebuild", "replay", "status"):
        answer = perptape(command, "bot", "--store", url)
        assert (answer.status, answer.err) == (0, ""), command


def test_a_list_of_folders_that_is_none_is_one_line(received: Path, folder: Path) -> None:
    (folder / "pyproject.toml").write_text('[tool.perptape]\ntrusted = "."\n', encoding="utf-8")
    assert "trusted: given '.'" in perptape("replay", received).complaint
