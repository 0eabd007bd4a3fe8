"""An objection names its guard, what was measured and the limit, and tells people so in plain notation."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from perptape.core.guards.block import Block, exceeds, falls_below

Objecting = Callable[[str, Decimal, Decimal, str], Block]

WORDS: dict[Objecting, str] = {exceeds: "exceeds", falls_below: "is below"}


def test_more_than_a_limit_exceeds_it() -> None:
    measured, limit = Decimal("2.51"), Decimal("2.50")
    assert exceeds("spread", measured, limit, "width") == Block("spread", measured, limit, "width 2.51 exceeds 2.50")


def test_less_than_a_limit_falls_below_it() -> None:
    measured, limit = Decimal("2.49"), Decimal("2.50")
    assert falls_below("depth", measured, limit, "room") == Block("depth", measured, limit, "room 2.49 is below 2.50")


@pytest.mark.parametrize("objecting", WORDS)
@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (Decimal("1E-9"), "0.000000001"),
        (Decimal("1E+9"), "1000000000"),
        (Decimal("-1E+9"), "-1000000000"),
        (Decimal("0E-9"), "0.000000000"),
    ],
)
def test_reasons_are_in_plain_notation(objecting: Objecting, given: Decimal, plain: str) -> None:
    words = WORDS[objecting]
    assert objecting("depth", given, Decimal(7), "room").reason == f"room {plain} {words} 7"
    assert objecting("depth", Decimal(7), given, "room").reason == f"room 7 {words} {plain}"


@pytest.mark.parametrize("objecting", WORDS)
def test_the_numbers_are_kept_as_they_are(objecting: Objecting) -> None:
    block = objecting("depth", Decimal("1E+9"), Decimal("-0.50"), "room")
    assert (block.guard, str(block.measured), str(block.limit)) == ("depth", "1E+9", "-0.50")
