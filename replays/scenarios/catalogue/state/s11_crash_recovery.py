"""S11: the process is killed at every append and around every broker call of three scenarios.

A kill here is what SIGKILL is to the bot: whatever is not durable is gone, the venue has what it has journaled, and
another process begins from the log. It is tried at every moment there is; X06 does the same to real processes.
"""

from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.core.state import State
from perptape.replays.evidence.expectation import require, require_equal, verifies
from perptape.replays.evidence.run import Run
from perptape.replays.scenarios.drills.drill import Drill, Survived
from perptape.replays.scenarios.language.scenario import Scenario
from perptape.replays.scenarios.runner.play import play

BEFORE_APPEND = "before an append"


class Trial(Struct, frozen=True):
    """One kill and what became of it."""

    scenario: str
    moment: int
    """Its ordinal among the moments of the scenario."""
    what: str
    run: Run
    unkilled: Run


class Facts(Struct, frozen=True):
    """Every kill of every scenario."""

    trials: list[Trial]
    moments: dict[str, list[str]]
    """By scenario: the moments there were."""


def three() -> tuple[Scenario, ...]:
    """A position opened and closed, an order sent three times, and orders whose replies cannot be read."""
    from perptape.replays.scenarios.catalogue.broker import b12_invalid_responses  # noqa: PLC0415 - rows are modules
    from perptape.replays.scenarios.catalogue.trading import (  # noqa: PLC0415 - rows are modules
        t02_position_close,
        t09_order_retry_on_rate_limit,
    )

    return t02_position_close.SCENARIO, t09_order_retry_on_rate_limit.SCENARIO, b12_invalid_responses.SCENARIO


def attack(folder: Path) -> Survived:
    """Play each scenario once for every moment at which it can be killed."""
    trials, moments, recordings = [], {}, []
    for scenario in three():
        unkilled = play(scenario)
        moments[scenario.id] = list(unkilled.moments)
        for moment, what in enumerate(unkilled.moments, 1):
            played = play(scenario, kills=(moment,))
            trials.append(Trial(scenario.id, moment, what, played.run, unkilled.run))
            path = folder / f"{scenario.id}_{moment:03}.jsonl"
            played.write(path)
            recordings.append(path)
    return Survived(Facts(trials, moments), tuple(recordings))


def _each(facts: Facts, check: Any) -> None:
    for trial in facts.trials:
        check(trial, f"{trial.scenario} killed at moment {trial.moment} ({trial.what})")


@verifies("no duplicate order")
def no_intent_is_two_orders_at_the_venue(facts: Facts) -> None:
    def check(trial: Trial, when: str) -> None:
        intents = [order.request.intent for order in trial.run.venue.orders.values()]
        require_equal(len(intents), len(set(intents)), f"{when}: orders at the venue")
        require_equal(len(intents), len(trial.unkilled.venue.orders), f"{when}: orders at the venue without the kill")

    _each(facts, check)


@verifies("no duplicate order")
def the_kills_were_at_every_append_and_around_every_call(facts: Facts) -> None:
    for scenario, moments in facts.moments.items():
        kinds = set(moments)
        wanted = {BEFORE_APPEND, "after an append", "call received", "call journaled", "call answered"}
        require(wanted <= kinds, f"{scenario} was killed only at {sorted(kinds)}")
        require_equal(moments.count(BEFORE_APPEND), moments.count("after an append"), f"appends of {scenario}")
    require(len(facts.trials) > 100, f"only {len(facts.trials)} kills")
    _each(facts, lambda trial, when: require(not trial.run.state.running, f"{when}: nobody took over to the end"))


@verifies("pending orders resolved with the exchange")
def nothing_is_left_unknown_and_both_sides_agree(facts: Facts) -> None:
    def check(trial: Trial, when: str) -> None:
        trial.run.agrees_with_venue()
        statuses = [order.status for order in trial.run.orders.values()]
        require(not {"unknown", "requested", "waiting"} & set(statuses), f"{when}: orders end as {statuses}")

    _each(facts, check)


@verifies(
    "positions, working orders, cash, modes, guard sums and strategy memory equal those of a run that did not crash"
)
def what_is_held_owed_and_summed_is_that_of_the_run_without_a_kill(facts: Facts) -> None:
    _each(facts, lambda trial, when: require_equal(_held(trial.run.state), _held(trial.unkilled.state), when))


@verifies(
    "positions, working orders, cash, modes, guard sums and strategy memory equal those of a run that did not crash"
)
def strategies_remember_the_same_as_of_the_last_price_that_was_heard(facts: Facts) -> None:
    def check(trial: Trial, when: str) -> None:
        heard_ns = max(market.heard_at_ns for market in trial.run.state.markets.values())
        at_that_time = trial.unkilled.state_at(trial.unkilled.second(heard_ns))
        require_equal(_memories(trial.run.state), _memories(at_that_time), when)

    _each(facts, check)


def _held(state: State) -> dict[str, Any]:
    account = state.account
    return {
        "positions": {symbol: (held.size, held.cost) for symbol, held in state.positions.items()},
        "working orders": [(order.intent, order.status, order.filled_size) for order in state.orders.values()],
        "cash": account.cash,
        "modes": (state.mode, list(state.restricted), list(state.halts)),
        "guard sums": (account.day, account.total, account.day_start_equity),
        "results": state.results,
    }


def _memories(state: State) -> list[Any]:
    return [sleeve.memory for market in state.markets.values() for sleeve in market.sleeves]


DRILL = Drill(
    id="S11",
    name="crash_recovery",
    section="state",
    story="killed mid-turn, at every append and around every broker call",
    attack=attack,
    verifies=(
        no_intent_is_two_orders_at_the_venue,
        the_kills_were_at_every_append_and_around_every_call,
        nothing_is_left_unknown_and_both_sides_agree,
        what_is_held_owed_and_summed_is_that_of_the_run_without_a_kill,
        strategies_remember_the_same_as_of_the_last_price_that_was_heard,
    ),
)
