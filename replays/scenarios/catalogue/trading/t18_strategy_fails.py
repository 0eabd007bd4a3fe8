"""T18: a strategy raises with a position open."""

from decimal import Decimal

from perptape.core.events import OrderBlocked, OrderRequested, SignalGenerated, StrategyFailed
from perptape.replays.oracle import parts_add_up, people_are_told, signals_are_pursued
from perptape.replays.scenarios import (
    BTC,
    ETH,
    At,
    Restart,
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


@verifies("recorded")
def the_failure_is_on_the_tape_with_what_was_raised(run: Run) -> None:
    failed = run.one(StrategyFailed)
    require_equal((failed.strategy, failed.symbol), ("faulty", BTC), "which strategy failed where")
    require(
        "RuntimeError" in failed.error and "the plan says to fail here" in failed.error, f"it says {failed.error!r}"
    )


@verifies("recorded")
def it_is_never_asked_again_and_a_restart_does_not_wake_it(run: Run) -> None:
    require_equal(run.lines(SignalGenerated, strategy="faulty", since=30), [], "signals after it failed")
    require(run.sleeve(BTC, "faulty").stopped, "it is not stopped at the end")
    require_equal(run.state.session, 2, "sessions")


@verifies("its exits and all guards go on")
def its_trailing_stop_still_closes_its_position(run: Run) -> None:
    left = run.line(OrderRequested, purpose="trailing_stop")
    require_equal((left.event.strategy, left.event.size), ("faulty", Decimal("0.01")), "what is closed")
    require(run.second(left.at_ns) > 30, "it left before the failure")
    require_equal(run.sleeve(BTC, "faulty").position.size, 0, "what it holds in the end")


@verifies("its exits and all guards go on")
def its_position_counts_in_the_guards_as_long_as_it_is_held(run: Run) -> None:
    blocked = run.line(OrderBlocked)
    require_equal((blocked.event.guard, blocked.event.strategy), ("position_cap", "greedy"), "who blocks whom")
    require_equal(blocked.event.measured, Decimal("0.02"), "0.01 of the failed one and 0.01 more")
    require(
        30 < run.second(blocked.at_ns) < run.second(run.line(OrderRequested, purpose="trailing_stop").at_ns), "when"
    )


@verifies("others unaffected")
def another_strategy_enters_and_leaves_as_it_would(run: Run) -> None:
    traded = [(line.event.side, run.second(line.at_ns)) for line in run.lines(OrderRequested, strategy="sound")]
    require_equal(traded, [("buy", 40), ("sell", 90)], "what it does and when")
    require_equal(run.sleeve(ETH, "sound").stopped, "", "why it is stopped")


@verifies("alert")
def a_person_is_told_which_strategy_failed_and_why(run: Run) -> None:
    [alert] = run.alerts("strategy_stopped", "faulty")
    require(alert.severity in ("warning", "critical"), f"its severity is {alert.severity}")
    require("the plan says to fail here" in alert.reason.text, f"it says {alert.reason.text!r}")


SCENARIO = Scenario(
    id="T18",
    name="strategy_fails",
    section="trading",
    story="a strategy raises with a position open → it stops, the bot does not",
    trading=canary(
        scripted(
            "faulty", f"{BTC} 10 buy; {BTC} 30 raise; {BTC} 50 sell", symbols=(BTC,), trailing_stop=Decimal("0.01")
        ),
        scripted("sound", f"{ETH} 40 buy; {ETH} 90 close", symbols=(ETH,)),
        scripted("greedy", f"{BTC} 45 buy", symbols=(BTC,)),
        guards={"position_caps": {BTC: Decimal("0.015")}},
    ),
    exchange=funded(),
    market=market(
        prices(BTC, {0: 50_000, 60: 50_000, 80: 49_300, 120: 49_300}),
        prices(ETH, {0: 3_000, 120: 3_000}),
    ),
    acts=(At(100, Restart()),),
    verifies=(
        the_failure_is_on_the_tape_with_what_was_raised,
        it_is_never_asked_again_and_a_restart_does_not_wake_it,
        its_trailing_stop_still_closes_its_position,
        its_position_counts_in_the_guards_as_long_as_it_is_held,
        another_strategy_enters_and_leaves_as_it_would,
        a_person_is_told_which_strategy_failed_and_why,
        parts_add_up("its exits and all guards go on"),
        signals_are_pursued("others unaffected"),
        people_are_told("alert"),
    ),
)
