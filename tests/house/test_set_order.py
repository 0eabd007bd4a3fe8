"""The order of a set never shows in the pure part."""

import pytest

from tests.house.breach import breaches, parse
from tests.house.set_order import set_fields, set_order


def _lines(text: str, fields: frozenset[str] = frozenset()) -> list[int]:
    return [breach.line for breach in breaches(parse(text), [set_order(fields)])]


@pytest.mark.parametrize(
    "text",
    [
        "for symbol in {'BTC', 'ETH'}: pass",
        "for symbol in set(symbols): pass",
        "for symbol in frozenset(symbols): pass",
        "for symbol in {order.symbol for order in orders}: pass",
        "for symbol in set(a) - set(b): pass",
        "for symbol in a.keys() & b.keys(): pass",
        "for symbol in set(a).union(b): pass",
        "for symbol in (set(a) if a else {b}): pass",
        "rows = [row(symbol) for symbol in set(symbols)]",
        "rows = {symbol: 1 for symbol in set(symbols)}",
        "rows = list(set(symbols))",
        "rows = tuple({a, b})",
        "rows = [*set(symbols)]",
        "text = ','.join(set(symbols))",
        "rows = dict.fromkeys(set(symbols))",
        "total = sum(set(sizes))",
        "first = set(symbols).pop()",
        "known = set(symbols)\nfor symbol in known: pass",
        "class Book:\n    def walk(self, seen: frozenset[str]) -> None:\n        for one in seen: pass",
        "def walk() -> None:\n    seen: set[str] = make()\n    for one in seen: pass",
    ],
)
def test_an_order_that_shows_is_caught(text: str) -> None:
    assert len(_lines(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "for symbol in sorted({'BTC', 'ETH'}): pass",
        "for symbol in ('BTC', 'ETH'): pass",
        "known = 'BTC' in {'BTC', 'ETH'}",
        "count = len(set(symbols))",
        "rows = sorted(row(symbol) for symbol in set(symbols))",
        "known = any(match(symbol) for symbol in set(symbols))",
        "upper = {symbol.upper() for symbol in set(symbols)}",
        "for symbol, position in positions.items(): pass",
        "last = stack.pop()",
        "def one(seen: set[str]) -> None: ...\ndef two(seen: list[str]) -> None:\n    for one in seen: pass",
    ],
)
def test_an_order_that_does_not_show_passes(text: str) -> None:
    assert _lines(text) == []


def test_a_field_declared_as_a_set_is_one_everywhere() -> None:
    declaration = parse("class State:\n    fills: frozenset[str]\n    orders: tuple[str, ...]")
    use = "def fold(state):\n    for fill in state.fills: pass\n    for order in state.orders: pass"
    assert _lines(use, set_fields([declaration])) == [2]


def test_a_field_name_that_is_a_set_in_one_class_only_proves_nothing() -> None:
    one = parse("class Open:\n    orders: frozenset[str]")
    other = parse("class Closed:\n    orders: tuple[str, ...]")
    assert set_fields([one, other]) == frozenset()
