"""The oracle: each of its expectations holds for a busy row, and fails when one line of behaviour is another one."""

from collections.abc import Callable

import pytest

from perptape.replays import oracle
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.scenarios import Operator
from perptape.replays.scenarios.catalogue import scenarios
from perptape.replays.scenarios.language.storms import Draws
from perptape.replays.scenarios.runner.play import play
from perptape.replays.scenarios.runner.proof import unmet
from tests.mutation.alive import mutated
from tests.mutation.mutant import Mutant, mutants_of

WHAT: list[tuple[Callable[[str], Expectation], str, str, str, str]] = [
    (oracle.money_adds_up, "core/evolve/fills.py", "_take_by_account", "realised - fee", "T02"),
    (oracle.orders_are_as_reported, "core/evolve/fills.py", "_take_by_order", "order.fees += fill.fee", "T06"),
    (oracle.parts_add_up, "core/evolve/prices.py", "place_stop", "ONE - fraction", "T15"),
    (oracle.markets_are_as_heard, "core/evolve/prices.py", "_keep", "excess > 0 → excess <= 0", "S09"),
    (oracle.conditions_are_as_told, "core/evolve/calls.py", "_credentials", "state.unauthorised", "B05"),
    (oracle.timers_fire_when_due, "core/waiting.py", "stale_due_ns", "state.settings.guards.staleness_s", "S13"),
    (
        oracle.states_are_rebuilt,
        "core/evolve/__init__.py",
        "evolve_all",
        "at_ns >= state.account.day_end_ns → at_ns <",
        "S10",
    ),
    (oracle.orders_are_measured, "core/guards/sizes.py", "trade_value", "order.reducing", "T04"),
    (oracle.signals_are_pursued, "core/alarms.py", "stop_hit", "price <= sleeve.stop_price", "T15"),
    (oracle.doubts_are_pursued, "core/decide/order_reports.py", "_cancel_rejected", "yield cancel_later", "B03"),
    (oracle.limits_trip, "core/decide/watch.py", "watch_account", "yield from trip(state, 'daily_loss'", "T03"),
    (oracle.mode_follows, "core/decide/commands.py", "_flatten", "yield from _restrict", "T12"),
    (oracle.people_are_told, "core/decide/alerts.py", "alert", "1", "B07"),
    (oracle.reports_are_compared, "core/decide/accounts.py", "_repair", "yield DriftRepaired", "T11"),
    (oracle.waits_are_as_set, "core/decide/order_reports.py", "backoff_ns", "attempt - 1", "B01"),
    (oracle.commands_are_answered, "core/decide/commands.py", "_refusal", "event.command not in LASTING", "S19"),
]
ALSO = [
    (oracle.limits_trip, "core/decide/watch.py", "_clear_daily_loss", "tripped.day_end_ns != ", "T03"),
    (oracle.doubts_are_pursued, "core/decide/order_reports.py", "_cancel_again", "'rest' not in", "B17"),
    (oracle.doubts_are_pursued, "core/decide/connection.py", "_restored", "yield TimerSet", "B17"),
    (oracle.waits_are_as_set, "core/decide/order_reports.py", "backoff_ns", "attempt - 1", "B17"),
    (oracle.orders_are_as_reported, "core/order.py", "reopen", "order.filled_size = filled", "T11"),
    (oracle.reports_are_compared, "core/reconciliation.py", "resurfaced", "drifts.append", "T11"),
    (oracle.signals_are_pursued, "core/decide/trading.py", "pursue", "elsewhere is not None", "B06"),
    (oracle.parts_add_up, "core/evolve/orders.py", "_looked_up", "ended and ", "D15"),
]
"""More than one mistake that an expectation has to notice."""


def _mutant(file: str, function: str, change: str) -> Mutant:
    found = [mutant for mutant in mutants_of(file) if mutant.function == function]
    return next(mutant for mutant in found if f"{mutant.before} → {mutant.after}".startswith(change))


@pytest.mark.parametrize(("factory", "file", "function", "change", "row"), [*WHAT, *ALSO])
def test_an_expectation_notices_another_behaviour(
    factory: Callable[[str], Expectation], file: str, function: str, change: str, row: str
) -> None:
    expectation = factory("a phrase")
    scenario = next(scenario for scenario in scenarios() if scenario.id == row)
    assert expectation.phrase == "a phrase"
    assert list(unmet(play(scenario).run, (expectation,))) == []
    with mutated(_mutant(file, function, change)):
        assert list(unmet(play(scenario).run, (expectation,))) != []


def test_a_row_with_everything_holds_each_of_them_once() -> None:
    names = [expectation.name for expectation in oracle.everything("a phrase")]
    assert len(names) == len(set(names)) == len(WHAT)


def test_draws_are_the_same_for_the_same_seed() -> None:
    def drawn(seed: int) -> tuple[object, ...]:
        draws = Draws(seed)
        return draws.plan(9, 300), draws.outages(300, 60, 20), draws.acts(5, 300, (Operator("resume"),))

    assert drawn(3) == drawn(3) != drawn(4)
