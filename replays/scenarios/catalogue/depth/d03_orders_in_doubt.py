"""D03: orders of which bot and venue think differently, and answers that do not help."""

from decimal import Decimal

from perptape.core.events import (
    AccountReported,
    CancelOutcomeUnknown,
    CancelRequested,
    DriftDetected,
    DriftRepaired,
    GuardTripped,
    OrderAccepted,
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderOutcomeUnknown,
    OrderResubmitted,
    ReplyNotUnderstood,
    TimerSet,
)
from perptape.core.events.reason import Reason
from perptape.replays.oracle import everything
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    FaultRule,
    Operator,
    Run,
    Scenario,
    VenueSays,
    canary,
    funded,
    lost,
    market,
    prices,
    refused,
    require,
    require_equal,
    scripted,
    verifies,
)

PHRASE = "what is in doubt is asked until it is known, and counts until then"
ACCEPTED = OrderAccepted(
    seq=0,
    client_order_id="1",
    venue_order_id="never-made",
    symbol=BTC,
    side="buy",
    order_type="limit",
    size=Decimal("0.01"),
    limit_price=Decimal(49995),
    venue_at_ns=0,
)
"""The venue says that it took an order that never reached it."""


@verifies(PHRASE)
def an_order_that_the_venue_does_not_find_is_repudiated_with_evidence(run: Run) -> None:
    key = run.order(1).client_order_id
    require_equal(run.state_at(25).orders[key].status, "open", "the order as the bot believes it")
    drift = run.line(DriftDetected, subject="order")
    require_equal((drift.event.key, drift.event.ours, drift.event.theirs), (key, Decimal("0.01"), 0), "what differs")
    answer = run.events[(drift.cause or 0) - 1].event
    require(isinstance(answer, OrderLookedUp) and not answer.found, "it was not asked about before")
    repaired = run.line(DriftRepaired, subject="order")
    require_equal(repaired.cause, drift.cause, "the repair's turn")
    require_equal((run.order(1).status, run.order(1).note), ("rejected", Reason("unknown_to_venue")), "afterwards")
    require(key not in run.state_after(repaired.version).orders, "it counts among the working orders")


@verifies(PHRASE)
def it_is_asked_about_because_the_account_report_does_not_list_it(run: Run) -> None:
    asked = run.first(OrderLookupRequested, client_order_id=run.order(1).client_order_id, since=30)
    report = run.events[(asked.cause or 0) - 1].event
    require(isinstance(report, AccountReported) and not report.orders, "another reason to ask")
    require_equal(run.second(asked.at_ns), 30, "when")


@verifies(PHRASE)
def a_lookup_that_is_refused_for_the_key_is_repeated_at_once(run: Run) -> None:
    key = run.order(2).client_order_id
    failed = run.lines(OrderLookupFailed, client_order_id=key)
    require_equal([line.event.code for line in failed], ["UNAUTHORIZED", "TIMED_OUT", "TIMED_OUT"], "answers")
    waits = [line.event.due_at_ns - line.at_ns for line in run.lines(TimerSet, timer_id=f"lookup:{key}")]
    require_equal(waits, [0, 8_000_000_000, 16_000_000_000], "waits: none, then growing with each lookup")
    require_equal(run.state_at(80).orders[key].status, "open", "what the fourth answer says")


@verifies(PHRASE)
def a_cancel_without_an_answer_or_with_an_unreadable_one_is_asked_again_a_second_later(run: Run) -> None:
    key = run.order(2).client_order_id
    asked = [run.second(line.at_ns) for line in run.lines(CancelRequested, client_order_id=key)]
    require_equal(asked, [90, 91], "cancels")
    require_equal(run.second(run.line(CancelOutcomeUnknown).at_ns), 90, "the one without an answer")
    require_equal(run.second(run.line(ReplyNotUnderstood, call="cancel").at_ns), 91, "the unreadable answer")
    require_equal(run.order(2).status, "canceled", "the order at the end")


@verifies(PHRASE)
def every_failure_counts_for_the_circuit_breaker(run: Run) -> None:
    tripped = run.line(GuardTripped, guard="error_rate")
    failures = (OrderOutcomeUnknown, OrderLookupFailed, CancelOutcomeUnknown, ReplyNotUnderstood)
    before = [line for line in run.events if isinstance(line.event, failures) and line.version <= (tripped.cause or 0)]
    recent = [line for line in before if line.at_ns > tripped.at_ns - 60_000_000_000]
    require_equal((len(recent), tripped.event.measured), (5, 5), "failures within a minute")
    require_equal(run.second(tripped.at_ns), 50, "when: two at 10 s, three at 50 s")
    require(isinstance(run.events[(tripped.cause or 0) - 1].event, OrderLookupFailed), "what trips it")


@verifies(PHRASE)
def nothing_was_sent_twice(run: Run) -> None:
    run.none(OrderResubmitted)
    require_equal((run.at_venue(1), run.at_venue(2)), (0, 1), "orders at the venue")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="D03",
    name="orders_in_doubt",
    section="depth",
    story="an order that the venue never had, lookups and cancels that go astray → asked until it is known",
    trading=canary(
        scripted("puppet", f"{BTC} 10 buy; {ETH} 50 buy"),
        orders={"entry_type": "post_only", "lookup_s": 2},
        reconciliation={"every_s": 30},
    ),
    exchange=funded(
        faults=(
            lost(answer=False, nth=1),
            lost(answer=True, call="look_up", nth=1),
            lost(answer=True, nth=2),
            refused("UNAUTHORIZED", call="look_up", nth=3),
            lost(answer=True, call="look_up", nth=4, times=2),
            lost(answer=False, call="cancel", nth=1),
            FaultRule("cancel", "mangle_answer", nth=2, mangle="cut"),
        )
    ),
    market=market(prices(BTC, {0: 50_000, 120: 50_000}), prices(ETH, {0: 3_000, 120: 3_000})),
    acts=(At(12, VenueSays(ACCEPTED)), At(90, Operator("cancel_all"))),
    verifies=(
        an_order_that_the_venue_does_not_find_is_repudiated_with_evidence,
        it_is_asked_about_because_the_account_report_does_not_list_it,
        a_lookup_that_is_refused_for_the_key_is_repeated_at_once,
        a_cancel_without_an_answer_or_with_an_unreadable_one_is_asked_again_a_second_later,
        every_failure_counts_for_the_circuit_breaker,
        nothing_was_sent_twice,
        *everything(PHRASE),
    ),
)
