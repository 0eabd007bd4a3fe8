"""B15: the venue fails more and more often, and slower and slower."""

from perptape.core.events import (
    AccountQueryFailed,
    AccountReported,
    GuardCleared,
    GuardTripped,
    OrderBlocked,
    OrderOutcomeUnknown,
    OrderRequested,
    OrderSubmissionFailed,
    ReconciliationRequested,
    TimerFired,
)
from perptape.core.events.reason import Reason
from perptape.core.settings import ErrorBreaker
from perptape.replays.oracle import (
    conditions_are_as_told,
    limits_trip,
    orders_are_measured,
    reports_are_compared,
    waits_are_as_set,
)
from perptape.replays.scenarios import (
    BTC,
    ETH,
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


@verifies("circuit breaker opens at its threshold, half-opens, closes")
def it_opens_at_the_fifth_failure_within_a_minute(run: Run) -> None:
    failures = [line for line in run.events if isinstance(line.event, (OrderSubmissionFailed, OrderOutcomeUnknown))]
    require_equal([run.second(line.at_ns) for line in failures], [25, 26, 28, 32, 40, 55, 56], "failures")
    tripped = run.line(GuardTripped, guard="error_rate")
    require_equal((tripped.cause, run.second(tripped.at_ns)), (failures[4].version, 40), "the one that opens it")
    require_equal((tripped.event.measured, tripped.event.limit), (5, 5), "failures counted, and the threshold")


@verifies("circuit breaker opens at its threshold, half-opens, closes")
def it_half_opens_after_each_cooldown_and_stays_open_when_the_probe_fails(run: Run) -> None:
    fired = run.lines(TimerFired, timer_id="errors")
    require_equal([run.second(line.at_ns) for line in fired], [100, 160], "when it half-opens: 60 s after it opened")
    probes = run.lines(ReconciliationRequested, reason=Reason("breaker_probe"))
    require_equal([line.cause for line in probes], [line.version for line in fired], "what is asked then")
    failed = run.line(AccountQueryFailed)
    require_equal(failed.event.request_id, probes[0].event.request_id, "the probe without an answer")
    require("error_rate" in run.state_at(159).tripped, "the failed probe closed it")


@verifies("circuit breaker opens at its threshold, half-opens, closes")
def an_answer_to_the_probe_closes_it(run: Run) -> None:
    probe = run.last(ReconciliationRequested, reason=Reason("breaker_probe"))
    cleared = run.line(GuardCleared, guard="error_rate")
    answer = run.events[(cleared.cause or 0) - 1].event
    require(isinstance(answer, AccountReported), f"what closes it is {type(answer).__name__}")
    require_equal(answer.request_id, probe.event.request_id, "the answer that closes it")


@verifies("entries stop, exits still tried")
def while_it_is_open_entries_are_blocked_and_an_exit_is_tried_until_it_passes(run: Run) -> None:
    blocked = run.lines(OrderBlocked)
    require_equal([(line.event.guard, run.second(line.at_ns)) for line in blocked], [("error_rate", 45)], "blocked")
    left = run.line(OrderRequested, purpose="exit")
    require_equal((left.event.symbol, run.second(left.at_ns)), (ETH, 55), "what leaves")
    tries = [run.second(call.at_ns) for call in run.called("submit", left.event.intent)]
    require_equal(tries, [55, 56, 58], "its tries")
    require_equal(run.order(left.event.intent).status, "filled", "its status")


@verifies("entries stop, exits still tried")
def once_closed_entries_pass_again_and_all_is_settled(run: Run) -> None:
    entry = run.last(OrderRequested)
    require_equal((entry.event.purpose, run.second(entry.at_ns)), ("entry", 170), "the entry afterwards")
    require_equal(run.order(entry.event.intent).status, "filled", "its status")
    run.agrees_with_venue()


SCENARIO = Scenario(
    id="B15",
    name="gradual_degradation",
    section="broker",
    story="success rate and latency worsen by schedule",
    trading=canary(
        scripted("btc", f"{BTC} 25 buy; {BTC} 45 buy; {BTC} 170 buy", symbols=(BTC,)),
        scripted("eth", f"{ETH} 10 buy; {ETH} 55 close", symbols=(ETH,)),
        guards={"errors": ErrorBreaker(window_s=60, failures=5, cooldown_s=60)},
    ),
    exchange=funded(
        faults=(
            FaultRule("submit", "answer_late", nth=1, delay_ms=3_000),
            FaultRule("submit", "refuse_rate_limit", nth=2, times=5),
            FaultRule("submit", "refuse_rate_limit", times=0, from_s=50, until_s=57),
            FaultRule("report_account", "lose_answer", nth=2),
        )
    ),
    market=market(prices(BTC, {0: 50_000, 190: 50_000}), prices(ETH, {0: 3_000, 190: 3_000})),
    verifies=(
        it_opens_at_the_fifth_failure_within_a_minute,
        it_half_opens_after_each_cooldown_and_stays_open_when_the_probe_fails,
        an_answer_to_the_probe_closes_it,
        while_it_is_open_entries_are_blocked_and_an_exit_is_tried_until_it_passes,
        once_closed_entries_pass_again_and_all_is_settled,
        limits_trip("circuit breaker opens at its threshold, half-opens, closes"),
        waits_are_as_set("circuit breaker opens at its threshold, half-opens, closes"),
        conditions_are_as_told("circuit breaker opens at its threshold, half-opens, closes"),
        orders_are_measured("entries stop, exits still tried"),
        reports_are_compared("circuit breaker opens at its threshold, half-opens, closes"),
    ),
)
