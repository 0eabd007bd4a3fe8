"""T09: the venue answers 429 to an order."""

from decimal import Decimal

from perptape.core.events import (
    OrderAccepted,
    OrderRequested,
    OrderResubmitted,
    OrderSubmissionFailed,
    TimerFired,
    TimerSet,
)
from perptape.replays.oracle import doubts_are_pursued, orders_are_as_reported, waits_are_as_set
from perptape.replays.scenarios import (
    BTC,
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


@verifies("same client order id on each try")
def every_try_carries_the_id_of_the_request(run: Run) -> None:
    request = run.one(OrderRequested)
    require_equal([call.key for call in run.called("submit")], [request.client_order_id] * 3, "ids of the calls")
    require_equal([again.attempt for again in run.all(OrderResubmitted)], [2, 3], "attempts")
    require_equal(run.order(1).attempts, 3, "attempts of the order")


@verifies("same client order id on each try")
def it_waits_between_tries_and_tries_because_the_timer_fired(run: Run) -> None:
    refused, again = run.lines(OrderSubmissionFailed), run.lines(OrderResubmitted)
    require_equal([line.event.code for line in refused], ["RATE_LIMIT_EXCEEDED"] * 2, "the venue's word")
    for wait, line, retry in zip((1, 2), refused, again, strict=True):
        timer = run.one(TimerSet, timer_id=f"retry:{run.order(1).client_order_id}", due_at_ns=retry.at_ns)
        require(timer.due_at_ns >= line.at_ns + wait * 1_000_000_000, f"it waited less than {wait} s")
        fired = run.events[(retry.cause or 0) - 1].event
        require(isinstance(fired, TimerFired) and fired.timer_id == timer.timer_id, "no timer is behind the try")


@verifies("one order at the exchange")
def the_third_try_is_accepted_and_fills_once(run: Run) -> None:
    require_equal(run.at_venue(1), 1, "orders at the venue for the intent")
    require_equal(len(run.venue.orders), 1, "orders at the venue")
    require_equal(run.one(OrderAccepted).client_order_id, run.order(1).client_order_id, "what it accepted")
    require_equal((run.order(1).status, run.position(BTC)), ("filled", Decimal("0.01")), "status and position")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="T09",
    name="order_retry_on_rate_limit",
    section="trading",
    story="429 on placement → backoff → placed",
    trading=canary(scripted("puppet", f"{BTC} 10 buy")),
    exchange=funded(faults=(rate_limited(times=2),)),
    market=market(prices(BTC, {0: 50_000, 60: 50_000})),
    verifies=(
        every_try_carries_the_id_of_the_request,
        it_waits_between_tries_and_tries_because_the_timer_fired,
        the_third_try_is_accepted_and_fills_once,
        orders_are_as_reported("one order at the exchange"),
        waits_are_as_set("same client order id on each try"),
        doubts_are_pursued("same client order id on each try"),
    ),
)
