"""B11: a request times out after the venue accepted it."""

from decimal import Decimal

from perptape.core.events import (
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderOutcomeUnknown,
    OrderResubmitted,
)
from perptape.replays.oracle import doubts_are_pursued, orders_are_as_reported, waits_are_as_set
from perptape.replays.scenarios import (
    BTC,
    ETH,
    Run,
    Scenario,
    canary,
    funded,
    lost,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
)


@verifies("asked about by client order id before anything is sent again")
def the_first_call_after_a_timeout_is_a_question_about_that_id(run: Run) -> None:
    for unknown in run.lines(OrderOutcomeUnknown):
        later = [call for call in run.calls if call.key == unknown.event.client_order_id]
        after = [call.kind for call in later if call.at_ns >= unknown.at_ns]
        require_equal(after[:2], ["submit", "look_up"], f"calls about it from version {unknown.version} on")
        asked = run.first(OrderLookupRequested, client_order_id=unknown.event.client_order_id)
        require(asked.version > unknown.version or asked.cause != unknown.version, "asked before")
    require_equal(len(run.lines(OrderOutcomeUnknown)), 3, "timeouts")


@verifies("asked about by client order id before anything is sent again")
def what_the_venue_has_is_taken_over_and_never_sent_again(run: Run) -> None:
    answer = run.first(OrderLookedUp, client_order_id=run.order(1).client_order_id).event
    require_equal((answer.found, answer.status), (True, "open"), "what the venue says of the first order")
    require_equal(run.order(1).attempts, 1, "attempts of the first order")
    require_equal((run.order(1).status, run.position(BTC)), ("filled", Decimal("0.01")), "status and position")


@verifies("asked about by client order id before anything is sent again")
def what_the_venue_does_not_have_is_sent_again_under_the_same_id(run: Run) -> None:
    key = run.order(2).client_order_id
    answers = [one.found for one in run.all(OrderLookedUp, client_order_id=key)]
    require_equal(answers, [False, True], "what the venue says of the second order")
    again = run.line(OrderResubmitted)
    require_equal((again.event.client_order_id, again.event.attempt), (key, 2), "what is sent again")
    absent = run.first(OrderLookedUp, client_order_id=key)
    require_equal(again.cause, absent.version, "why")


@verifies("exactly one order at the exchange, also when the answer is lost twice")
def each_intent_is_one_order_although_three_answers_and_a_lookup_were_lost(run: Run) -> None:
    require_equal([run.at_venue(1), run.at_venue(2)], [1, 1], "orders at the venue for each intent")
    require_equal(len(run.venue.orders), 2, "orders at the venue")
    require_equal(len(run.lines(OrderLookupFailed)), 1, "lookups whose answer was lost")
    require_equal(run.order(2).status, "filled", "the second order")
    require_equal(run.position(ETH), Decimal("0.166"), "its position")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="B11",
    name="timeout_unknown_outcome",
    section="broker",
    story="request times out after the exchange accepted it",
    trading=canary(scripted("puppet", f"{BTC} 10 buy; {ETH} 40 buy"), orders={"entry_type": "post_only"}),
    exchange=funded(
        faults=(
            lost(answer=True, nth=1),
            lost(answer=True, call="look_up", nth=1),
            lost(answer=False, nth=2),
            lost(answer=True, nth=3),
        )
    ),
    market=market(
        prices(BTC, {0: 50_000, 60: 50_000, 65: 49_900, 90: 49_900}),
        prices(ETH, {0: 3_000, 60: 3_000, 65: 2_990, 90: 2_990}),
    ),
    verifies=(
        the_first_call_after_a_timeout_is_a_question_about_that_id,
        what_the_venue_has_is_taken_over_and_never_sent_again,
        what_the_venue_does_not_have_is_sent_again_under_the_same_id,
        each_intent_is_one_order_although_three_answers_and_a_lookup_were_lost,
        doubts_are_pursued("asked about by client order id before anything is sent again"),
        orders_are_as_reported("exactly one order at the exchange, also when the answer is lost twice"),
        waits_are_as_set("asked about by client order id before anything is sent again"),
    ),
)
