# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""The trailing stop: follows the best price, sells once, and stays until the position is gone (T15)."""

from decimal import Decimal

from perptape.core.events import (
    AlertRaised,
    ConfigurationLoaded,
    OrderRequested,
    SignalGenerated,
    StrategyFailed,
    TradePrinted,
    TradingStatusChanged,
)
from perptape.core.market import Sleeve
from perptape.core.settings import OrderSettings
from tests.core.builders import BTC, NOW_NS
from tests.core.facts import canceled, external_fill, mark, quote, rejected, running, settings, started
from tests.core.puppet import puppet
from tests.core.rules import Scene, given, like

TREND = puppet(buy=100, sell=120, close=130, trailing_stop="0.1")


def trailed() -> Scene:
    """Long 5 from 100, best price 110, so the stop is at 99."""
    return given(*running(TREND)).when(quote(100)).fill(100).when(quote(110))


def sleeve(scene: Scene) -> Sleeve:
    return scene.state.markets[BTC].sleeves[0]


def test_the_stop_follows_the_best_price_and_never_falls_back() -> None:
    scene = trailed()
    assert (sleeve(scene).best_price, sleeve(scene).stop_price) == (110, 99)
    scene.when(quote(105))
    assert sleeve(scene).stop_price == 99


def test_a_fall_to_the_stop_sells_everything_once() -> None:
    scene = trailed().when(quote("99.01")).then()
    scene.when(quote(99)).then(
        like(OrderRequested, side="sell", size=5, purpose="trailing_stop", reduce_only=True, strategy="puppet")
    )
    scene.when(quote(98)).then()
    scene.accept().when(quote(97)).then()
    scene.fill(97).when(quote(96)).then()
    assert (scene.position(), sleeve(scene).stop_price, sleeve(scene).best_price) == (0, None, None)


def test_a_short_is_stopped_by_a_rise() -> None:
    scene = given(*running(TREND)).when(quote(120)).fill(120).when(quote(110))
    assert (sleeve(scene).best_price, sleeve(scene).stop_price) == (110, 121)
    scene.when(quote(115)).then()
    scene.when(quote(121)).then(like(OrderRequested, side="buy", purpose="trailing_stop", reduce_only=True))


def test_the_stop_survives_a_restart() -> None:
    scene = trailed().restart().when(quote(99))
    scene.then(like(OrderRequested, purpose="trailing_stop"))


def test_after_a_restart_the_exit_that_works_is_still_the_only_one() -> None:
    trailed().when(quote(99)).accept().restart().when(quote(98)).then()


def test_a_rejected_exit_is_tried_again_at_the_next_price() -> None:
    scene = trailed().when(quote(99))
    scene.when(rejected(scene.order)).then(AlertRaised)
    scene.when(quote(98)).then(like(OrderRequested, purpose="trailing_stop", size=5))


def test_what_an_exit_left_over_is_sold_at_the_next_price() -> None:
    scene = trailed().when(quote(99)).fill(99, 2)
    scene.when(canceled(scene.order, "no liquidity is left"))
    scene.when(quote(98)).then(like(OrderRequested, purpose="trailing_stop", size=3))


def test_an_entry_that_rests_does_not_keep_the_exit_back() -> None:
    scene = given(*running(TREND, orders=OrderSettings(entry_type="limit"))).when(quote(100)).fill(100, 2)
    scene.when(quote(90)).then(like(OrderRequested, purpose="trailing_stop", side="sell", size=2))


def test_marks_and_prints_stop_out_too() -> None:
    trailed().when(mark(99)).then(like(OrderRequested, purpose="trailing_stop"))
    scene = trailed()
    scene.when(TradePrinted(0, BTC, Decimal(1), Decimal(1), None, "t", NOW_NS)).then()


def test_a_turned_position_is_trailed_from_its_own_entry() -> None:
    scene = trailed().when(quote(120)).fill(120)
    assert scene.position() == Decimal("-4.16")
    assert (sleeve(scene).best_price, sleeve(scene).stop_price) == (120, 132)


def test_adding_to_a_position_leaves_its_stop_alone() -> None:
    scene = given(*running(TREND)).when(quote(100)).fill(100, 2).when(quote(110))
    scene.fill(110, 3)
    assert (scene.position(), sleeve(scene).stop_price) == (5, 99)


def test_a_position_that_a_person_closed_is_trailed_no_longer() -> None:
    scene = trailed().when(external_fill("by hand", "sell", 5, 110))
    assert (scene.position(), sleeve(scene).stop_price) == (0, None)
    scene.when(quote(50)).then()


def test_a_position_that_a_person_reduced_is_trailed_on() -> None:
    scene = trailed().when(external_fill("by hand", "sell", 2, 110)).when(quote(99))
    scene.then(like(OrderRequested, purpose="trailing_stop", size=3))


def test_stops_of_positions_that_cancel_out_are_trailed_too() -> None:
    bear = puppet("bear", sell=101)
    scene = given(*running(TREND, bear)).when(quote(100)).fill(100, 4)
    scene.when(canceled(scene.order)).when(quote(101)).fill(101, 4)
    assert scene.position() == 0
    scene.when(quote(110))
    assert sleeve(scene).stop_price == 99


def test_a_strategy_that_failed_is_still_stopped_out() -> None:
    scene = trailed().when(StrategyFailed("puppet", BTC, "ValueError: choked"))
    scene.then(like(AlertRaised, severity="critical", topic="strategy_stopped", subject="puppet"))
    scene.when(quote(130)).then()
    scene.when(quote(117)).then(like(OrderRequested, purpose="trailing_stop"))


def test_without_a_trailing_stop_nothing_is_sold() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(100)).fill(100)
    scene.when(quote(1)).then()


def test_a_stop_that_is_configured_later_begins_at_the_price_of_that_moment() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(100)).fill(100).when(quote(110))
    scene.when(ConfigurationLoaded(settings=settings(puppet(buy=100, trailing_stop="0.1"))))
    assert (sleeve(scene).best_price, sleeve(scene).stop_price) == (110, 99)
    scene.when(quote(99)).then(like(OrderRequested, purpose="trailing_stop"))


def test_a_tighter_stop_is_measured_from_the_best_price_so_far() -> None:
    scene = trailed().when(quote(105))
    scene.when(ConfigurationLoaded(settings=settings(puppet(buy=100, trailing_stop="0.05"))))
    assert sleeve(scene).stop_price == Decimal("104.5")
    scene.when(quote(104)).then(like(OrderRequested, purpose="trailing_stop"))


def test_a_stop_that_is_switched_off_sells_nothing() -> None:
    scene = trailed().when(ConfigurationLoaded(settings=settings(puppet(buy=100))))
    scene.when(quote(50)).then()


def test_a_stop_and_a_signal_at_the_same_price_sell_once() -> None:
    scene = given(*running(puppet(buy=100, close=90, trailing_stop="0.1"))).when(quote(100)).fill(100)
    scene.when(quote(90)).then(like(OrderRequested, purpose="trailing_stop"), SignalGenerated)


def test_a_blocked_exit_is_tried_again_once_it_is_allowed() -> None:
    scene = trailed().when(TradingStatusChanged(0, BTC, "closed", "maintenance"))
    scene.when(quote(90)).then_never(OrderRequested)
    scene.when(TradingStatusChanged(0, BTC, "open", "")).when(quote(90)).then(like(OrderRequested, size=5))


def test_no_exit_leaves_before_a_new_session_has_compared_with_the_venue() -> None:
    scene = trailed().restart().when(started(2)).when(quote(90))
    scene.then_never(OrderRequested)
