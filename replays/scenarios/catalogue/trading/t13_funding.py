"""T13: funding is charged and paid."""

from decimal import Decimal

from perptape.core.events import FundingPaid, GuardTripped, OrderRequested, SignalGenerated
from perptape.replays.oracle import limits_trip, money_adds_up, parts_add_up
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    canary,
    funding,
    long,
    market,
    prices,
    require,
    require_equal,
    short,
    strategy,
    verifies,
    with_positions,
)

TIMES = (60, 120, 180)


@verifies("a cash event, never a fill")
def each_payment_changes_cash_by_its_amount_and_nothing_else(run: Run) -> None:
    for line in run.lines(FundingPaid):
        before, after = run.state_after(line.version - 1), run.state_after(line.version)
        require_equal(after.account.cash - before.account.cash, line.event.amount, "change of cash")
        require_equal(after.positions, before.positions, "positions")
        require_equal(after.account.total.fills, before.account.total.fills, "fills")
        require_equal(after.account.total.realised, before.account.total.realised, "realised PnL")
    require_equal(len(run.lines(FundingPaid)), 6, "payments: two symbols, three times")
    run.agrees_with_venue()


@verifies("sign right for long and short")
def a_positive_rate_is_paid_by_the_long_and_got_by_the_short_and_a_negative_one_the_other_way(run: Run) -> None:
    paid = {symbol: [one.amount for one in run.all(FundingPaid, symbol=symbol)] for symbol in (BTC, ETH)}
    require_equal(paid[BTC], [Decimal(-2), Decimal(-1), Decimal(3)], "0.02 long at 50,000: 0.2 %, 0.1 %, -0.3 %")
    require_equal(
        paid[ETH],
        [Decimal("1.5"), Decimal("-0.999"), Decimal("-3.006")],
        "0.1 % of 0.5 short at 3,000, -0.05 % of 0.666 short, -0.3 % of 0.334 short",
    )


@verifies("in PnL and the daily loss")
def the_sum_is_in_the_results_of_symbol_and_account(run: Run) -> None:
    require_equal(run.state.results[BTC].funding, 0, "funding of the long: −2 − 1 + 3")
    require_equal(run.state.results[ETH].funding, Decimal("-2.505"), "funding of the short: 1.5 − 0.999 − 3.006")
    require_equal(run.state.account.day.funding, Decimal("-2.505"), "funding of the day")
    require_equal(run.state.account.total.funding, Decimal("-2.505"), "funding of all days")


@verifies("in PnL and the daily loss")
def what_was_paid_trips_the_daily_loss_although_no_price_moved(run: Run) -> None:
    tripped = run.line(GuardTripped)
    require_equal((tripped.event.guard, run.second(tripped.at_ns)), ("daily_loss", 180), "guard and second")
    behind = run.events[(tripped.cause or 0) - 1].event
    require(isinstance(behind, FundingPaid) and behind.symbol == ETH, f"behind it is {behind}")
    fees, spread = run.state.account.day.fees, Decimal("0.1494")
    require_equal(tripped.event.measured, Decimal("2.505") + fees + spread, "funding, fees, and the spread crossed")


@verifies("in PnL and the daily loss")
def a_strategy_that_lives_on_funding_takes_the_side_that_is_paid_and_gets_its_share(run: Run) -> None:
    traded = [(order.side, order.size) for order in run.all(OrderRequested)]
    require_equal(traded, [("sell", Decimal("0.166")), ("buy", Decimal("0.332"))], "short at 60 s, long from 120 s on")
    said = [(one.action, one.confidence) for one in run.all(SignalGenerated)]
    require_equal(said, [("sell", Decimal(1)), ("buy", Decimal("0.8333"))], "rates of 0.001 and −0.0005 against 0.0006")
    share = run.sleeve(ETH, "carry").result.funding
    require_equal(share.quantize(Decimal("0.001")), Decimal("1.245"), "0.166/0.666 of −0.999, −0.166/0.334 of −3.006")


SCENARIO = Scenario(
    id="T13",
    name="funding",
    section="trading",
    story="funding charged and paid over several intervals",
    trading=canary(
        strategy("carry", "funding_carry", symbols=(ETH,), trigger="quote"), guards={"daily_loss_limit": Decimal("3.4")}
    ),
    exchange=with_positions(long(BTC, "0.02", "48000"), short(ETH, "0.5", "3200")),
    market=market(
        prices(BTC, {0: 50_000, 210: 50_000}),
        prices(ETH, {0: 3_000, 210: 3_000}),
        funding(BTC, dict(zip(TIMES, ("0.002", "0.001", "-0.003"), strict=True))),
        funding(ETH, dict(zip(TIMES, ("0.001", "-0.0005", "-0.003"), strict=True))),
    ),
    verifies=(
        each_payment_changes_cash_by_its_amount_and_nothing_else,
        a_positive_rate_is_paid_by_the_long_and_got_by_the_short_and_a_negative_one_the_other_way,
        the_sum_is_in_the_results_of_symbol_and_account,
        what_was_paid_trips_the_daily_loss_although_no_price_moved,
        a_strategy_that_lives_on_funding_takes_the_side_that_is_paid_and_gets_its_share,
        money_adds_up("in PnL and the daily loss"),
        parts_add_up("sign right for long and short"),
        limits_trip("in PnL and the daily loss"),
    ),
)
