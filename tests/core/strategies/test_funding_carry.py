"""Funding carry holds the side that is paid, and says so when it changes its mind."""

from decimal import Decimal
from itertools import pairwise

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.canonical import canonical_json
from perptape.core.errors import StrategyLoadError
from perptape.core.strategies import FundingCarry, build
from perptape.core.strategies.funding_carry import CarryMemory
from tests.core.strategies.tape import actions, funded, market, play

RATES = st.lists(st.decimals("-0.002", "0.002", places=5), max_size=30)


def test_a_rate_at_the_entry_rate_sells_once_for_shorts_are_paid() -> None:
    assert actions(FundingCarry(), funded("0.00029 0.0003 0.0004 0.0003")) == ". sell . ."


def test_a_rate_at_the_negative_entry_rate_buys_once_for_longs_are_paid() -> None:
    assert actions(FundingCarry(), funded("-0.00029 -0.0003 -0.0004")) == ". buy ."


def test_between_exit_and_entry_rate_the_wish_stands() -> None:
    assert actions(FundingCarry(), funded("0.0003 0.0002 0.0003 0.00011"), held=Decimal(-1)) == "sell . . ."


def test_a_rate_within_the_exit_rate_closes_an_open_position_once() -> None:
    rates = funded("0.0003 0.0001 -0.0001 0")
    assert actions(FundingCarry(), rates, held=Decimal(-1)) == "sell close . ."
    assert actions(FundingCarry(), rates) == "sell . . ."


def test_a_rate_of_zero_is_a_rate() -> None:
    assert actions(FundingCarry(), funded("0.0003 0"), held=Decimal(-1)) == "sell close"


def test_a_rate_that_changes_sides_turns_the_position_over() -> None:
    assert actions(FundingCarry(), funded("0.0005 -0.0005 0.0005"), held=Decimal(1)) == "sell buy sell"


def test_a_market_without_a_rate_changes_nothing() -> None:
    assert actions(FundingCarry(), funded("? 0.0003 ? 0.0003 ?")) == ". sell . . ."


@pytest.mark.parametrize(
    ("rate", "confidence", "reason"),
    [
        ("0.0003", "0.5", "funding rate 0.0003 pays shorts at least the entry rate 0.0003"),
        ("-0.00045", "0.75", "funding rate -0.00045 pays longs at least the entry rate 0.0003"),
        ("0.01", "1", "funding rate 0.01 pays shorts at least the entry rate 0.0003"),
        ("0.00000001", "1", "funding rate 0.00000001 is within the exit rate 0.0001"),
    ],
)
def test_signals_say_the_rate_and_grow_surer_up_to_twice_the_entry_rate(
    rate: str, confidence: str, reason: str
) -> None:
    _, told = play(FundingCarry(), funded(rate), held=Decimal(1))
    assert [(signal.confidence, signal.reason) for signal in told[0]] == [(Decimal(confidence), reason)]


@given(RATES)
def test_two_signals_in_a_row_never_want_the_same(rates: list[Decimal]) -> None:
    _, told = play(FundingCarry(), [market(funding_rate=rate) for rate in rates], held=Decimal(1))
    wanted = [signals[0].action for signals in told if signals]
    assert all(earlier != later for earlier, later in pairwise(wanted))


@given(RATES, st.integers(0, 30))
def test_memory_goes_on_the_same_after_being_written_and_read_back(rates: list[Decimal], cut: int) -> None:
    markets = [market(funding_rate=rate) for rate in rates]
    memory, before = play(FundingCarry(), markets[:cut])
    restored = msgspec.json.decode(canonical_json(memory), type=CarryMemory)
    straight, told = play(FundingCarry(), markets)
    resumed, after = play(FundingCarry(), markets[cut:], memory=restored)
    assert (resumed, before + after) == (straight, told)


def test_parameters_may_come_as_numbers_or_text() -> None:
    assert build("funding_carry", {"entry_rate": "0.0005", "exit_rate": 0}) == FundingCarry(
        entry_rate=Decimal("0.0005"), exit_rate=Decimal(0)
    )


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"entry_rate": "0.0001"}, "exit_rate is 0.0001 and entry_rate is 0.0001"),
        ({"exit_rate": "-0.0001"}, "exit_rate is -0.0001"),
        ({"entry_rate": "NaN"}, "entry_rate is NaN"),
        ({"exit_rate": "NaN"}, "exit_rate is NaN"),
        ({"rate": 1}, "rate"),
    ],
)
def test_impossible_parameters_are_refused_by_name(parameters: dict[str, object], why: str) -> None:
    with pytest.raises(StrategyLoadError, match=why):
        build("funding_carry", parameters)
