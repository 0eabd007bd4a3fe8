"""B10: ten callers hit the limit at once."""

from decimal import Decimal
from itertools import pairwise

from perptape.core.events import CallThrottled, OrderRequested, OrderResubmitted, OrderSubmissionFailed
from perptape.replays.oracle import orders_are_as_reported, timers_fire_when_due, waits_are_as_set
from perptape.replays.scenarios import (
    Budget,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    rate_limited,
    require,
    require_equal,
    scripted,
    verifies,
)

SYMBOLS = tuple(f"{name}-PERP" for name in "ABCDEFGHIJ")
PAUSE_S = 5


@verifies("one shared budget")
def what_the_venue_tells_one_caller_holds_for_all(run: Run) -> None:
    refused = run.line(OrderSubmissionFailed)
    require_equal((refused.event.code, run.second(refused.at_ns)), ("RATE_LIMIT_EXCEEDED", 10), "the refusal")
    sent = [run.second(call.at_ns) for call in run.called("submit") if call.at_ns > run.at(10)]
    require_equal(min(sent), 10 + PAUSE_S, "when the next call of anybody leaves")
    require_equal(len(run.lines(CallThrottled, since=10, until=11)), 6, "callers that were told to wait")


@verifies("one shared budget")
def afterwards_calls_leave_at_the_budgets_pace(run: Run) -> None:
    times = [call.at_ns for call in run.called("submit") if call.at_ns > run.at(10)]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    require(all(gap >= 200_000_000 for gap in gaps), f"gaps of {gaps} ns at 5 calls a second")


@verifies("no duplicate retries")
def only_the_refused_order_is_tried_again_and_only_once(run: Run) -> None:
    again = {line.client_order_id for line in run.all(OrderResubmitted) if line.attempt > 1}
    require_equal(again, {run.order(4).client_order_id}, "what is tried again; the others have their first try")
    require_equal([len(run.called("submit", n)) for n in range(1, 11)], [1] * 3 + [2] + [1] * 6, "calls for each order")
    require_equal([run.at_venue(n) for n in range(1, 11)], [1] * 10, "orders at the venue for each intent")


@verifies("fair order")
def who_came_first_goes_first(run: Run) -> None:
    asked = [order.client_order_id for order in run.all(OrderRequested)]
    refused = run.order(4).client_order_id
    waiting = [key for key in asked[4:] if key != refused]
    sent = [call.key for call in run.called("submit") if call.at_ns > run.at(10) and call.key != refused]
    require_equal(sent, waiting, "the order in which those that waited leave")
    require_equal([run.order(n).status for n in range(1, 11)], ["filled"] * 10, "statuses")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="B10",
    name="concurrent_rate_limit",
    section="broker",
    story="ten callers hit the limit at once",
    trading=canary(
        scripted("puppet", "; ".join(f"{symbol} 10 buy" for symbol in SYMBOLS)),
        symbols=SYMBOLS,
        sizing={"notional": Decimal(100)},
    ),
    exchange=funded(faults=(rate_limited(nth=4, retry_after_ms=PAUSE_S * 1_000),)),
    budget=Budget(per_second=5, burst=10),
    market=market(*(prices(symbol, {0: 100, 60: 100}) for symbol in SYMBOLS)),
    verifies=(
        what_the_venue_tells_one_caller_holds_for_all,
        afterwards_calls_leave_at_the_budgets_pace,
        only_the_refused_order_is_tried_again_and_only_once,
        who_came_first_goes_first,
        waits_are_as_set("one shared budget"),
        timers_fire_when_due("fair order"),
        orders_are_as_reported("no duplicate retries"),
    ),
)
