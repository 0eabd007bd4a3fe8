"""The mutants themselves: what is changed, that the changed code lives and is taken out again, and a small sample."""

import ast
import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from perptape.core.guards import sizes
from perptape.replays.evidence.expectation import require_equal, verifies
from perptape.replays.scenarios.catalogue import catalogue
from perptape.replays.scenarios.drills.drill import Drill, Survived
from tests.mutation.__main__ import judged, missed_by_bytes, share
from tests.mutation.alive import NoSuchFunctionError, mutated
from tests.mutation.facts import alterations, noticed
from tests.mutation.mutant import Mutant, files, mutants_of, sample
from tests.mutation.operators import changed, changes

SAMPLE = 20


@pytest.mark.parametrize(
    ("body", "instead"),
    [
        ("return a < b", ["return a <= b", "return a >= b"]),
        ("return a + 1", ["return a - 1", "return a + 2"]),
        ("return a and b", ["return a or b", "return b", "return a"]),
        ("return -a", ["return a"]),
        ("return not a", ["return a"]),
        ("return max(a, b)", ["return min(a, b)"]),
        ("return abs(a)", ["return a"]),
        ("return a if b else c", ["return c if b else a"]),
        ("return True", ["return False"]),
        ("yield a", ["yield from ()"]),
        ("note(a)", ["None"]),
        ("a.b = c", ["pass"]),
        ("a = b", []),
        ("if a:\n        b()", ["if not a:\n        b()", "if a:\n        None"]),
    ],
)
def test_each_operator_makes_one_change(body: str, instead: list[str]) -> None:
    tree = ast.parse(f"def f():\n    {body}")
    made = [ast.unparse(changed(tree, change)) for change in changes(tree.body[0])]
    assert made == [f"def f():\n    {text}" for text in instead]
    assert ast.unparse(tree) == ast.unparse(ast.parse(f"def f():\n    {body}"))


def test_a_mutant_lives_while_it_is_tried() -> None:
    mutant = next(found for found in mutants_of("core/guards/sizes.py") if found.operator == "condition negated")
    function = getattr(sizes, mutant.function)
    before = function.__code__
    with mutated(mutant):
        assert function.__code__ != before
    assert function.__code__ == before


def test_a_mutant_of_nothing_is_refused() -> None:
    with pytest.raises(NoSuchFunctionError), mutated(Mutant("core/guards/sizes.py", 0, "gone", 1, "", "", "")):
        pass


def test_every_mutant_compiles_to_a_living_function() -> None:
    for file in files():
        for mutant in mutants_of(file)[::7]:
            with mutated(mutant):
                pass


def test_a_sample_is_the_same_for_the_same_seed() -> None:
    assert sample(3, 20) == sample(3, 20) != sample(4, 20)


def test_expectations_notice_most_of_a_small_sample_and_bytes_all_of_it() -> None:
    verdicts = judged(sample(1, SAMPLE), 1)
    assert share(verdicts) >= 0.65
    assert missed_by_bytes(verdicts) == []


class Held(NamedTuple):
    symbol: str
    sizes: tuple[int, ...]


def test_facts_are_altered_one_at_a_time_wherever_they_are() -> None:
    facts = {"held": Held("BTC", (1, 2)), "running": True}
    found = dict(alterations(facts))
    assert found["['running'] is False"] == {"held": Held("BTC", (1, 2)), "running": False}
    assert found["['held'][0] is other words"] == {"held": Held("other words", (1, 2)), "running": True}
    assert found["['held'][1] lacks item 0"] == {"held": Held("BTC", (2,)), "running": True}
    assert found["['held'][1][1] is 2 and 1"] == {"held": Held("BTC", (1, 3)), "running": True}
    assert all(altered != facts for altered in found.values())
    assert facts == {"held": Held("BTC", (1, 2)), "running": True}


def test_an_expectation_of_a_drill_that_looks_fails_under_altered_facts() -> None:
    def grows(facts: Any) -> None:
        require_equal(facts["versions"][-1] > 1, True, "whether it grows")

    def looks_at_nothing(_facts: Any) -> None:
        """Holds whatever there is."""

    drill = Drill(
        id="U01",
        name="two",
        section="own",
        story="a → b",
        attack=lambda _folder: Survived({"versions": [1, 2]}),
        verifies=(verifies("a")(grows), verifies("b")(looks_at_nothing)),
    )
    assert [(told.expectation, bool(told.altered)) for told in noticed(drill)] == [
        ("grows", True),
        ("looks at nothing", False),
    ]


def test_the_documented_table_has_something_that_breaks_each_row() -> None:
    """`--each-row` prints it, in minutes; that its rows are those of the catalogue is held here."""
    told: dict[str, set[str]] = {}
    for line in Path("docs/mutation.md").read_text(encoding="utf-8").splitlines():
        found = re.fullmatch(r"\| ([A-Z]\d\d) \| .* \| ([^|]+) \|", line)
        if found is not None:
            told.setdefault(found[1], set()).add(found[2])
    assert told.keys() == {row.id for row in catalogue()}
    for row in catalogue():
        assert told[row.id] <= {expectation.name for expectation in row.verifies}
