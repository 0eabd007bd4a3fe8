"""B05: 401 in the middle of a session."""

from perptape.core.events import (
    CommandRefused,
    CredentialsLoaded,
    GuardCleared,
    ModeChanged,
    OrderRequested,
    OrderResubmitted,
    OrderSubmissionFailed,
    ReconciliationCompleted,
    ReconciliationRequested,
)
from perptape.core.events.reason import Reason
from perptape.core.wording import alert_message
from perptape.replays.oracle import (
    commands_are_answered,
    conditions_are_as_told,
    doubts_are_pursued,
    limits_trip,
    people_are_told,
    reports_are_compared,
    waits_are_as_set,
)
from perptape.replays.scenarios import (
    BTC,
    At,
    NewCredentials,
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


@verifies("one fresh retry, then trading halted")
def it_is_tried_once_more_at_once_and_then_the_bot_halts(run: Run) -> None:
    denied = run.lines(OrderSubmissionFailed, code="UNAUTHORIZED")
    require_equal([run.second(line.at_ns) for line in denied], [10, 10], "refusals")
    require_equal([line.event.attempt for line in run.lines(OrderResubmitted)], [2], "tries again")
    halted = run.line(ModeChanged, mode="halted")
    require_equal((halted.cause, halted.event.cause), (denied[1].version, "credentials"), "what halts the bot")
    require_equal(run.order(1).status, "abandoned", "the order")
    require_equal(run.at_venue(1), 0, "orders at the venue")


@verifies("alert names the key problem")
def a_person_is_told_that_the_key_is_refused_and_what_to_do(run: Run) -> None:
    [alert] = run.alerts("halted", "credentials")
    require_equal(alert.severity, "critical", "severity")
    require_equal(alert.reason.code, "key_refused", "what it says")
    require("load new credentials" in alert_message(alert), f"it says {alert_message(alert)!r}")


@verifies("no further private calls until new credentials")
def nothing_is_asked_of_the_venue_although_timers_and_people_want_to(run: Run) -> None:
    calls = [(call.kind, run.second(call.at_ns)) for call in run.calls if 10 < run.second(call.at_ns) < 80]
    require_equal(calls, [], "calls while the key is refused")
    require_equal(run.lines(ReconciliationRequested, since=11, until=80), [], "comparisons asked for")
    refused_resume = run.first(CommandRefused).event
    require_equal(refused_resume.why, Reason("credentials_refused"), "why a resume is refused")


@verifies("resumes after they are given")
def new_credentials_lift_the_halt_and_the_account_is_compared_first(run: Run) -> None:
    given = run.line(CredentialsLoaded)
    cleared = run.line(GuardCleared, guard="credentials")
    require_equal(cleared.cause, given.version, "what clears the guard")
    require_equal(cleared.event.reason, Reason("new_credentials", names={"key_id": "key-2"}), "why it clears")
    asked = run.first(ReconciliationRequested, since=80)
    require_equal(asked.cause, given.version, "what asks for the account")
    resumed = run.line(OrderRequested, intent=2)
    require(run.first(ReconciliationCompleted, since=80).version < resumed.version, "an order left before")
    require_equal(run.order(2).status, "filled", "the order afterwards")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="B05",
    name="expired_credentials",
    section="broker",
    story="401 mid-session",
    trading=canary(scripted("puppet", f"{BTC} 10 buy; {BTC} 40 buy; {BTC} 95 buy"), reconciliation={"every_s": 30}),
    exchange=funded(faults=(refused("UNAUTHORIZED", times=2),)),
    market=market(prices(BTC, {0: 50_000, 120: 50_000})),
    acts=(At(50, Operator("resume")), At(80, NewCredentials("key-2"))),
    verifies=(
        it_is_tried_once_more_at_once_and_then_the_bot_halts,
        a_person_is_told_that_the_key_is_refused_and_what_to_do,
        nothing_is_asked_of_the_venue_although_timers_and_people_want_to,
        new_credentials_lift_the_halt_and_the_account_is_compared_first,
        waits_are_as_set("one fresh retry, then trading halted"),
        commands_are_answered("no further private calls until new credentials"),
        people_are_told("alert names the key problem"),
        doubts_are_pursued("no further private calls until new credentials"),
        conditions_are_as_told("resumes after they are given"),
        limits_trip("one fresh retry, then trading halted"),
        reports_are_compared("resumes after they are given"),
    ),
)
