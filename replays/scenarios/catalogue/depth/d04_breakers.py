"""D04: what trips by itself, at which number, and what clears it again."""

from decimal import Decimal

from perptape.core.events import (
    BalanceReported,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderBlocked,
    OrderRequested,
    ReconciliationRequested,
    TimerFired,
    TimerSet,
)
from perptape.core.settings import VolatilityBreaker
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Operator,
    Run,
    Scenario,
    VenueSays,
    canary,
    funded,
    long,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)

PHRASE = "a breaker trips at its number and clears when that is over"


@verifies(PHRASE)
def a_price_that_leaves_its_band_trips_once_and_stays_out_until_it_is_calm(run: Run) -> None:
    tripped = run.line(GuardTripped, guard="volatility", symbol=ETH)
    require_equal(run.second(tripped.at_ns), 30, "when it trips")
    require_equal((tripped.event.measured, tripped.event.limit), (Decimal("0.06"), Decimal("0.05")), "180 of 3,000")
    timers = [run.second(line.at_ns) for line in run.lines(TimerSet, timer_id=f"calm:{ETH}")]
    require_equal(timers, [30, 50, 70, 90, 110], "waits of 20 s, while the price of a minute ago is the old one")
    cleared = run.line(GuardCleared, guard="volatility", symbol=ETH)
    require_equal(run.second(cleared.at_ns), 130, "when it clears: its band has moved with it")
    require(isinstance(run.events[(cleared.cause or 0) - 1].event, TimerFired), "what clears it is no timer")
    blocked = [run.second(line.at_ns) for line in run.lines(OrderBlocked, guard="volatility")]
    require_equal(blocked, [40, 110], "the entries that it blocks")


@verifies(PHRASE)
def the_third_entry_within_a_minute_is_one_too_many_and_an_exit_is_none(run: Run) -> None:
    blocked = run.line(OrderBlocked, guard="order_rate")
    require_equal((blocked.event.measured, blocked.event.limit), (3, 2), "orders in a minute, and the limit")
    require_equal((run.second(blocked.at_ns), blocked.event.strategy), (118, "three"), "when, and whose")
    left = run.line(OrderRequested, purpose="exit")
    require_equal(run.second(left.at_ns), 120, "an exit within the same minute")


@verifies(PHRASE)
def a_fall_from_the_peak_by_its_limit_halts(run: Run) -> None:
    tripped = run.line(GuardTripped, guard="drawdown")
    require(Decimal("0.02") <= tripped.event.measured < Decimal("0.0225"), f"it measured {tripped.event.measured:f}")
    halted = run.line(ModeChanged, cause="drawdown")
    require_equal((halted.cause, halted.event.mode), (tripped.cause, "halted"), "what it leads to")
    before = run.state_after((tripped.cause or 0) - 1).account
    require(before.equity > before.peak_equity * Decimal("0.98"), "it could have tripped a price earlier")


@verifies(PHRASE)
def an_impossible_balance_that_is_pushed_halts_and_another_one_only_asks(run: Run) -> None:
    asked = run.line(ReconciliationRequested, since=140, until=145)
    require_equal(asked.cause, run.first(BalanceReported).version, "what a balance that differs leads to")
    tripped = run.line(GuardTripped, guard="insane_balance")
    require_equal((tripped.event.measured, run.second(tripped.at_ns)), (-1, 150), "what trips, and when")
    cleared = run.line(GuardCleared, guard="insane_balance")
    require_equal(run.second(cleared.at_ns), 160, "when a person lifts it")
    require_equal(run.state_at(161).mode, "normal", "mode then")


SCENARIO = Scenario(
    id="D04",
    name="breakers",
    section="depth",
    story="a jump, a burst, a loss, a wrong balance, silence → each trips its own breaker",
    trading=canary(
        scripted("eth", f"{ETH} 40 buy; {ETH} 110 buy", symbols=(ETH,)),
        scripted("one", f"{BTC} 105 buy; {BTC} 120 close", symbols=(BTC,)),
        scripted("two", f"{BTC} 115 buy", symbols=(BTC,)),
        scripted("three", f"{BTC} 118 buy", symbols=(BTC,)),
        guards={
            "volatility": VolatilityBreaker(window_s=60, move=Decimal("0.05"), cooldown_s=20),
            "orders_per_minute_max": 2,
            "drawdown_limit": Decimal("0.02"),
            "daily_loss_limit": None,
        },
        sizing={"notional": Decimal(100)},
    ),
    exchange=funded(positions=(long(BTC, "0.04", "50000"),)),
    market=market(
        prices(BTC, {0: 50_000, 180: 50_000, 200: 45_000, 230: 45_000}, every_s=1),
        prices(ETH, {0: 3_000, 29: 3_000, 30: 3_180, 230: 3_180}, every_s=1),
    ),
    acts=(
        At(140, VenueSays(BalanceReported(0, Decimal(9_990), Decimal(9_490), Decimal(500)))),
        At(150, VenueSays(BalanceReported(0, Decimal(-1), Decimal(0), Decimal(500)))),
        At(160, Operator("resume")),
    ),
    verifies=(
        a_price_that_leaves_its_band_trips_once_and_stays_out_until_it_is_calm,
        the_third_entry_within_a_minute_is_one_too_many_and_an_exit_is_none,
        a_fall_from_the_peak_by_its_limit_halts,
        an_impossible_balance_that_is_pushed_halts_and_another_one_only_asks,
        *everything(PHRASE),
    ),
)
