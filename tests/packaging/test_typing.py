"""A user's files, type-checked against the installed wheel: right ones pass, wrong ones are refused on their lines."""

import json
import re
from pathlib import Path

import pytest

from tests.packaging.environment import Environment
from tests.packaging.project import write

STRATEGY = """\
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from msgspec import Struct

from perptape import Market, Signal, Strategy, View


class Memory(Struct):
    price: Decimal = Decimal(0)


class Own(Struct, frozen=True):
    memory_type: ClassVar[Any] = Memory
    memory_schema: ClassVar[int] = 1

    length: int = 5

    def initial(self) -> Memory:
        return Memory()

    def update(self, memory: Memory, market: Market) -> Memory:
        memory.price = market.price
        return memory

    def signals(self, memory: Memory, view: View) -> Sequence[Signal]:
        if view.position.size or memory.price < view.market.price:
            return ()
        return (Signal("buy", Decimal(1), f"{memory.price:f} or less"),)


own: Strategy = Own()
"""

SCENARIO = """\
from decimal import Decimal

from perptape import BTC, At, Bots, Expectation, Operator, Run, Scenario, canary, events, funded, market, prices
from perptape import require_equal, strategy, verifies


@verifies("enters once")
def enters_once(run: Run) -> None:
    orders = [order.side for order in run.all(events.OrderRequested)]
    require_equal(orders, ["buy"], "orders")
    require_equal(run.state.account.cash < Decimal(10_000), True, "cash")


expectations: tuple[Expectation, ...] = (enters_once,)
SCENARIO = Scenario(
    id="U01",
    name="own",
    section="own",
    story="BTC rises",
    trading=canary(strategy("own", "own.py:Own", {"length": 5}, trigger="quote")),
    exchange=funded(),
    market=market(prices(BTC, {0: 50_000, 60: 51_000})),
    acts=(At(30, Operator("pause")),),
    verifies=expectations,
)


async def test_own(perptape_bot: Bots) -> None:
    bot = await perptape_bot(SCENARIO)
    await bot.until(60)
    assert bot.position(BTC) > 0
"""

NOTEBOOK = """\
from decimal import Decimal

import perptape
from scenario import SCENARIO

played = perptape.play(SCENARIO)
fees: Decimal = sum((fill.fee for fill in played.run.all(perptape.events.OrderFilled)), Decimal(0))
reasons: list[str] = list(perptape.unmet(played.run, played.scenario.verifies))
proved: bool = perptape.prove(SCENARIO).ok
"""

WRONG = """\
from decimal import Decimal

import perptape
from perptape import BTC, Market, Run, Scenario, Signal, Strategy, canary, funded, market, prices
from perptape import require_equal, verifies
from perptape import EventStore  # refused
from perptape import Told as Line, open_store  # refused


class NoSignals:
    memory_type = dict
    memory_schema = 1

    def initial(self) -> int:
        return 0

    def update(self, memory: int, market: Market) -> int:
        return market.prize  # refused


wrong: Strategy = NoSignals()  # refused
Signal("hold", Decimal(1), "no such action")  # refused
Signal("buy", "1", "a text for a number")  # refused
perptape.replay("s.jsonl")  # refused
Scenario(id="U01", name="w")  # refused
prices(BTC, [50_000])  # refused
canary("strategy")  # refused
print(funded().cash + "1")  # refused


def takes_two(run: Run, other: Run) -> None:
    require_equal(run, other, "runs")


verifies("takes a run")(takes_two)  # refused
market(1)  # refused
"""
_LINE = re.compile(r"^wrong\.py:(\d+): error:", re.MULTILINE)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user's folder with all of them."""
    texts = {"strategy.py": STRATEGY, "scenario.py": SCENARIO, "notebook.py": NOTEBOOK, "wrong.py": WRONG}
    settings = {"pyrightconfig.json": json.dumps({"typeCheckingMode": "strict"})}
    return write(tmp_path_factory.mktemp("typing"), {**texts, **settings})


def refused() -> set[int]:
    """The lines of WRONG that a type checker has to refuse."""
    return {number for number, line in enumerate(WRONG.splitlines(), 1) if line.endswith("# refused")}


def test_mypy_takes_what_is_right_and_refuses_what_is_wrong(installed: Environment, files: Path) -> None:
    done = installed.run(f"python -m mypy --strict --python-executable {installed.python} *.py", files)
    assert {int(number) for number in _LINE.findall(done.stdout)} >= refused()
    others = [line for line in done.stdout.splitlines() if not line.startswith(("wrong.py:", "Found "))]
    assert others == []


def test_basedpyright_takes_what_is_right_and_refuses_what_is_wrong(installed: Environment, files: Path) -> None:
    done = installed.run(f"python -m basedpyright --pythonpath {installed.python} --outputjson .", files)
    found = [
        (Path(one["file"]).name, one["range"]["start"]["line"] + 1)
        for one in json.loads(done.stdout)["generalDiagnostics"]
        if one["severity"] == "error"
    ]
    assert {line for file, line in found if file == "wrong.py"} >= refused()
    assert {file for file, _ in found} == {"wrong.py"}
