"""Guards that trip and clear by themselves: daily loss, drawdown, volatility, staleness (T03, S13, X04)."""

from decimal import Decimal

import pytest

from perptape.core.decide.watch import price_move
from perptape.core.durations import DAY_NS, SECOND_NS
from perptape.core.events import (
    AlertRaised,
    CancelRequested,
    ConfigurationLoaded,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderBlocked,
    OrderRequested,
    SignalGenerated,
    TimerFired,
    TimerSet,
    TradePrinted,
)
from perptape.core.market import Market
from perptape.core.settings import OrderSettings, VolatilityBreaker, WindowSettings
from tests.core.builders import BTC, ETH, NOW_NS, limits
from tests.core.facts import command, mark, quote, running, settings, started
from tests.core.puppet import puppet
from tests.core.rules import Scene, given, like

LOSS = limits(daily_loss_limit=25)
BREAKER = VolatilityBreaker(window_s=60, move=Decimal("0.05"), cooldown_s=30)


def holding(**changes: object) -> Scene:
    """A bot that bought 5 at 100."""
    return given(*running(puppet(buy=100, close=110), **changes)).when(quote(100)).fill(100)  # type: ignore[arg-type]


def tomorrow(scene: Scene) -> Scene:
    """The first nanosecond of the next UTC day."""
    scene.at_ns = (scene.at_ns // DAY_NS + 1) * DAY_NS
    return scene


# --- daily loss


def test_a_loss_at_the_limit_trips_once_with_its_numbers_and_leaves_only_reducing_orders() -> None:
    scene = holding(guards=LOSS).when(quote("95.02"))
    scene.then()
    scene.when(quote(95)).then(
        like(GuardTripped, guard="daily_loss", measured=25, limit=25, mode="reduce_only"),
        like(ModeChanged, previous="normal", mode="reduce_only", cause="daily_loss"),
        like(AlertRaised, severity="warning"),
    )
    scene.when(quote(94)).then()
    scene.when(quote(110)).then(SignalGenerated, like(OrderRequested, purpose="exit", reduce_only=True))
    scene.fill(110).when(quote(100)).then(SignalGenerated, like(OrderBlocked, guard="reduce_only"))


def test_a_daily_loss_takes_resting_entries_back() -> None:
    scene = given(*running(puppet(buy=100), guards=LOSS, orders=OrderSettings(entry_type="limit")))
    scene.when(quote(100)).fill(100, 4)
    scene.when(quote(90)).then(GuardTripped, ModeChanged, CancelRequested, AlertRaised)


def test_fees_and_funding_count_in_the_loss_of_the_day() -> None:
    scene = given(*running(puppet(buy=100), guards=LOSS)).when(quote(100)).accept()
    scene.fill(100, fee=26).then_also(like(GuardTripped, guard="daily_loss", measured=26))


def test_a_daily_loss_lasts_although_the_price_comes_back() -> None:
    scene = holding(guards=LOSS).when(quote(90)).when(quote(101))
    scene.then()
    assert scene.state.mode == "reduce_only"


def test_a_daily_loss_survives_a_restart() -> None:
    scene = holding(guards=LOSS).when(quote(90)).restart().when(started(2)).when(quote(101))
    scene.then_never(GuardTripped, GuardCleared)
    assert scene.state.mode == "reduce_only"


def test_a_daily_loss_clears_when_the_utc_day_turns_and_the_new_day_starts_from_its_own_equity() -> None:
    scene = tomorrow(holding(guards=LOSS).when(quote(90)))
    scene.when(quote("89.5")).then_also(
        like(GuardCleared, guard="daily_loss"), like(ModeChanged, previous="reduce_only", mode="normal")
    )
    assert scene.state.account.day_start_equity == 10000 - 50
    assert scene.state.account.day.fills == 0
    scene.when(quote(86)).then()
    scene.when(quote(85)).then_also(like(GuardTripped, guard="daily_loss", measured=25))


def test_a_loss_that_the_new_day_begins_with_trips_anew_and_lasts_that_day() -> None:
    scene = tomorrow(holding(guards=LOSS).when(quote(90)))
    scene.when(quote(80)).then_also(
        like(GuardCleared, guard="daily_loss"), like(GuardTripped, guard="daily_loss", measured=50)
    )
    scene.when(quote(90)).then()
    assert scene.state.mode == "reduce_only"


def test_a_daily_loss_is_over_when_nobody_limits_it_any_more() -> None:
    scene = holding(guards=LOSS).when(quote(90))
    scene.when(ConfigurationLoaded(settings=settings(puppet(buy=100, close=110)))).when(quote(90))
    scene.then(like(GuardCleared, guard="daily_loss"), like(ModeChanged, mode="normal"))


def test_losses_are_not_judged_before_the_venue_has_reported() -> None:
    session, loaded, *_, btc_quote, _ = running(guards=limits(daily_loss_limit=0))
    given(session, loaded).when(btc_quote).then().wait_for("cycle").then()


# --- drawdown


def test_drawdown_is_measured_from_the_peak_and_halts() -> None:
    scene = holding(guards=limits(drawdown_limit="0.01")).when(quote(120)).when(quote("99.9"))
    scene.then()
    assert scene.state.account.peak_equity == 10100
    scene.when(quote("99.8")).then(
        like(GuardTripped, guard="drawdown", measured="0.01", limit="0.01", mode="halted"),
        like(ModeChanged, mode="halted", cause="drawdown", halt_id=1),
        like(AlertRaised, severity="critical"),
    )
    scene.when(quote(50)).then()


# --- volatility


def test_too_large_a_move_blocks_entries_until_it_has_calmed_down() -> None:
    scene = given(*running(puppet(buy=105, close=104), guards=limits(volatility=BREAKER)))
    scene.when(quote(105)).then(
        like(GuardTripped, guard="volatility", symbol=BTC, limit="0.05", mode="normal"),
        like(TimerSet, timer_id=f"calm:{BTC}", due_at_ns=scene.at_ns + 30 * SECOND_NS),
        SignalGenerated,
        like(OrderBlocked, guard="volatility"),
    )
    scene.when(quote(106)).then()
    scene.wait_for(f"calm:{BTC}").then(TimerSet)
    assert scene.state.timers[f"calm:{BTC}"] == scene.at_ns + 30 * SECOND_NS
    scene.when(quote(100)).wait_for(f"calm:{BTC}").then(like(GuardCleared, guard="volatility"))
    scene.when(quote(103)).then()


def test_a_fall_trips_as_a_rise_does() -> None:
    given(*running(guards=limits(volatility=BREAKER))).when(quote(94)).then_also(like(GuardTripped, guard="volatility"))


def test_the_move_is_measured_against_the_price_of_the_window() -> None:
    scene = given(*running(guards=limits(volatility=BREAKER), windows=WindowSettings(sample_s=0)))
    for step in range(1, 30):
        scene.when(quote(99 + step), after_s=15)
        scene.then_never(GuardTripped)


def test_switching_the_breaker_off_clears_it_when_its_time_comes() -> None:
    scene = given(*running(guards=limits(volatility=BREAKER))).when(quote(110))
    scene.when(ConfigurationLoaded(settings=settings()))
    scene.wait_for(f"calm:{BTC}").then(like(GuardCleared, guard="volatility"))


def test_a_move_without_a_reference_is_none() -> None:
    assert price_move(Market(BTC)) == 0


# --- staleness


def test_a_symbol_without_a_price_for_too_long_takes_its_entries_back_and_recovers_by_itself() -> None:
    scene = given(*running(puppet(buy=100, symbols=(BTC,)), orders=OrderSettings(entry_type="limit")))
    scene.when(quote(100)).accept()
    heard_at_ns = scene.at_ns
    scene.wait_for(f"stale:{BTC}")
    assert scene.at_ns == heard_at_ns + 30 * SECOND_NS
    scene.then(like(GuardTripped, guard="staleness", symbol=BTC, measured=30, limit=30, mode="normal"), CancelRequested)
    scene.when(quote(99)).then(like(GuardCleared, guard="staleness", symbol=BTC))


def test_a_stale_symbol_costs_the_other_one_nothing() -> None:
    scene = given(*running(puppet("b", buy=100), puppet("e", buy=50), orders=OrderSettings(entry_type="limit")))
    scene.when(quote(50, ETH)).accept().when(quote(100), after_s=20).accept()
    scene.wait_for(f"stale:{ETH}").then_also(
        like(CancelRequested, client_order_id=scene.working[0].client_order_id)
    ).then_never(like(CancelRequested, client_order_id=scene.working[1].client_order_id))


def test_a_breaker_that_is_switched_off_trips_no_more() -> None:
    scene = given(*running(guards=limits(volatility=BREAKER)))
    scene.when(ConfigurationLoaded(settings=settings())).when(quote(200)).then()


def test_staleness_is_told_apart_by_symbol() -> None:
    scene = given(*running()).when(quote(100), after_s=20).wait_for(f"stale:{ETH}")
    scene.then(like(GuardTripped, guard="staleness", symbol=ETH))
    assert f"staleness:{BTC}" not in scene.state.tripped


@pytest.mark.parametrize("symbol", [BTC, "DOGE-PERP"])
def test_a_staleness_timer_that_a_price_has_overtaken_is_ignored(symbol: str) -> None:
    given(*running()).when(quote(100)).when(TimerFired(timer_id=f"stale:{symbol}"), after_s=5).then()


def test_any_price_is_a_sign_of_life() -> None:
    scene = given(*running()).wait_for(f"stale:{BTC}")
    print_of_others = TradePrinted(0, BTC, Decimal(100), Decimal(1), "buy", "t", NOW_NS)
    scene.when(print_of_others).then(like(GuardCleared, guard="staleness", symbol=BTC))
    assert scene.state.markets[BTC].price == 99
    scene.wait_for(f"stale:{BTC}").when(mark(98)).then(like(GuardCleared, guard="staleness"))


def test_trips_of_guards_do_not_lift_what_an_operator_restricted() -> None:
    scene = tomorrow(holding(guards=LOSS).when(command("pause")).when(quote(90)))
    scene.when(quote(90)).then(like(GuardCleared, guard="daily_loss"))
    assert scene.state.mode == "reduce_only"
