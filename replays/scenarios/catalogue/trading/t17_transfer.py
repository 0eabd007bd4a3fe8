"""T17: money comes in and goes out while a loss limit is near."""

from decimal import Decimal

from perptape.core.events import GuardTripped, ModeChanged, OrderRequested, TransferRecorded
from perptape.replays.oracle import limits_trip, money_adds_up
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Run,
    Scenario,
    Transfer,
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

LIMIT = Decimal(25)


@verifies("a deposit neither hides nor causes a daily loss")
def money_that_comes_or_goes_moves_what_the_day_is_measured_from(run: Run) -> None:
    for line in run.lines(TransferRecorded):
        before, after = run.state_after(line.version - 1).account, run.state_after(line.version).account
        require_equal(after.day_start_equity - before.day_start_equity, line.event.amount, "baseline of the day")
        require_equal(after.peak_equity - before.peak_equity, line.event.amount, "peak that drawdown is measured from")
        lost = before.day_start_equity - before.equity
        require_equal(after.day_start_equity - after.equity, lost, "loss of the day")
        require_equal(after.day.realised, before.day.realised, "realised PnL of the day")
    require_equal(len(run.lines(TransferRecorded)), 2, "transfers")


@verifies("a deposit neither hides nor causes a daily loss")
def a_withdrawal_of_more_than_the_limit_trips_nothing(run: Run) -> None:
    require_equal(run.lines(GuardTripped, until=110), [], "trips before the loss itself")
    passed = run.line(OrderRequested, symbol=ETH)
    require_equal(run.second(passed.at_ns), 90, "an entry after the withdrawal")


@verifies("a deposit neither hides nor causes a daily loss")
def after_a_deposit_of_a_thousand_a_loss_of_25_still_trips(run: Run) -> None:
    tripped = run.line(GuardTripped)
    require_equal((tripped.event.guard, tripped.event.limit), ("daily_loss", LIMIT), "what trips")
    require(LIMIT <= tripped.event.measured < 30, f"it measured {tripped.event.measured:f}")
    require_equal(run.one(ModeChanged).mode, "reduce_only", "mode")


@verifies("equity right")
def equity_is_cash_and_what_is_held_at_its_price(run: Run) -> None:
    account = run.state_at(89).account
    require_equal(account.cash, 10_000 + 1_000 - 3_000, "cash after deposit and withdrawal")
    require_equal(account.equity, 8_000 + Decimal("0.02") * (49_000 - 48_000), "equity")
    require_equal(account.transfers, -2_000, "sum of transfers")
    require_equal(account.total.realised, 0, "realised PnL")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="T17",
    name="transfer",
    section="trading",
    story="deposit and withdrawal while a loss limit is near → baseline shifts",
    trading=canary(
        scripted("puppet", f"{ETH} 90 buy"),
        guards={"daily_loss_limit": LIMIT},
        sizing={"notional": Decimal(100)},
    ),
    exchange=funded(positions=(long(BTC, "0.02", "48000"),)),
    market=market(
        prices(BTC, {0: 50_000, 20: 50_000, 40: 49_000, 100: 49_000, 130: 48_700, 160: 48_700}),
        prices(ETH, {0: 3_000, 160: 3_000}),
    ),
    acts=(At(50, Transfer(Decimal(1_000))), At(70, Transfer(Decimal(-3_000)))),
    verifies=(
        money_that_comes_or_goes_moves_what_the_day_is_measured_from,
        a_withdrawal_of_more_than_the_limit_trips_nothing,
        after_a_deposit_of_a_thousand_a_loss_of_25_still_trips,
        equity_is_cash_and_what_is_held_at_its_price,
        money_adds_up("equity right"),
        limits_trip("a deposit neither hides nor causes a daily loss"),
    ),
)
