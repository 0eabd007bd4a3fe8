"""B09: a burst of requests meets the bot's own budget."""

from decimal import Decimal

from perptape.core.durations import SECOND_NS
from perptape.core.events import CallThrottled, OrderAccepted, OrderRequested, OrderSubmissionFailed
from perptape.replays.oracle import conditions_are_as_told, orders_are_as_reported, waits_are_as_set
from perptape.replays.scenarios import (
    Budget,
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

PHRASE = "queued inside the budget, drained in order, all complete"
SYMBOLS = tuple(f"{name}-PERP" for name in "ABCDEFGH")


@verifies(PHRASE)
def in_no_second_more_calls_leave_than_the_budget_allows(run: Run) -> None:
    times = sorted(call.at_ns for call in run.calls)
    for start in times:
        within = [at_ns for at_ns in times if start <= at_ns < start + SECOND_NS]
        require(len(within) <= 2 + 2, f"{len(within)} calls within a second from {run.second(start):f} s")
    require(run.lines(CallThrottled), "nothing had to wait")


@verifies(PHRASE)
def orders_reach_the_venue_in_the_order_in_which_they_were_requested(run: Run) -> None:
    asked = [order.client_order_id for order in run.all(OrderRequested)]
    require_equal([order.symbol for order in run.all(OrderRequested)], list(SYMBOLS), "orders requested at once")
    require_equal({line.at_ns for line in run.lines(OrderRequested)}, {run.at(10)}, "when they were requested")
    require_equal([call.key for call in run.called("submit")], asked, "as they reached the venue")
    require_equal([order.client_order_id for order in run.all(OrderAccepted)], asked, "as they were accepted")


@verifies(PHRASE)
def every_order_is_filled_and_none_is_sent_twice_or_given_up(run: Run) -> None:
    require_equal([run.order(n).status for n in range(1, 9)], ["filled"] * 8, "statuses")
    require_equal([run.at_venue(n) for n in range(1, 9)], [1] * 8, "orders at the venue for each intent")
    require_equal([run.order(n).attempts for n in range(1, 9)], [1] * 8, "attempts, of which waiting is none")
    run.none(OrderSubmissionFailed)
    require_equal(run.alerts("order_given_up"), [], "alerts")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="B09",
    name="rate_limit_queue",
    section="broker",
    story="burst of requests",
    trading=canary(
        scripted("puppet", "; ".join(f"{symbol} 10 buy" for symbol in SYMBOLS)),
        symbols=SYMBOLS,
        sizing={"notional": Decimal(100)},
    ),
    exchange=funded(),
    budget=Budget(per_second=2, burst=2),
    market=market(*(prices(symbol, {0: 100, 60: 100}) for symbol in SYMBOLS)),
    verifies=(
        in_no_second_more_calls_leave_than_the_budget_allows,
        orders_reach_the_venue_in_the_order_in_which_they_were_requested,
        every_order_is_filled_and_none_is_sent_twice_or_given_up,
        waits_are_as_set(PHRASE),
        orders_are_as_reported(PHRASE),
        conditions_are_as_told(PHRASE),
    ),
)
