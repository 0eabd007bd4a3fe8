"""B07: the key may read and not trade."""

from perptape.core.events import (
    AccountReported,
    AlertRaised,
    GuardTripped,
    OrderBlocked,
    OrderRequested,
    QuoteUpdated,
    SignalGenerated,
)
from perptape.replays.oracle import commands_are_answered, orders_are_measured, people_are_told
from perptape.replays.scenarios import (
    BTC,
    ETH,
    FaultRule,
    Run,
    Scenario,
    canary,
    market,
    prices,
    require,
    require_equal,
    scripted,
    verifies,
    with_positions,
)


@verifies("bot observes only")
def after_the_first_refusal_nothing_is_sent_any_more(run: Run) -> None:
    require_equal([run.second(call.at_ns) for call in run.called("submit")], [10], "orders sent")
    require_equal(run.called("cancel"), [], "cancels sent")
    wanted = [(signal.action, signal.symbol) for signal in run.all(SignalGenerated)]
    require_equal(wanted, [("buy", BTC), ("sell", ETH), ("buy", BTC), ("buy", BTC)], "what strategies want meanwhile")
    blocked = {line.event.guard for line in run.lines(OrderBlocked)}
    require_equal(blocked, {"read_only_key"}, "who blocks it")
    require_equal(len(run.lines(OrderRequested)), 1, "orders requested")


@verifies("bot observes only")
def it_goes_on_reading_prices_and_account(run: Run) -> None:
    require(len(run.lines(QuoteUpdated, since=100)) > 5, "prices are no longer taken in")
    require_equal([run.second(line.at_ns) for line in run.lines(AccountReported)], [0, 60, 120], "account reports")
    require_equal((run.state.mode, run.state.running), ("normal", False), "mode and end")
    run.agrees_with_venue()


@verifies("says so once, clearly")
def one_alert_says_what_the_key_may_not_do(run: Run) -> None:
    trips = run.all(GuardTripped, guard="read_only_key")
    require_equal(len(trips), 1, "trips")
    said = run.all(AlertRaised, topic="read_only_key")
    require_equal([alert.reason.code for alert in said], ["key_read_only"], "alerts")
    require_equal(said[0].severity, "critical", "severity")


SCENARIO = Scenario(
    id="B07",
    name="read_only_key",
    section="broker",
    story="reads pass, writes 403",
    trading=canary(
        scripted("puppet", f"{BTC} 10 buy; {ETH} 30 sell; {BTC} 80 buy; {BTC} 130 buy"),
        reconciliation={"every_s": 60},
    ),
    exchange=with_positions(
        faults=(
            FaultRule("submit", "refuse", times=0, code="PERMISSION_DENIED"),
            FaultRule("cancel", "refuse", times=0, code="PERMISSION_DENIED"),
        )
    ),
    market=market(prices(BTC, {0: 50_000, 150: 50_000}), prices(ETH, {0: 3_000, 150: 3_000})),
    verifies=(
        after_the_first_refusal_nothing_is_sent_any_more,
        it_goes_on_reading_prices_and_account,
        one_alert_says_what_the_key_may_not_do,
        commands_are_answered("bot observes only"),
        people_are_told("says so once, clearly"),
        orders_are_measured("bot observes only"),
    ),
)
