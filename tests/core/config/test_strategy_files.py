import hashlib
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from perptape.core.config import load_strategy, register_strategies, strategy_sources
from perptape.core.errors import StrategyLoadError
from perptape.core.settings import StrategySettings, TradingSettings

SOURCE = """\
from typing import ClassVar
from msgspec import Struct

class Memory(Struct):
    seen: int = 0

class Mine(Struct, frozen=True):
    level: int = {level}
    memory_type: ClassVar[type] = Memory
    memory_schema: ClassVar[int] = 1

    def initial(self): return Memory()
    def update(self, memory, market): return memory
    def signals(self, memory, view): return ()
"""


def written(path: Path, text: str = SOURCE.format(level=1)) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_text(text, "utf-8")
    return path


def refusal(kind: str, folder: Path) -> str:
    with pytest.raises(StrategyLoadError) as caught:
        load_strategy(kind, folder)
    [line] = str(caught.value).splitlines()
    return line


def trading(*kinds: str) -> TradingSettings:
    return TradingSettings(
        strategies=tuple(StrategySettings(name=f"s{at}", kind=kind) for at, kind in enumerate(kinds))
    )


def test_a_class_is_loaded_from_a_file_relative_to_the_folder(tmp_path: Path) -> None:
    written(tmp_path / "sub" / "mine.py")
    assert load_strategy("sub/mine.py:Mine", tmp_path)().level == 1


def test_an_absolute_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.py")
    assert load_strategy(f"{path}:Mine", tmp_path / "elsewhere")().level == 1


def test_a_class_is_loaded_from_a_module_beside_the_configuration(tmp_path: Path) -> None:
    written(tmp_path / "beside_the_bot" / "mine.py")
    places = list(sys.path)
    assert load_strategy("beside_the_bot.mine:Mine", tmp_path)().level == 1
    assert sys.path == places


def test_an_edited_file_is_read_anew_even_at_the_same_time_and_size(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.py")
    stamp = path.stat().st_mtime_ns
    first = load_strategy("mine.py:Mine", tmp_path)
    assert load_strategy("mine.py:Mine", tmp_path) is first
    written(path, SOURCE.format(level=2))
    os.utime(path, ns=(stamp, stamp))
    assert load_strategy("mine.py:Mine", tmp_path)().level == 2


def test_loading_leaves_nothing_beside_the_user_s_file(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.py")
    load_strategy("mine.py:Mine", tmp_path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal("no.py:Mine", tmp_path).startswith(f"no.py:Mine: {tmp_path / 'no.py'} does not exist")


def test_a_missing_module_is_named(tmp_path: Path) -> None:
    assert "there is no module nowhere_at_all" in refusal("nowhere_at_all.x:Mine", tmp_path)


def test_a_missing_class_is_answered_with_the_ones_there_are(tmp_path: Path) -> None:
    written(tmp_path / "mine.py")
    assert refusal("mine.py:Mien", tmp_path) == "mine.py:Mien: mine.py has no class Mien; its classes: Memory, Mine"


def test_a_class_that_is_no_strategy_says_what_it_lacks(tmp_path: Path) -> None:
    written(tmp_path / "mine.py", "class Mine:\n    def update(self, memory, market): ...\n")
    assert "Mine is not a strategy: it lacks memory_type, memory_schema, initial, signals" in refusal(
        "mine.py:Mine", tmp_path
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\ndef f(:\n", "mine.py, line 2: invalid syntax"),
        ("x = 1\ny = x / 0\n", "ZeroDivisionError: division by zero ({path}, line 2)"),
        ("import nothing_like_it\n", "there is no module nothing_like_it ({path}, line 1)"),
        ("import sys\nsys.exit('bye')\n", "SystemExit: bye ({path}, line 2)"),
        ("raise ValueError('two\\nlines')\n", "ValueError: two lines ({path}, line 1)"),
        ("x = '\\ud800'\n\x00", "mine.py"),
    ],
)
def test_a_file_that_does_not_run_is_blamed_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    path = written(tmp_path / "mine.py", text)
    assert words.format(path=path) in refusal("mine.py:Mine", tmp_path)
    assert "does not exist" not in refusal("mine.py:Mine", tmp_path)


def test_the_kinds_of_the_settings_become_known(tmp_path: Path) -> None:
    written(tmp_path / "mine.py")
    registry: dict[str, type[Any]] = {"ma_crossover": int}
    register_strategies(trading("ma_crossover", "mine.py:Mine"), tmp_path, registry)
    assert registry["mine.py:Mine"]().level == 1


def test_a_kind_that_is_not_shipped_is_answered_with_the_nearest() -> None:
    registry: dict[str, type[Any]] = {"ma_crossover": int}
    with pytest.raises(StrategyLoadError, match=r"^trading\.strategies\[0\]\.kind: .* did you mean ma_crossover\?$"):
        register_strategies(trading("ma_crosover"), Path(), registry)
    with pytest.raises(StrategyLoadError, match=r"known: ma_crossover, PATH\.py:Class, package\.module:Class$"):
        register_strategies(trading("zzz"), Path(), registry)


def test_sources_are_hashed_once_for_each_kind_of_the_user_s(tmp_path: Path) -> None:
    path = written(tmp_path / "mine.py")
    other = written(tmp_path / "hashed_beside" / "other.py")
    kinds = ("mine.py:Mine", "ma_crossover", "hashed_beside.other:Mine", "mine.py:Mine")
    assert strategy_sources(trading(*kinds), tmp_path) == [
        ("hashed_beside.other:Mine", hashlib.sha256(other.read_bytes()).hexdigest()),
        ("mine.py:Mine", hashlib.sha256(path.read_bytes()).hexdigest()),
    ]


def test_a_source_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StrategyLoadError, match="does not exist"):
        strategy_sources(trading("no.py:Mine"), tmp_path)
    with pytest.raises(StrategyLoadError, match="there is no module"):
        strategy_sources(trading("absent_module_x:Mine"), tmp_path)
