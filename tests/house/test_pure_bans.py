"""The pure part of the core keeps out whatever could make a replay differ."""

import pytest

from tests.house.breach import breaches, parse, read
from tests.house.layout import ROOT, pure_files
from tests.house.pure_bans import PURE_BANS
from tests.house.set_order import set_fields, set_order


def _caught(text: str, path: str = "core/snippet.py") -> list[str]:
    return [breach.what for breach in breaches(parse(text, path), PURE_BANS)]


@pytest.mark.parametrize(
    "module",
    "time datetime random os io pathlib asyncio threading socket subprocess logging uuid secrets".split(),
)
def test_the_outside_world_is_not_imported(module: str) -> None:
    assert _caught(f"import {module}")
    assert _caught(f"from {module} import anything")
    assert _caught(f"def late():\n    import {module}.deeper as harmless")


@pytest.mark.parametrize("name", "open print input eval exec id hash float".split())
def test_the_outside_world_is_not_called(name: str) -> None:
    assert _caught(f"value = {name}(argument)") == [f"call of {name}() in the pure part"]


def test_a_float_literal_is_caught_wherever_it_stands() -> None:
    assert _caught("rate = 0.1") == ["float literal 0.1: write Decimal('0.1')"]
    assert _caught("limit = price * (1 + 1e-3)")


def test_the_decimal_context_is_touched_in_one_file_only() -> None:
    for text in ("from decimal import getcontext", "decimal.setcontext(mine)"):
        assert _caught(text)
        assert _caught(text, "core/money.py") == []


def test_global_state_is_caught() -> None:
    assert _caught("def count():\n    global seen\n    seen += 1") == ["global seen: keep it in the state"]


def test_pure_code_passes() -> None:
    text = """
from collections.abc import Mapping
from decimal import Decimal
from perptape.core.money import notional

def exposure(positions: Mapping[str, Decimal], mark: Decimal) -> Decimal:
    total = Decimal("0.5")
    for symbol in sorted(positions):
        total += notional(positions[symbol], mark)
    return total

class Position:
    id: str
    def __hash__(self) -> int: ...
    def open(self) -> bool: return self.open()
"""
    assert _caught(text) == []


def test_the_pure_part_obeys() -> None:
    sources = [read(path, ROOT) for path in pure_files()]
    rules = (*PURE_BANS, set_order(set_fields(sources)))
    assert [str(breach) for source in sources for breach in breaches(source, rules)] == []


def test_the_pure_part_is_found() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in pure_files()}
    assert "core/__init__.py" in names
    assert not {name for name in names if name.startswith("core/edge/")}
