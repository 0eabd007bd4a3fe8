"""Orders and positions count together, in every guard on how much is held."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from core.events import Side
from core.guards import Guard
from core.guards.sizes import exposure_share, leverage_limit, liquidation_buffer, position_cap, position_limit
from core.guards.verdict import passed
from core.money import arithmetic
from core.settings import GuardSettings
from core.state import State
from tests.core.builders import BTC, limits, long, proposal, several_positions, short, state, working_order

GUARDED: dict[str, tuple[Guard, GuardSettings]] = {
    "position_cap": (position_cap, limits(position_caps={BTC: Decimal(10)})),
    "exposure_share": (exposure_share, limits(exposure_share_max="0.5", leverage_max=2)),
    "leverage": (leverage_limit, limits(leverage_max=1)),
    "liquidation_buffer": (liquidation_buffer, limits(liquidation_buffer="0.5")),
    "position_limit": (position_limit, limits(underlying_limits={"BTC": Decimal(10)})),
}


def guarded(name: str) -> tuple[Guard, State]:
    guard, guards = GUARDED[name]
    return guard, state(cash=1000, guards=guards)


@pytest.mark.parametrize("name", GUARDED)
def test_a_flat_account_may_place_an_order_that_fits(name: str) -> None:
    guard, held = guarded(name)
    assert guard(held, proposal(held, "buy", 6)).allowed


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_two_orders_that_each_fit_do_not_pass_together(name: str, side: Side) -> None:
    guard, held = guarded(name)
    size = 20 if name == "liquidation_buffer" else 6
    held.account.equity = Decimal(1500 if name == "liquidation_buffer" else 1000)
    assert guard(held, proposal(held, side, size)).allowed
    working_order(held, side, size)
    assert not guard(held, proposal(held, side, size)).allowed


@pytest.mark.parametrize("name", GUARDED)
@given(st.sampled_from(["buy", "sell"]), st.decimals("0.01", 50, places=2), st.decimals("0.01", 50, places=2))
def test_two_orders_are_measured_like_one_of_their_sum(name: str, side: Side, first: Decimal, second: Decimal) -> None:
    with arithmetic():
        guard, held = guarded(name)
        at_once = guard(held, proposal(held, side, first + second))
        working_order(held, side, first)
        assert guard(held, proposal(held, side, second)) == at_once


@pytest.mark.parametrize("name", GUARDED)
@given(st.sampled_from(["buy", "sell"]), st.decimals("0.01", 50, places=2), st.decimals("0.01", 50, places=2))
def test_what_is_held_is_measured_like_what_is_ordered(name: str, side: Side, first: Decimal, second: Decimal) -> None:
    with arithmetic():
        guard, held = guarded(name)
        at_once = guard(held, proposal(held, side, first + second))
        (long if side == "buy" else short)(held, first)
        after = guard(held, proposal(held, side, second))
        assert replace(after, reason="") == replace(at_once, reason="")


@pytest.mark.parametrize("name", GUARDED)
def test_a_small_account_is_measured_like_a_large_one(name: str) -> None:
    guard, held = guarded(name)
    held.account.equity = Decimal("0.5")
    assert guard(held, proposal(held, "buy", "0.0025")).allowed


@pytest.mark.parametrize("name", GUARDED)
def test_reducing_orders_pass_whatever_is_held(name: str) -> None:
    guard, held = guarded(name)
    long(held, 1000)
    assert not guard(held, proposal(held, "buy", 1)).allowed
    assert guard(held, proposal(held, "sell", 1, reducing=True)) == passed(name)


@pytest.mark.parametrize("name", GUARDED)
def test_with_its_limit_off_a_guard_allows_everything(name: str) -> None:
    held = several_positions()
    assert GUARDED[name][0](held, proposal(held, "buy", 1000)) == passed(name)
