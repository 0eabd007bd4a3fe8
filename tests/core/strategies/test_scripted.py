"""The scripted strategy says its plan, each line when it is due."""

from decimal import Decimal

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.errors import StrategyLoadError
from perptape.core.market import Market
from perptape.core.position import Position
from perptape.core.strategies import Scripted, View, build

START_NS = 1_000 * SECOND_NS


def said(plan: str, seconds: list[int], symbol: str = "BTC-PERP") -> str:
    """One word per trigger: the actions, or a dot."""
    strategy = Scripted(plan, START_NS)
    memory = strategy.initial()
    words = []
    for second in seconds:
        market = Market(symbol, heard_at_ns=START_NS + second * SECOND_NS)
        memory = strategy.update(memory, market)
        signals = strategy.signals(memory, View(market, Position(), market.heard_at_ns))
        words.append("+".join(signal.action for signal in signals) or ".")
    return " ".join(words)


def test_a_line_is_said_once_at_the_first_trigger_at_or_after_its_time() -> None:
    assert said("BTC-PERP 10 buy", [5, 9, 10, 11]) == ". . buy ."
    assert said("BTC-PERP 10 buy", [5, 12, 20]) == ". buy ."
    assert said("BTC-PERP 0 sell", [0, 1]) == "sell ."


def test_a_line_with_a_span_is_said_at_every_trigger_in_it() -> None:
    assert said("BTC-PERP 10..20 close", [9, 10, 15, 20]) == ". close close ."


def test_lines_of_other_symbols_are_not_said() -> None:
    assert said("ETH-PERP 10 buy; BTC-PERP 10 sell", [10]) == "sell"


def test_confidence_is_one_unless_the_line_says_it() -> None:
    strategy = Scripted("BTC-PERP 1 buy 0.4; BTC-PERP 1 sell", START_NS)
    market = Market("BTC-PERP", heard_at_ns=START_NS + SECOND_NS)
    memory = strategy.update(strategy.initial(), market)
    signals = strategy.signals(memory, View(market, Position(), market.heard_at_ns))
    assert [signal.confidence for signal in signals] == [Decimal("0.4"), Decimal(1)]
    assert signals[0].reason == "the plan says buy"


def test_a_line_may_say_to_fail() -> None:
    with pytest.raises(RuntimeError, match="the plan says to fail here"):
        said("BTC-PERP 3 raise", [3])


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        ("BTC-PERP buy", "'BTC-PERP buy' is not a line of a plan"),
        ("BTC-PERP 5 hold", "not a line of a plan"),
        ("BTC-PERP x buy", "'x' is not a number"),
        ("BTC-PERP -5 buy", "'-5' is not a number of at least 0"),
        ("BTC-PERP NaN buy", "'NaN' is not a number of at least 0"),
        ("BTC-PERP 9..5 buy", "ends before it begins"),
        ("BTC-PERP 5 buy 1.5", "a confidence must be between 0 and 1"),
    ],
)
def test_a_plan_that_cannot_be_read_is_refused(plan: str, fault: str) -> None:
    with pytest.raises(StrategyLoadError, match=fault):
        build("scripted", {"plan": plan})
