"""X02: the venue's interface changes."""

from perptape.core.events import (
    AlertRaised,
    CancelRequested,
    CommandApplied,
    ModeChanged,
    OrderAccepted,
    OrderCanceled,
    OrderRequested,
    ReplyNotUnderstood,
    SignalGenerated,
)
from perptape.replays.oracle import (
    commands_are_answered,
    conditions_are_as_told,
    doubts_are_pursued,
    people_are_told,
    waits_are_as_set,
)
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    FaultRule,
    Operator,
    Run,
    Scenario,
    canary,
    funded,
    market,
    prices,
    refused,
    require,
    require_equal,
    scripted,
    verifies,
)


@verifies("clear error naming the change")
def an_added_field_is_taken_and_a_renamed_one_is_named(run: Run) -> None:
    require(run.order(1).client_order_id in {one.client_order_id for one in run.all(OrderAccepted)}, "one field more")
    renamed = run.first(ReplyNotUnderstood).event
    require_equal((renamed.call, renamed.field), ("submit", "size"), "call and field of a reply with `qty` for `size`")
    require('"qty"' in renamed.verbatim, f"kept was {renamed.verbatim!r}")
    require("missing" in renamed.problem, f"the problem is {renamed.problem!r}")


@verifies("clear error naming the change")
def a_removed_field_and_an_unknown_status_are_named_in_the_questions_too(run: Run) -> None:
    found = [(one.call, one.field) for one in run.all(ReplyNotUnderstood)]
    require_equal(found, [("submit", "size"), ("look_up", "status"), ("look_up", "status")], "calls and fields")
    [alert] = run.alerts("reply_unreadable", "submit")
    require_equal(alert.reason.names["field"], "size", "what people are told")


@verifies("clear error naming the change")
def a_retired_endpoint_is_said_to_be_gone(run: Run) -> None:
    gone = run.lines(ModeChanged, mode="halted", cause="api_change")[1]
    require_equal(gone.event.reason.code, "endpoint_gone", "the reason")
    require_equal(run.second(gone.at_ns), 120, "when it halts")


@verifies("halts rather than guesses")
def the_third_reply_in_a_row_that_cannot_be_read_halts_the_bot(run: Run) -> None:
    halted = run.first(ModeChanged, mode="halted")
    third = run.lines(ReplyNotUnderstood)[2]
    require_equal((halted.event.cause, halted.cause), ("api_change", third.version), "the halt")
    require_equal((halted.event.reason.code, halted.event.reason.numbers["count"]), ("unreadable_replies", 3), "why")
    alert = run.first(AlertRaised, severity="critical")
    require_equal(alert.cause, halted.cause, "the alert's turn")


@verifies("halts rather than guesses")
def nothing_is_assumed_of_the_order_and_nothing_is_placed_until_a_person_resumes(run: Run) -> None:
    key = run.order(2).client_order_id
    require_equal(run.state_at(39).orders[key].status, "unknown", "the order while replies cannot be read")
    wanted = run.line(SignalGenerated, symbol=BTC, since=60, until=80)
    require_equal(run.lines(OrderRequested, since=run.second(wanted.at_ns), until=100), [], "orders from it")
    resumed = run.line(CommandApplied, command="resume")
    placed = run.line(OrderRequested, intent=3)
    require(resumed.version < placed.version, "an order was placed before")


@verifies("halts rather than guesses")
def the_order_is_taken_back_and_ends_when_the_venue_says_so(run: Run) -> None:
    key = run.order(2).client_order_id
    asked, gone = run.line(CancelRequested, client_order_id=key), run.line(OrderCanceled, client_order_id=key)
    require_equal(asked.cause, run.first(ModeChanged, mode="halted").cause, "what takes it back")
    require_equal(run.state_after(gone.version - 1).orders[key].status, "unknown", "its status until then")
    require_equal(run.order(2).status, "canceled", "its status afterwards")
    require_equal([run.at_venue(n) for n in (1, 2, 3)], [1, 1, 0], "orders at the venue for each intent")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="X02",
    name="api_change",
    section="extreme",
    story="fields renamed, added, removed; an endpoint retired",
    trading=canary(
        scripted("puppet", f"{ETH} 10 buy; {BTC} 30 buy"),
        scripted("other", f"{BTC} 65 buy; {ETH} 120 buy"),
        orders={"lookup_s": 5, "entry_type": "post_only"},
    ),
    exchange=funded(
        faults=(
            FaultRule("submit", "mangle_answer", nth=1, mangle="add:fee_tier=gold"),
            FaultRule("submit", "mangle_answer", nth=2, mangle="rename:size=qty"),
            FaultRule("look_up", "mangle_answer", nth=1, mangle="drop:status"),
            FaultRule("look_up", "mangle_answer", nth=2, mangle="set:status=SETTLING"),
            refused("ENDPOINT_GONE", nth=3),
        ),
    ),
    market=market(prices(BTC, {0: 50_000, 150: 50_000}), prices(ETH, {0: 3_000, 150: 3_000})),
    acts=(At(100, Operator("resume")),),
    verifies=(
        an_added_field_is_taken_and_a_renamed_one_is_named,
        a_removed_field_and_an_unknown_status_are_named_in_the_questions_too,
        a_retired_endpoint_is_said_to_be_gone,
        the_third_reply_in_a_row_that_cannot_be_read_halts_the_bot,
        nothing_is_assumed_of_the_order_and_nothing_is_placed_until_a_person_resumes,
        the_order_is_taken_back_and_ends_when_the_venue_says_so,
        people_are_told("clear error naming the change"),
        commands_are_answered("halts rather than guesses"),
        conditions_are_as_told("halts rather than guesses"),
        doubts_are_pursued("halts rather than guesses"),
        waits_are_as_set("halts rather than guesses"),
    ),
)
