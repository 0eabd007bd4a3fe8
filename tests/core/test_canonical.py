"""Canonical JSON: compact, in declared order, decimals as plain text, whatever lies where."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.canonical import canonical_json
from perptape.core.errors import NotMoneyError
from perptape.core.opening import open_snapshot, snapshot_bytes
from tests.core.builders import several_positions, working_order


class Coin(msgspec.Struct):
    name: str
    price: Decimal | None


@dataclass
class Purse:
    open: bool
    coins: list[Coin] = field(default_factory=list)
    by_name: dict[str, tuple[Decimal, ...]] = field(default_factory=dict)


def test_it_is_compact_and_in_declared_order() -> None:
    purse = Purse(True, [Coin("b", Decimal("1.50")), Coin("a", None)], {"z": (Decimal(1), Decimal(2)), "a": ()})
    assert canonical_json(purse) == (
        b'{"open":true,"coins":[{"name":"b","price":"1.50"},{"name":"a","price":null}],"by_name":{"z":["1","2"],"a":[]}}'
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [("1E-8", "0.00000001"), ("1E+3", "1000"), ("-0", "0"), ("0E-8", "0.00000000"), ("-1E-7", "-0.0000001")],
)
def test_decimals_are_plain_wherever_they_lie(value: str, text: str) -> None:
    purse = Purse(False, [Coin("a", Decimal(value))], {"a": (Decimal(value),)})
    assert canonical_json(purse).count(f'"{text}"'.encode()) == 2


@pytest.mark.parametrize("value", ["NaN", "sNaN", "Infinity", "-Infinity"])
def test_what_is_not_a_number_is_refused_wherever_it_lies(value: str) -> None:
    with pytest.raises(NotMoneyError):
        canonical_json([{"a": (Coin("a", Decimal(value)),)}])


PLAIN_DATA: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text() | st.decimals(allow_nan=False, places=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=12,
).filter(lambda value: "Infinity" not in repr(value))


@given(PLAIN_DATA)
def test_reading_and_writing_it_again_gives_the_same_bytes(value: Any) -> None:
    encoded = canonical_json(value)
    assert canonical_json(msgspec.json.decode(encoded)) == encoded


def test_a_state_read_from_its_canonical_bytes_has_the_same_bytes() -> None:
    held = several_positions()
    working_order(held, "sell", "1E+1", "105.50")
    assert snapshot_bytes(open_snapshot(snapshot_bytes(held))) == snapshot_bytes(held)
    assert b'"size":"10"' in snapshot_bytes(held)
