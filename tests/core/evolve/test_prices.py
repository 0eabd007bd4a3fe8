# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""Prices as they are kept: windows, marks before quotes, equity, strategies' memory (S03, S09)."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    BalanceReported,
    ConfigurationLoaded,
    FundingPaid,
    FundingRateUpdated,
    InstrumentUpdated,
    TradePrinted,
    TradingStatusChanged,
    TransferRecorded,
)
from perptape.core.money import ONE
from perptape.core.settings import WindowSettings
from tests.core.builders import BTC, NOW_NS, instrument, limits
from tests.core.facts import candle, mark, quote, running, settings, started
from tests.core.puppet import puppet
from tests.core.rules import Scene, given

EVERY_PRICE = WindowSettings(length=100, sample_s=0)


def test_a_window_keeps_its_length_oldest_out_first_with_times() -> None:
    scene = given(started(), ConfigurationLoaded(settings=settings(windows=EVERY_PRICE)))
    begun_ns = scene.at_ns
    for step in range(1, 151):
        scene.when(mark(step), after_s=1)
    window = scene.state.markets[BTC].window
    assert window.prices == [Decimal(step) for step in range(51, 151)]
    assert window.times == [begun_ns + step * SECOND_NS for step in range(51, 151)]


def test_a_window_keeps_no_price_sooner_than_its_sample() -> None:
    scene = given(started(), ConfigurationLoaded(settings=settings(windows=WindowSettings(sample_s=10))))
    for step in range(25):
        scene.when(quote(100 + step), after_s=1)
    assert scene.state.markets[BTC].window.prices == [100, 110, 120]


def test_a_mark_values_positions_while_it_is_fresh_and_the_quote_does_after_that() -> None:
    scene = given(*running()).when(mark(120)).when(quote(100), after_s=29)
    market = scene.state.markets[BTC]
    assert (market.price, market.bid, market.heard_at_ns) == (120, 100, scene.at_ns)
    scene.when(quote(101), after_s=1)
    assert market.price == 101


def test_a_mark_that_has_not_moved_is_news_of_its_time_and_of_no_value() -> None:
    scene = given(*running(), mark(120)).when(mark(120), after_s=10)
    market = scene.state.markets[BTC]
    assert (market.price, market.heard_at_ns, market.mark_fresh_until_ns) == (
        120,
        scene.at_ns,
        scene.at_ns + scene.state.settings.guards.staleness_s * SECOND_NS,
    )


def test_the_price_of_a_quote_is_the_middle_of_its_touch() -> None:
    scene = given(*running()).when(quote(100, spread=2, size=7))
    market = scene.state.markets[BTC]
    assert (market.bid, market.ask, market.price, market.bid_size, market.ask_size) == (99, 101, 100, 7, 7)


def test_trades_of_others_are_prices_only_where_there_is_no_quote() -> None:
    trade = TradePrinted(0, BTC, Decimal(50), Decimal(1), "sell", "t", NOW_NS)
    quoted = given(*running()).when(trade)
    assert quoted.state.markets[BTC].price == 99
    bare = given(started(), ConfigurationLoaded(settings=settings()), trade)
    assert bare.state.markets[BTC].price == 50


def test_facts_of_the_market_are_kept() -> None:
    scene = given(*running())
    scene.when(FundingRateUpdated(5, BTC, Decimal("0.0001"), 28800, NOW_NS))
    scene.when(InstrumentUpdated(6, instrument(price_increment="0.5")))
    scene.when(TradingStatusChanged(7, BTC, "post_only", "opening"))
    scene.when(candle(123))
    market = scene.state.markets[BTC]
    assert market.instrument is not None
    assert market.candle is not None
    kept = (market.funding_rate, market.instrument.price_increment, market.status, market.candle.close)
    assert kept == (Decimal("0.0001"), Decimal("0.5"), "post_only", 123)


@pytest.mark.parametrize(
    "message",
    [
        quote(1, seq=9),
        TradePrinted(9, BTC, ONE, ONE, None, "t", NOW_NS),
        replace(mark(1), seq=9),
        replace(candle(1), seq=9),
        FundingRateUpdated(9, BTC, ONE, 28800, NOW_NS),
        InstrumentUpdated(9, instrument()),
        TradingStatusChanged(9, BTC, "open", ""),
        BalanceReported(9, ONE, ONE, ONE),
        TransferRecorded(9, "t", ONE, NOW_NS),
        FundingPaid(9, "p", BTC, ONE, ONE, ONE, NOW_NS),
    ],
)
def test_a_message_of_the_feed_moves_its_place(message: Any) -> None:
    assert given(*running()).when(message).state.feed_seq == 9


def test_a_symbol_that_no_settings_name_is_kept_and_not_traded() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(100, "DOGE-PERP")).then()
    market = scene.state.markets["DOGE-PERP"]
    assert (market.followed, market.price, market.sleeves) == (False, 100, [])


def test_equity_is_cash_and_what_positions_are_worth_and_its_peak_is_kept() -> None:
    scene = given(*running(puppet(buy=100), guards=limits(drawdown_limit="0.5"))).when(quote(100)).fill(100, fee=1)
    account = scene.state.account
    assert (account.cash, account.unrealised, account.equity) == (9999, 0, 9999)
    scene.when(quote(110))
    assert (account.unrealised, account.equity, account.peak_equity) == (50, 10049, 10049)
    scene.when(quote(90))
    assert (account.unrealised, account.equity, account.peak_equity) == (-50, 9949, 10049)
    assert account.floor == Decimal(10049) / 2


def test_unrealised_profit_starts_at_the_distance_of_the_fill_from_the_price() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(100)).fill(100)
    position = scene.state.positions[BTC]
    assert (position.size, position.cost, position.unrealised) == (5, 500, 0)
    worse = given(*running(puppet(buy=100))).when(quote(100)).fill(101)
    assert (worse.state.positions[BTC].unrealised, worse.state.account.equity) == (-5, 9995)


def memory(scene: Scene) -> tuple[int, Decimal]:
    kept = scene.state.markets[BTC].sleeves[0].memory
    return kept.updates, kept.price


def test_a_strategy_remembers_on_its_own_trigger_only() -> None:
    assert memory(given(*running(puppet())).when(candle(5)).when(quote(7))) == (2, 7)
    assert memory(given(*running(puppet(trigger="candle"))).when(quote(7)).when(candle(5))) == (1, 7)
    cycled = given(*running(puppet(trigger="cycle"))).when(quote(7))
    assert memory(cycled) == (0, 0)
    assert memory(cycled.wait_for("cycle")) == (1, 7)


def test_a_stopped_strategy_remembers_nothing_more() -> None:
    scene = given(*running(puppet(), puppet("slow", trigger="candle")))
    for sleeve in scene.state.markets[BTC].sleeves:
        sleeve.stopped = "a test"
    scene.when(quote(7)).when(candle(7))
    assert [sleeve.memory.updates for sleeve in scene.state.markets[BTC].sleeves] == [1, 0]
