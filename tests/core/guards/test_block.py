"""An objection names its guard, what was measured and the limit; its sentence is made when it is shown."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from perptape.core.events.causes import GuardName
from perptape.core.guards.block import Block, exceeds, falls_below
from perptape.core.wording import objection
from tests.core.builders import ABOVE, BELOW

Objecting = Callable[[GuardName, Decimal, Decimal], Block]

WORDS: dict[Objecting, str] = {exceeds: "exceeds", falls_below: "is below"}


def test_more_than_a_limit_exceeds_it() -> None:
    measured, limit = Decimal("2.51"), Decimal("2.50")
    assert exceeds("spread", measured, limit) == Block("spread", measured, limit, ABOVE)


def test_less_than_a_limit_falls_below_it() -> None:
    measured, limit = Decimal("2.49"), Decimal("2.50")
    assert falls_below("depth", measured, limit) == Block("depth", measured, limit, BELOW)


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
def test_sentences_are_in_plain_notation(objecting: Objecting, given: Decimal, plain: str) -> None:
    words = WORDS[objecting]
    for measured, limit, said in ((given, Decimal(7), f"{plain} {words} limit 7"), (Decimal(7), given, f"7 {words}")):
        block = objecting("depth", measured, limit)
        sentence = objection(block.guard, block.measured, block.limit, block.reason)
        assert sentence.startswith(f"notional at the touch {said}")
        assert plain in sentence


@pytest.mark.parametrize("objecting", WORDS)
def test_the_numbers_are_kept_as_they_are(objecting: Objecting) -> None:
    block = objecting("depth", Decimal("1E+9"), Decimal("-0.50"))
    assert (block.guard, str(block.measured), str(block.limit)) == ("depth", "1E+9", "-0.50")
