"""What calls for a decision after a price, and that nothing else does."""

from decimal import Decimal

import pytest

from perptape.core.alarms import account_alarmed, price_alarmed, stop_hit
from perptape.core.events.reason import Reason
from perptape.core.evolve import watch_quote
from perptape.core.market import Market, Sleeve
from perptape.core.money import arithmetic
from perptape.core.position import Position
from perptape.core.settings import StrategySettings
from perptape.core.state import State, Trip
from tests.core.builders import BTC, ETH, NOW_NS, Number, market, number, state
from tests.core.facts import quote, running
from tests.core.puppet import puppet
from tests.core.rules import Scene, given

TREND = StrategySettings(name="trend", kind="ma_crossover", trigger="quote", parameters={"fast": 1, "slow": 2})
"""Silent without a signal; it crosses whenever the price turns."""


def calls_for_a_decision(scene: Scene, price: Number, symbol: str = BTC) -> bool:
    with arithmetic():
        return watch_quote(scene.state, quote(price, symbol))


def sleeve(size: Number, stop: Number | None) -> Sleeve:
    held = Position(size=number(size))
    stop_price = None if stop is None else number(stop)
    return Sleeve("trend", TREND, trigger="quote", position=held, stop_price=stop_price)


def alarmed(price: Number, at_risk: State | None = None, **changes: object) -> bool:
    at = market(price=price)
    for name, value in changes.items():
        setattr(at, name, value)
    return price_alarmed(state() if at_risk is None else at_risk, at)


def tripped() -> State:
    made = state()
    made.tripped["error_rate"] = Trip("error_rate", "", "normal", NOW_NS, 0, Reason("requests_failed"))
    return made


def worth(equity: Number, floor: Number | None) -> State:
    made = state()
    made.account.equity = number(equity)
    made.account.floor = None if floor is None else number(floor)
    return made


# A quote.


def test_a_quote_on_which_a_silent_strategy_has_no_signal_is_quiet() -> None:
    scene = given(*running(TREND))
    assert [calls_for_a_decision(scene, price) for price in (100, 101, 102, 90, 89, 95)] == [
        False,
        False,
        False,
        True,
        False,
        True,
    ]


def test_a_strategy_that_promises_nothing_is_always_asked() -> None:
    assert calls_for_a_decision(given(*running(puppet(buy=100))), 99)


def test_a_strategy_of_another_trigger_or_one_that_was_stopped_is_not_asked() -> None:
    assert not calls_for_a_decision(given(*running(puppet(buy=100, trigger="cycle"))), 100)
    scene = given(*running(puppet(buy=100)))
    scene.state.markets[BTC].sleeves[0].stopped = "raised"
    assert not calls_for_a_decision(scene, 100)


def test_one_that_is_to_be_asked_is_enough_wherever_it_stands() -> None:
    for strategies in ((TREND, puppet(buy=100)), (puppet(buy=100), TREND)):
        assert calls_for_a_decision(given(*running(*strategies)), 99)


def test_an_alarm_makes_a_quote_loud() -> None:
    scene = given(*running(TREND))
    scene.state.account.floor = scene.state.account.equity
    assert calls_for_a_decision(scene, 100)


def test_a_symbol_of_which_nothing_was_known_is_quiet() -> None:
    assert not calls_for_a_decision(given(*running(TREND)), 7, "DOGE-PERP")


# Alarms.


def test_nothing_wrong_is_no_alarm() -> None:
    assert not alarmed(100)
    assert not account_alarmed(state())


def test_a_guard_that_has_tripped_is_an_alarm_of_the_account_and_of_every_price() -> None:
    assert alarmed(100, tripped())
    assert account_alarmed(tripped())


@pytest.mark.parametrize(
    ("equity", "floor", "alarm"), [(100, None, False), (100, 99, False), (100, 100, True), (99, 100, True)]
)
def test_equity_at_the_floor_is_an_alarm(equity: int, floor: int | None, alarm: bool) -> None:
    assert alarmed(100, worth(equity, floor)) == alarm
    assert account_alarmed(worth(equity, floor)) == alarm


@pytest.mark.parametrize(("price", "alarm"), [(94, True), (95, False), (100, False), (105, False), (106, True)])
def test_a_price_outside_the_volatility_band_is_an_alarm(price: int, alarm: bool) -> None:
    assert alarmed(price, band_low=Decimal(95), band_high=Decimal(105)) == alarm
    assert not alarmed(price, band_low=Decimal(95), band_high=None)


@pytest.mark.parametrize(
    ("size", "stop", "price", "hit"),
    [
        (5, 95, 96, False),
        (5, 95, 95, True),
        (5, 95, 94, True),
        (-5, 105, 104, False),
        (-5, 105, 105, True),
        (-5, 105, 106, True),
        (5, None, 1, False),
    ],
)
def test_a_trailing_stop_that_is_reached_is_an_alarm(size: int, stop: int | None, price: int, hit: bool) -> None:
    assert stop_hit(sleeve(size, stop), Decimal(price)) == hit
    assert alarmed(price, sleeves=[sleeve(1, None), sleeve(size, stop)]) == hit


def test_only_the_stops_of_the_symbol_count() -> None:
    assert not price_alarmed(state(), Market(ETH, price=Decimal(1), sleeves=[sleeve(0, None)]))
