"""Calm is a short cut: wherever it holds, the guards it stands for would have allowed the order."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from core.account import set_baselines
from core.guards import CALM_GUARDS, GUARDS, MEASURING, first_block
from core.guards.calm import is_calm
from core.state import Halt, State, Trip, trip_key
from tests.core.builders import BTC, NOW_NS, limits, proposal, state


def limited() -> State:
    """An account that has lost nothing yet and may lose 100 a day, and a tenth from its peak."""
    made = state(guards=limits(daily_loss_limit=100, drawdown_limit="0.1"))
    set_baselines(made.account, Decimal(100), Decimal("0.1"))
    return made


def _trip(into: State, guard: str, symbol: str) -> None:
    trip = Trip(guard=guard, symbol=symbol, mode="normal", at_ns=NOW_NS, day_end_ns=0, reason="tripped")
    into.tripped[trip_key(guard, symbol)] = trip


def _halt(into: State) -> None:
    into.mode = "halted"
    into.halts = {"operator": Halt(halt_id=1, cause="operator", reason="lunch")}


def _lose(into: State, loss: str) -> None:
    into.account.equity -= Decimal(loss)


def _fall(into: State) -> None:
    into.settings = state(guards=limits(drawdown_limit="0.1")).settings
    set_baselines(into.account, None, Decimal("0.1"))
    _lose(into, "1000.01")


TROUBLES: dict[str, Callable[[State], None]] = {
    "kill_switch": _halt,
    "connection": lambda into: setattr(into, "lost_channels", ["private"]),
    "trading_halt": lambda into: setattr(into.markets[BTC], "status", "closed"),
    "insane_balance": lambda into: _trip(into, "insane_balance", ""),
    "reduce_only": lambda into: setattr(into, "mode", "reduce_only"),
    "daily_loss": lambda into: _lose(into, "100.01"),
    "drawdown": _fall,
    "error_rate": lambda into: _trip(into, "error_rate", ""),
    "volatility": lambda into: _trip(into, "volatility", BTC),
}


@pytest.mark.parametrize("guard", TROUBLES)
def test_what_one_of_them_blocks_is_no_calm(guard: str) -> None:
    troubled = limited()
    assert is_calm(troubled, proposal(troubled))
    TROUBLES[guard](troubled)
    assert not is_calm(troubled, proposal(troubled))
    block = first_block(troubled, proposal(troubled))
    assert block is not None
    assert block.guard == guard


def test_every_guard_it_stands_for_is_tried_here() -> None:
    ordinary = state()
    names = {guard(ordinary, proposal(ordinary)).guard for guard in CALM_GUARDS}
    assert names == set(TROUBLES)


def test_the_others_are_asked_in_calm_too_and_in_their_order() -> None:
    assert [guard for guard in GUARDS if guard not in CALM_GUARDS] == list(MEASURING)


def test_without_a_comparison_with_the_venue_there_is_no_calm() -> None:
    unsettled = limited()
    unsettled.reconciliation.required = True
    assert not is_calm(unsettled, proposal(unsettled))


def test_at_the_limit_itself_the_guards_are_asked() -> None:
    at_limit = limited()
    _lose(at_limit, "100")
    assert not is_calm(at_limit, proposal(at_limit))
    assert first_block(at_limit, proposal(at_limit)) is None
