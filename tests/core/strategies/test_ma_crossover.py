"""The moving-average crossover signals the update that confirms a crossing, and no other."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.canonical import canonical_json
from perptape.core.errors import StrategyLoadError
from perptape.core.money import HALF
from perptape.core.strategies import MaCrossover, build
from perptape.core.strategies.ma_crossover import CrossoverMemory
from tests.core.strategies.tape import actions, market, play, priced

PRICES = st.lists(st.decimals("0.01", "200000", places=2), min_size=1, max_size=60)
WINDOWS = st.tuples(st.integers(1, 6), st.integers(1, 6)).map(lambda pair: (pair[0], sum(pair)))


def test_no_signal_before_the_slow_window_is_full_nor_for_the_order_it_finds() -> None:
    assert actions(MaCrossover(fast=1, slow=3), priced("10 11 12 13 14")) == ". . . . ."


def test_the_fast_mean_falling_below_sells_and_rising_above_buys_once_each() -> None:
    assert actions(MaCrossover(fast=1, slow=3), priced("10 11 12 8 7 6 12 13")) == ". . . sell . . buy ."


def test_equal_means_are_no_crossing() -> None:
    assert actions(MaCrossover(fast=1, slow=2), priced("10 11 11 12 12")) == ". . . . ."


def test_a_crossing_through_equal_means_is_one_crossing() -> None:
    assert actions(MaCrossover(fast=1, slow=2), priced("10 11 11 10")) == ". . . sell"


def test_a_flat_start_establishes_no_side_so_the_first_order_after_it_is_no_crossing() -> None:
    assert actions(MaCrossover(fast=1, slow=2), priced("10 10 11 10")) == ". . . sell"


def test_a_crossing_is_confirmed_by_as_many_consecutive_updates_as_asked_for() -> None:
    falling = "10 11 12 13 9 8 7 6"
    assert actions(MaCrossover(fast=1, slow=3, confirm=1), priced(falling)) == ". . . . sell . . ."
    assert actions(MaCrossover(fast=1, slow=3, confirm=3), priced("9 " + falling)) == ". . . . . . . sell ."


def test_a_crossing_that_goes_back_before_it_is_confirmed_is_forgotten() -> None:
    strategy = MaCrossover(fast=1, slow=2, confirm=2)
    assert actions(strategy, priced("10 11 12 11 12 11 12 11 10")) == ". . . . . . . . sell"
    memory, _ = play(strategy, priced("10 11 12 11 12"))
    assert (memory.pending, memory.streak) == ("", 0)


def test_the_first_order_has_to_be_confirmed_too() -> None:
    assert actions(MaCrossover(fast=1, slow=2, confirm=2), priced("10 11 10 11 12 11 10")) == ". . . . . . sell"


def test_equal_means_break_the_row_of_confirmations() -> None:
    assert actions(MaCrossover(fast=1, slow=2, confirm=2), priced("10 11 12 11 11 10 9")) == ". . . . . . sell"


def test_a_market_without_a_price_is_passed_over_and_ends_the_signal() -> None:
    assert actions(MaCrossover(fast=1, slow=2), priced("0 10 11 0 10 0 11")) == ". . . . sell . buy"


def test_the_signal_names_both_means_in_plain_notation_and_is_half_sure_of_means_that_just_part() -> None:
    _, told = play(MaCrossover(fast=1, slow=2), priced("100 101 100.9999 100"))
    assert [(s.action, s.confidence, s.reason) for s in told[2]] == [
        ("sell", HALF, "the mean of 1 prices fell below that of 2: 100.9999 < 100.99995")
    ]


@pytest.mark.parametrize(("last", "confidence"), [("99", "0.7513"), ("98", "1"), ("1", "1")])
def test_confidence_rises_to_one_when_the_means_are_one_percent_apart(last: str, confidence: str) -> None:
    _, told = play(MaCrossover(fast=1, slow=2), priced(f"99 100 {last}"))
    assert told[2][0].confidence == Decimal(confidence)


def test_the_means_in_the_reason_are_rounded_to_eight_places() -> None:
    _, told = play(MaCrossover(fast=2, slow=3), priced("5000 4000 3000 6000 9000"))
    assert told[3][0].reason == "the mean of 2 prices rose above that of 3: 4500 > 4333.33333333"


@given(WINDOWS, PRICES)
def test_running_sums_are_the_sums_of_the_last_prices(windows: tuple[int, int], prices: list[Decimal]) -> None:
    fast, slow = windows
    memory, _ = play(MaCrossover(fast=fast, slow=slow), map(market, prices))
    assert memory.fast_sum == sum(prices[-fast:])
    assert memory.slow_sum == sum(prices[-slow:])
    ring = memory.prices[memory.index :] + memory.prices[: memory.index]
    assert [price for price in ring if price] == prices[-slow:]


@given(WINDOWS, PRICES)
def test_signals_are_the_changes_of_order_of_the_two_means(windows: tuple[int, int], prices: list[Decimal]) -> None:
    fast, slow = windows
    _, told = play(MaCrossover(fast=fast, slow=slow), map(market, prices))
    side, expected = 0, []
    for end in range(1, len(prices) + 1):
        lead = sum(prices[max(0, end - fast) : end]) * slow - sum(prices[max(0, end - slow) : end]) * fast
        order = 0 if end < slow else (lead > 0) - (lead < 0)
        expected.append(("buy" if order > 0 else "sell") if side and order == -side else "")
        side = order or side
    assert [signals[0].action if signals else "" for signals in told] == expected


@given(PRICES, st.integers(0, 60))
def test_memory_goes_on_the_same_after_being_written_and_read_back(prices: list[Decimal], cut: int) -> None:
    strategy = MaCrossover(fast=2, slow=5, confirm=2)
    markets = list(map(market, prices))
    memory, before = play(strategy, markets[:cut])
    restored = msgspec.json.decode(canonical_json(memory), type=CrossoverMemory)
    assert restored == memory
    straight, told = play(strategy, markets)
    resumed, after = play(strategy, markets[cut:], memory=restored)
    assert (resumed, before + after) == (straight, told)


def test_parameters_may_come_as_numbers_or_text() -> None:
    assert build("ma_crossover", {"fast": 3, "slow": "7", "confirm": 2}) == MaCrossover(fast=3, slow=7, confirm=2)


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"fast": 20}, "fast is 20 and slow is 20"),
        ({"fast": 0}, "fast is 0 and slow is 20"),
        ({"confirm": 0}, "confirm must be at least 1"),
        ({"fats": 3}, "fats"),
    ],
)
def test_impossible_parameters_are_refused_by_name(parameters: dict[str, object], why: str) -> None:
    with pytest.raises(StrategyLoadError, match=why):
        build("ma_crossover", parameters)
