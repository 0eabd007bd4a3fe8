"""S02: a warm start with positions at the exchange."""

from decimal import Decimal

from perptape.core.events import (
    DriftRepaired,
    OrderBlocked,
    OrderRequested,
    ReconciliationCompleted,
    SessionStarted,
    SessionStopped,
)
from perptape.replays.oracle import money_adds_up, orders_are_measured, reports_are_compared
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Restart,
    Run,
    Scenario,
    canary,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
    with_positions,
)


@verifies("loaded once")
def each_position_is_taken_over_by_one_repair_and_never_again(run: Run) -> None:
    require_equal(run.one(DriftRepaired, subject="position", key=BTC).value, Decimal("0.02"), "BTC taken over")
    require_equal(run.one(DriftRepaired, subject="position", key=ETH).value, Decimal("0.5"), "ETH taken over")
    second = run.lines(SessionStarted)[1]
    completed = run.lines(ReconciliationCompleted)
    require_equal([line.event.differences for line in completed], [3, 0], "differences at the two starts")
    require(completed[1].version > second.version, "the second start compared nothing")


@verifies("state equals the exchange")
def sizes_entry_prices_and_cash_are_the_venue_s(run: Run) -> None:
    run.agrees_with_venue()
    for symbol, entry in ((BTC, 48_000), (ETH, 2_800)):
        position = run.state.positions[symbol]
        require_equal(position.cost / position.coins, entry, f"entry price of {symbol}")
    require_equal(run.state.account.equity, 10_000 + 40 + 100, "equity: cash, 0.02 * 2,000 and 0.5 * 200")


@verifies("state equals the exchange")
def the_restart_lost_nothing(run: Run) -> None:
    stopped = run.first(SessionStopped).version
    before, after = run.state_after(stopped), run.state
    require_equal(after.positions.keys(), before.positions.keys(), "positions")
    require_equal(after.account.cash, before.account.cash, "cash")
    require_equal(after.session, 2, "the session")


@verifies("risk counts them")
def the_cap_of_one_ether_counts_the_half_that_was_there(run: Run) -> None:
    blocked = run.one(OrderBlocked)
    require_equal((blocked.guard, blocked.symbol), ("position_cap", ETH), "what blocked")
    require_equal((blocked.measured, blocked.limit), (Decimal("1.1"), 1), "0.5 held and 0.6 wanted against 1")
    run.none(OrderRequested)


SCENARIO = Scenario(
    id="S02",
    name="warm_start",
    section="state",
    story="restart with positions at the exchange",
    trading=canary(
        scripted("puppet", f"{ETH} 60 buy", symbols=(ETH,)),
        sizing={"notional": Decimal(1_800)},
        guards={"trade_value_max": None},
    ),
    exchange=with_positions(),
    market=market(prices(BTC, {0: 50_000, 90: 50_000}), prices(ETH, {0: 3_000, 90: 3_000})),
    acts=(At(30, Restart()),),
    verifies=(
        each_position_is_taken_over_by_one_repair_and_never_again,
        sizes_entry_prices_and_cash_are_the_venue_s,
        the_restart_lost_nothing,
        the_cap_of_one_ether_counts_the_half_that_was_there,
        money_adds_up("state equals the exchange"),
        reports_are_compared("loaded once"),
        orders_are_measured("risk counts them"),
    ),
)
