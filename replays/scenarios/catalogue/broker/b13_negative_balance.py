"""B13: an account report that cannot be true."""

from decimal import Decimal

from perptape.core.events import (
    AccountReported,
    CommandApplied,
    DriftRepaired,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderRequested,
    ReconciliationCompleted,
    SignalGenerated,
)
from perptape.core.events.reason import Reason
from perptape.replays.oracle import limits_trip, money_adds_up, reports_are_compared, waits_are_as_set
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    FaultRule,
    Operator,
    Run,
    Scenario,
    canary,
    market,
    prices,
    profitable,
    require_equal,
    scripted,
    verifies,
    with_positions,
)


@verifies("not applied")
def cash_and_positions_stay_as_they_were(run: Run) -> None:
    for line in run.lines(AccountReported, cash=Decimal(-50)):
        before, after = run.state_after(line.version - 1), run.state_after(line.version)
        require_equal((after.account.cash, after.account.equity), (before.account.cash, before.account.equity), "money")
        require_equal(after.positions, before.positions, "positions")
    require_equal(run.state_at(45).account.cash, 10_000, "cash after it")
    require_equal(run.lines(DriftRepaired, since=1), [], "repairs")
    require_equal(run.lines(ReconciliationCompleted, since=30, until=35), [], "comparisons completed with it")


@verifies("trading halted until a sane one or an operator resumes")
def the_bot_halts_in_the_reports_turn_and_says_why(run: Run) -> None:
    tripped = run.first(GuardTripped, guard="insane_balance")
    report = run.first(AccountReported, cash=Decimal(-50))
    require_equal((tripped.cause, tripped.event.measured), (report.version, -50), "what trips, and what it measured")
    require_equal(tripped.event.reason, Reason("cash_negative", {"cash": Decimal(-50)}), "the reason")
    require_equal(run.first(ModeChanged, mode="halted").cause, report.version, "what halts")
    wanted = run.first(SignalGenerated)
    require_equal(run.second(wanted.at_ns), 33, "when a strategy wants something")
    require_equal(run.lines(OrderRequested, until=40), [], "orders while halted")


@verifies("trading halted until a sane one or an operator resumes")
def a_sane_report_lifts_it(run: Run) -> None:
    cleared = run.first(GuardCleared, guard="insane_balance")
    sane = run.first(AccountReported, cash=Decimal(10_000), since=31)
    require_equal(cleared.cause, sane.version, "what clears it")
    require_equal(run.state_at(45).mode, "normal", "mode afterwards")
    require_equal(run.second(run.line(OrderRequested, symbol=ETH).at_ns), 50, "the entry that passes")


@verifies("trading halted until a sane one or an operator resumes")
def an_operator_who_names_the_halt_lifts_it_too(run: Run) -> None:
    resumed = run.line(CommandApplied, command="resume")
    require_equal((resumed.event.actor, run.second(resumed.at_ns)), ("ann", 93), "who resumes, and when")
    lifted = run.last(ModeChanged, mode="normal")
    require_equal(lifted.cause, resumed.cause, "what lifts the second halt")
    require_equal(run.second(run.line(OrderRequested, symbol=BTC).at_ns), 94, "the entry that passes")


SCENARIO = Scenario(
    id="B13",
    name="negative_balance",
    section="broker",
    story="account report is impossible",
    trading=canary(
        scripted("puppet", f"{ETH} 33 buy; {ETH} 50 buy; {BTC} 94 buy", symbols=(BTC, ETH)),
        reconciliation={"every_s": 30, "retry_s": 5},
    ),
    exchange=with_positions(
        profitable(BTC),
        faults=(
            FaultRule("report_account", "mangle_answer", nth=2, mangle="set:cash=-50"),
            FaultRule("report_account", "mangle_answer", nth=5, times=0, mangle="set:cash=-50"),
        ),
    ),
    market=market(prices(BTC, {0: 50_000, 110: 50_000}, every_s=1), prices(ETH, {0: 3_000, 110: 3_000}, every_s=1)),
    acts=(At(93, Operator("resume")),),
    verifies=(
        cash_and_positions_stay_as_they_were,
        the_bot_halts_in_the_reports_turn_and_says_why,
        a_sane_report_lifts_it,
        an_operator_who_names_the_halt_lifts_it_too,
        money_adds_up("not applied"),
        limits_trip("trading halted until a sane one or an operator resumes"),
        reports_are_compared("not applied"),
        waits_are_as_set("trading halted until a sane one or an operator resumes"),
    ),
)
