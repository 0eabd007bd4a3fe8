"""S20: a fill of the previous session arrives after the restart, and after midnight."""

from decimal import Decimal

from perptape.core.events import AccountReported, OrderFilled, OrderRequested, SessionStarted
from perptape.replays.oracle import money_adds_up, orders_are_as_reported
from perptape.replays.scenarios import (
    BTC,
    At,
    Restart,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)

BEFORE_MIDNIGHT_NS = 1_736_207_940_000_000_000
"""2025-01-06T23:59:00Z."""


@verifies("applied once, to the right order and day")
def report_and_feed_both_bring_it_and_it_counts_once(run: Run) -> None:
    second = run.lines(SessionStarted)[1]
    [fill] = run.lines(OrderFilled)
    require(fill.version > second.version, "the fill came by the feed before the restart")
    reported = run.last(AccountReported)
    require(fill.event.fill_id in [one.fill_id for one in reported.event.fills], "the report does not list it")
    require_equal(run.state.account.total.fills, 1, "fills counted")
    require_equal(run.position(BTC), fill.event.size, "position")
    require_equal(run.state.account.cash, 10_000 - fill.event.fee, "cash")
    run.agrees_with_venue()


@verifies("applied once, to the right order and day")
def it_belongs_to_the_order_of_the_first_session(run: Run) -> None:
    order = run.order(1)
    require(run.line(OrderRequested).version < run.lines(SessionStarted)[1].version, "the order was sent afterwards")
    require_equal((order.status, order.filled_size), ("filled", order.size), "the order")
    require_equal(run.sleeve(BTC, "puppet").position.size, order.size, "the strategy's position")
    require_equal(len(run.orders), 1, "orders ever known")


@verifies("applied once, to the right order and day")
def its_fee_is_a_cost_of_the_day_on_which_it_was_learned(run: Run) -> None:
    fill = run.one(OrderFilled)
    require_equal(run.state.account.day.fees, fill.fee, "fees of the new day")
    require_equal(run.state.account.day.fills, 1, "fills of the new day")
    require_equal(run.state_at(50).account.day.fills, 0, "fills of the old day")
    require(run.state.account.day_end_ns > run.at(60) + 86_000 * 10**9, "the day has not turned")


SCENARIO = Scenario(
    id="S20",
    name="late_fill_after_restart",
    section="state",
    story="a fill of the previous session arrives after the restart",
    trading=canary(scripted("puppet", f"{BTC} 20 buy"), orders={"entry_type": "post_only"}),
    exchange=funded(participation=Decimal(1)),
    market=market(prices(BTC, {0: 50_000, 40: 50_000, 45: 49_900, 120: 49_900})),
    acts=(At(32, Restart(kill=True, away_s=50)),),
    start_ns=BEFORE_MIDNIGHT_NS,
    verifies=(
        report_and_feed_both_bring_it_and_it_counts_once,
        it_belongs_to_the_order_of_the_first_session,
        its_fee_is_a_cost_of_the_day_on_which_it_was_learned,
        money_adds_up("applied once, to the right order and day"),
        orders_are_as_reported("applied once, to the right order and day"),
    ),
)
