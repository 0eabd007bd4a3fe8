"""Rows by id, section and file; and what is wrong with a file is told in one line."""

from pathlib import Path
from typing import Any

import pytest

from perptape.core.errors import SimulationError
from perptape.replays.scenarios.catalogue import catalogue
from perptape.replays.scenarios.language.errors import NoScenarioError
from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.proving.discovery import RECORDINGS, named, recording_of
from tests.replays.scenarios.small import small

OWN = """
from perptape.replays.scenarios import BTC, Scenario, canary, funded, market, prices, scripted

def scenario(id):
    return Scenario(
        id=id, name="mine", section="own", story="mine", trading=canary(scripted("puppet", "BTC-PERP 10 buy")),
        exchange=funded(), market=market(prices(BTC, {0: 50_000, 20: 50_000})), verifies=(),
    )
"""


CHANGED = """
from msgspec.structs import replace
from perptape.replays.scenarios import verifies

@verifies("it is seen")
def seen(run):
    pass

ONE = replace(scenario("M1"), {})
"""


def own(folder: Path, text: str) -> str:
    path = folder / "mine.py"
    path.write_text(OWN + text, encoding="utf-8")
    return str(path)


def test_without_names_it_is_the_whole_catalogue() -> None:
    assert named([]) == list(catalogue())


def test_a_row_is_named_by_id_or_title_in_any_case() -> None:
    [row] = named(["T01"])
    assert row.title == "T01_signal_to_position"
    assert named(["t01"]) == named(["t01_SIGNAL_to_position"]) == [row]


def test_a_section_is_all_its_rows_and_the_order_is_the_one_given() -> None:
    rows = named(["T01", "state"])
    assert rows[0].id == "T01"
    assert rows[1:] == [row for row in catalogue() if row.section == "state"]


def test_a_row_that_is_named_twice_is_there_once(tmp_path: Path) -> None:
    path = own(tmp_path, "ONE = scenario('M1')\nAGAIN = ONE\n")
    assert [row.id for row in named(["T01", "t01", path, path, "T02"])] == ["T01", "M1", "T02"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("trading", None), ("exchange", 5), ("network", ()), ("market", None), ("seed", "x"), ("acts", 1)],
)
def test_a_field_that_is_something_else_is_named(field: str, value: Any) -> None:
    with pytest.raises(SimulationError, match=f"scenario U01: {field} must be "):
        small(**{field: value})


def test_a_recording_has_its_place() -> None:
    [row] = named(["T01"])
    assert recording_of(row) == RECORDINGS / "trading" / "T01_signal_to_position.jsonl"


def test_an_unknown_name_is_told_which_there_are() -> None:
    with pytest.raises(NoScenarioError, match=r"T99: no such scenario; use a section, a Python file, or one of T01, "):
        named(["T99"])


def test_a_file_holds_scenarios_by_themselves_and_in_rows(tmp_path: Path) -> None:
    path = own(tmp_path, "ONE = scenario('M1')\nMORE = [scenario('M2'), scenario('M3')]\nLAST = (scenario('M4'), 5)\n")
    assert [row.id for row in named([path])] == ["M1", "M2", "M3", "M4"]


def test_a_strategy_is_found_beside_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "calm.py").write_text(
        "from typing import Any, ClassVar\n"
        "from msgspec import Struct\n"
        "class Memory(Struct):\n    seen: int = 0\n"
        "class Calm(Struct, frozen=True):\n"
        "    memory_type: ClassVar[Any] = Memory\n    memory_schema: ClassVar[int] = 1\n"
        "    def initial(self): return Memory()\n"
        "    def update(self, memory, market): return memory\n"
        "    def signals(self, memory, view): return ()\n",
        encoding="utf-8",
    )
    path = own(
        tmp_path,
        "from msgspec.structs import replace\n"
        "from perptape import strategy\n"
        "CALM = replace(scenario('M1'), trading=canary(strategy('calm', 'calm.py:Calm', trigger='quote')))\n",
    )
    [row] = named([path])
    assert isinstance(row, Scenario)
    assert row.trading.strategies[0].kind == "calm.py:Calm"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", r"contains no scenario: define one with perptape\.Scenario\(\.\.\.\)"),
        ("import nothing_of_that_name\n", "cannot be run: ModuleNotFoundError: No module named"),
        ("ONE = 1 +\n", "cannot be run: SyntaxError: invalid syntax"),
        (
            """
from perptape import strategy
ONE = Scenario(id="M1", name="m", section="own", story="", market=market(), verifies=(),
    trading=canary(strategy("gone", "gone.py:Gone")))
""",
            "M1: .*gone",
        ),
        ("import sys\nsys.exit(3)\n", r"cannot be run: SystemExit: 3 \(mine\.py, line \d+\)$"),
        ("def half():\n    return 1 / 0\nhalf()\n", r"ZeroDivisionError: division by zero \(mine\.py, line \d+\)$"),
        (
            "ONE = scenario('../M1')\n",
            r"\.\./M1: id must be letters, digits, _ and - alone, .*, not '\.\./M1'$",
        ),
        (CHANGED.format("section='mine'"), "scenario M1: section must be one of trading, .*, own, not 'mine'$"),
        (
            CHANGED.format("verifies=seen"),
            "verifies must be a tuple .*, a single one with a comma .*, not Expectation$",
        ),
        (CHANGED.format("verifies=(print,)"), "scenario M1: verifies must be a tuple of functions under @verifies"),
        ("ONE = scenario('M1')\nTWO = scenario('M1')\n", "two scenarios have the id M1: make ids unique$"),
    ],
    ids=[
        "no scenario",
        "import",
        "syntax",
        "strategy",
        "leaves",
        "raises",
        "path",
        "section",
        "comma",
        "phrase",
        "twice",
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_name(tmp_path: Path, text: str, said: str) -> None:
    path = own(tmp_path, text)
    with pytest.raises(NoScenarioError, match=said) as refused:
        named([path])
    assert str(refused.value).startswith(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NoScenarioError, match="there is no such file"):
        named([str(tmp_path / "nowhere.py")])
