"""B12: replies that cannot be read."""

from perptape.core.edge.simulation.exchange.wire import HTML
from perptape.core.events import OrderAccepted, OrderLookedUp, OrderLookupRequested, OrderRequested, ReplyNotUnderstood
from perptape.replays.oracle import (
    conditions_are_as_told,
    doubts_are_pursued,
    orders_are_as_reported,
    people_are_told,
    waits_are_as_set,
)
from perptape.replays.scenarios import (
    BTC,
    FaultRule,
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

DAMAGES = ("drop:symbol", "set:side=HOLD", "cut", "html", "add:fee_tier=gold", "set:order_type=ICEBERG")
"""In the order of the intents: a missing field, an unknown word, broken JSON, an error page, a field that nobody knows,
and a new kind of order."""
UNREADABLE = (1, 2, 3, 4, 6)


@verifies("no crash")
def the_bot_runs_to_the_end_and_trades_every_time(run: Run) -> None:
    require_equal(run.state.session, 1, "sessions")
    require_equal(len(run.all(OrderRequested)), 6, "orders")
    require_equal([run.order(n).status for n in range(1, 7)], ["filled"] * 6, "statuses")
    require_equal([run.at_venue(n) for n in range(1, 7)], [1] * 6, "orders at the venue for each intent")
    require_equal(run.state.mode, "normal", "mode")
    run.agrees_with_venue()


@verifies("value kept verbatim")
def the_reply_is_on_the_tape_as_it_came(run: Run) -> None:
    replies = run.all(ReplyNotUnderstood)
    require_equal(
        [one.key for one in replies], [run.order(n).client_order_id for n in UNREADABLE], "about which orders"
    )
    require('"side":"HOLD"' in replies[1].verbatim, f"kept was {replies[1].verbatim!r}")
    require(
        replies[2].verbatim.startswith('{"seq":') and not replies[2].verbatim.endswith("}"), "half a reply is not kept"
    )
    require_equal(replies[3].verbatim, HTML, "the page")
    require("ICEBERG" in replies[4].verbatim, f"kept was {replies[4].verbatim!r}")


@verifies("value kept verbatim")
def a_field_that_nobody_knows_is_passed_over(run: Run) -> None:
    taken = [one.client_order_id for one in run.all(OrderAccepted)]
    require(run.order(5).client_order_id in taken, "the reply with one field more was not understood")


@verifies("order tracked as unknown and resolved by asking")
def each_such_order_is_unknown_until_the_venue_has_been_asked(run: Run) -> None:
    for intent in UNREADABLE:
        order = run.order(intent)
        line = run.line(ReplyNotUnderstood, key=order.client_order_id)
        require_equal(run.state_after(line.version).orders[order.client_order_id].status, "unknown", "status then")
        asked = run.first(OrderLookupRequested, client_order_id=order.client_order_id)
        require_equal(asked.cause, line.version, "what asks about it")
        require_equal(run.first(OrderLookedUp, client_order_id=order.client_order_id).event.found, True, "the answer")


@verifies("error names the field")
def the_problem_names_the_field_and_says_what_is_wrong_with_it(run: Run) -> None:
    found = run.all(ReplyNotUnderstood)
    require_equal([one.field for one in found], ["symbol", "side", "", "", "order_type"], "fields")
    require("missing" in found[0].problem, f"the problem is {found[0].problem!r}")
    require("HOLD" in found[1].problem, f"the problem is {found[1].problem!r}")
    named = [(alert.subject, alert.reason.names.get("field")) for alert in run.alerts("reply_unreadable")]
    require(("submit", "symbol") in named, f"alerts name {named}")


SCENARIO = Scenario(
    id="B12",
    name="invalid_responses",
    section="broker",
    story="missing fields, unknown status, broken JSON, HTML 5xx, unknown fields, new enum value",
    trading=canary(
        scripted("puppet", "; ".join(f"{BTC} {10 + 20 * n} {'close' if n % 2 else 'buy'}" for n in range(6))),
    ),
    exchange=funded(
        faults=tuple(FaultRule("submit", "mangle_answer", nth=n, mangle=how) for n, how in enumerate(DAMAGES, 1))
    ),
    market=market(prices(BTC, {0: 50_000, 140: 50_000})),
    verifies=(
        the_bot_runs_to_the_end_and_trades_every_time,
        the_reply_is_on_the_tape_as_it_came,
        a_field_that_nobody_knows_is_passed_over,
        each_such_order_is_unknown_until_the_venue_has_been_asked,
        the_problem_names_the_field_and_says_what_is_wrong_with_it,
        doubts_are_pursued("order tracked as unknown and resolved by asking"),
        people_are_told("error names the field"),
        conditions_are_as_told("no crash"),
        waits_are_as_set("order tracked as unknown and resolved by asking"),
        orders_are_as_reported("order tracked as unknown and resolved by asking"),
    ),
)
