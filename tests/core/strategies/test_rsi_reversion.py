"""RSI mean reversion trades once against each excess, and leaves in the middle."""

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.canonical import canonical_json
from perptape.core.errors import StrategyLoadError
from perptape.core.money import arithmetic
from perptape.core.strategies import RsiReversion, build
from perptape.core.strategies.rsi_reversion import RsiMemory, relative_strength_index
from tests.core.strategies.tape import actions, market, play, priced

SHORT = RsiReversion(period=2)
PRICES = st.lists(st.decimals("0.01", "200000", places=2), min_size=1, max_size=60)

# Closes and RSI(14) of the worked example in StockCharts' ChartSchool article on the index.
CLOSES = (
    "44.3389 44.0902 44.1497 43.6124 44.3278 44.8264 45.0955 45.4245 45.8433 46.0826 45.8931 46.0328 45.6140 46.2820 "
    "46.2820 46.0028 46.0328 46.4116 46.2222 45.6439"
)
INDEXES = "70.53 66.32 66.55 69.41 66.36 57.97"


def test_the_index_is_wilders() -> None:
    indexes = []
    for end in range(15, 21):
        memory, _ = play(RsiReversion(), priced(CLOSES)[:end])
        with arithmetic():
            indexes.append(str(relative_strength_index(memory.gain, memory.loss).quantize(Decimal("0.01"))))
    assert " ".join(indexes) == INDEXES


def test_a_price_that_never_moved_is_in_the_middle() -> None:
    assert relative_strength_index(Decimal(0), Decimal(0)) == 50
    assert actions(SHORT, priced("10 10 10 10 10")) == ". . . . ."


def test_entering_the_oversold_zone_buys_once_and_staying_in_it_says_nothing() -> None:
    assert actions(SHORT, priced("10 11 10 8 7 6")) == ". . . buy . ."


def test_entering_the_overbought_zone_sells_once_and_again_after_leaving_it() -> None:
    assert actions(SHORT, priced("10 11 10 12 13 11 14")) == ". . . sell . . sell"


def test_the_zone_of_the_first_index_is_no_entry() -> None:
    assert actions(SHORT, priced("10 9 8 7")) == ". . . ."


def test_an_index_exactly_on_the_edge_of_a_zone_is_outside_it() -> None:
    halves = RsiReversion(period=2, oversold=Decimal(25), overbought=Decimal(75))
    assert actions(halves, priced("10 11 10 9")) == ". . . ."
    assert actions(halves, priced("10 9 10 11")) == ". . . ."


def test_a_long_is_closed_when_the_index_rises_through_the_exit_level() -> None:
    fall_and_return = priced("10 11 10 8 8.5 9 9.1")
    assert actions(SHORT, fall_and_return, held=Decimal(1)) == ". . . buy . close ."
    assert actions(SHORT, fall_and_return, held=Decimal(-1)) == ". . . buy . . ."
    assert actions(SHORT, fall_and_return) == ". . . buy . . ."


def test_a_short_is_closed_when_the_index_falls_through_the_exit_level() -> None:
    rise_and_return = priced("10 9 10 12 11.5 11 10.9")
    assert actions(SHORT, rise_and_return, held=Decimal(-1)) == ". . . sell . close ."
    assert actions(SHORT, rise_and_return, held=Decimal(1)) == ". . . sell . . ."


def test_an_index_exactly_on_the_exit_level_crosses_nothing() -> None:
    up_over_the_level = "10 9 9.5 9.75 9.75 9.85"
    up_to_the_level_and_back = "10 9 9.5 9.75 9.5"
    down_to_the_level_and_back = "10 11 10.5 10.25 10.5"
    assert actions(SHORT, priced(up_over_the_level), held=Decimal(1)) == ". . . . . close"
    for held in (Decimal(1), Decimal(-1)):
        assert actions(SHORT, priced(up_to_the_level_and_back), held=held) == ". . . . ."
        assert actions(SHORT, priced(down_to_the_level_and_back), held=held) == ". . . . ."


def test_a_move_through_both_levels_at_once_is_an_entry() -> None:
    assert actions(SHORT, priced("10 11 10 8 20"), held=Decimal(1)) == ". . . buy sell"


def test_a_market_without_a_price_is_passed_over() -> None:
    assert actions(SHORT, priced("0 10 11 0 10 8 0 7")) == ". . . . . buy . ."


def test_signals_say_the_index_and_the_level() -> None:
    _, told = play(SHORT, priced("10 11 10 8 8.5 9"), held=Decimal(1))
    assert [(s.action, s.confidence, s.reason) for s in told[3]] == [
        ("buy", Decimal("0.7222"), "RSI 16.67 fell below 30")
    ]
    assert [(s.action, s.confidence, s.reason) for s in told[5]] == [
        ("close", Decimal(1), "RSI 58.33 rose through 50: the long has reverted")
    ]
    _, told = play(SHORT, priced("10 9 10 12 11.5 11"), held=Decimal(-1))
    assert [(s.action, s.confidence, s.reason) for s in (*told[3], *told[5])] == [
        ("sell", Decimal("0.7222"), "RSI 83.33 rose above 70"),
        ("close", Decimal(1), "RSI 41.67 fell through 50: the short has reverted"),
    ]


@given(st.integers(2, 15), PRICES)
def test_the_index_stays_in_0_to_100_and_confidence_in_half_to_1(period: int, prices: list[Decimal]) -> None:
    memory, told = play(RsiReversion(period=period), map(market, prices))
    with arithmetic():
        assert 0 <= relative_strength_index(memory.gain, memory.loss) <= 100
    assert all(Decimal("0.5") <= signal.confidence <= 1 for signals in told for signal in signals)


@given(PRICES)
def test_digits_do_not_pile_up(prices: list[Decimal]) -> None:
    memory, _ = play(SHORT, map(market, prices))
    for average in (memory.gain, memory.loss):
        exponent = average.as_tuple().exponent
        assert isinstance(exponent, int)
        assert exponent >= -12


@given(PRICES, st.integers(0, 60))
def test_memory_goes_on_the_same_after_being_written_and_read_back(prices: list[Decimal], cut: int) -> None:
    markets = list(map(market, prices))
    memory, before = play(SHORT, markets[:cut])
    restored = msgspec.json.decode(canonical_json(memory), type=RsiMemory)
    assert canonical_json(restored) == canonical_json(memory)
    straight, told = play(SHORT, markets)
    resumed, after = play(SHORT, markets[cut:], memory=restored)
    assert (canonical_json(resumed), before + after) == (canonical_json(straight), told)


def test_parameters_may_come_as_numbers_or_text() -> None:
    assert build("rsi_reversion", {"period": "7", "oversold": 25, "overbought": "72.5"}) == RsiReversion(
        period=7, oversold=Decimal(25), overbought=Decimal("72.5")
    )


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"period": 1}, "period must be at least 2"),
        ({"oversold": 50}, "50, 50, 70"),
        ({"oversold": 0}, "0, 50, 70"),
        ({"overbought": 100}, "30, 50, 100"),
        ({"exit_level": "NaN"}, "NaN"),
        ({"perriod": 3}, "perriod"),
    ],
)
def test_impossible_parameters_are_refused_by_name(parameters: dict[str, object], why: str) -> None:
    with pytest.raises(StrategyLoadError, match=why):
        build("rsi_reversion", parameters)
