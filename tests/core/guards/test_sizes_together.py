"""Orders and positions count together, in every guard on how much is held."""

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.events import Side
from perptape.core.guards import Block, Guard, Proposal
from perptape.core.guards.sizes import exposure_share, leverage, liquidation_buffer, position_cap, position_limit
from perptape.core.money import arithmetic
from perptape.core.settings import GuardSettings, TradingSettings
from perptape.core.state import State
from tests.core.builders import BTC, limits, long, proposal, several_positions, short, state, working_order

ZERO = Decimal(0)


class Guarded(NamedTuple):
    """A guard, its ordinary limit, and one that no order meets."""

    guard: Guard
    ordinary: GuardSettings
    unmeetable: GuardSettings


GUARDED: dict[str, Guarded] = {
    "position_cap": Guarded(position_cap, limits(position_caps={BTC: Decimal(10)}), limits(position_caps={BTC: ZERO})),
    "exposure_share": Guarded(
        exposure_share,
        limits(exposure_share_max="0.5", leverage_max=2),
        limits(exposure_share_max=0, leverage_max=2),
    ),
    "leverage": Guarded(leverage, limits(leverage_max=1), limits(leverage_max=0)),
    "liquidation_buffer": Guarded(
        liquidation_buffer, limits(liquidation_buffer="0.5"), limits(liquidation_buffer=10**9)
    ),
    "position_limit": Guarded(
        position_limit, limits(underlying_limits={"BTC": Decimal(10)}), limits(underlying_limits={"BTC": ZERO})
    ),
}
sizes = st.decimals("0.01", 50, places=2)


def guarded(name: str) -> tuple[Guard, State]:
    return GUARDED[name].guard, state(cash=1000, guards=GUARDED[name].ordinary)


def measured(name: str, held: State, order: Proposal) -> Block:
    """What the guard says of the order under the limit that no order meets."""
    strict = replace(held, settings=TradingSettings(guards=GUARDED[name].unmeetable))
    block = GUARDED[name].guard(strict, order)
    assert block is not None
    assert block.guard == name
    return block


def numbers(block: Block | None) -> tuple[Decimal, Decimal] | None:
    return None if block is None else (block.measured, block.limit)


@pytest.mark.parametrize("name", GUARDED)
def test_a_flat_account_may_place_an_order_that_fits(name: str) -> None:
    guard, held = guarded(name)
    assert guard(held, proposal(held, "buy", 6)) is None


@pytest.mark.parametrize("name", GUARDED)
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_two_orders_that_each_fit_do_not_pass_together(name: str, side: Side) -> None:
    guard, held = guarded(name)
    size = 20 if name == "liquidation_buffer" else 6
    held.account.equity = Decimal(1500 if name == "liquidation_buffer" else 1000)
    assert guard(held, proposal(held, side, size)) is None
    working_order(held, side, size)
    assert guard(held, proposal(held, side, size)) is not None


@pytest.mark.parametrize("name", GUARDED)
@given(st.sampled_from(["buy", "sell"]), sizes, sizes)
def test_two_orders_are_measured_like_one_of_their_sum(name: str, side: Side, first: Decimal, second: Decimal) -> None:
    with arithmetic():
        guard, held = guarded(name)
        both = proposal(held, side, first + second)
        said, block = guard(held, both), measured(name, held, both)
        working_order(held, side, first)
        rest = proposal(held, side, second)
        assert guard(held, rest) == said
        assert measured(name, held, rest) == block


@pytest.mark.parametrize("name", GUARDED)
@given(st.sampled_from(["buy", "sell"]), sizes, sizes)
def test_what_is_held_is_measured_like_what_is_ordered(name: str, side: Side, first: Decimal, second: Decimal) -> None:
    with arithmetic():
        guard, held = guarded(name)
        both = proposal(held, side, first + second)
        said, block = guard(held, both), measured(name, held, both)
        (long if side == "buy" else short)(held, first)
        rest = proposal(held, side, second)
        assert numbers(guard(held, rest)) == numbers(said)
        assert numbers(measured(name, held, rest)) == numbers(block)


@pytest.mark.parametrize("name", GUARDED)
def test_a_small_account_is_measured_like_a_large_one(name: str) -> None:
    guard, held = guarded(name)
    held.account.equity = Decimal("0.5")
    assert guard(held, proposal(held, "buy", "0.0025")) is None


@pytest.mark.parametrize("name", GUARDED)
def test_reducing_orders_pass_whatever_is_held(name: str) -> None:
    guard, held = guarded(name)
    long(held, 1000)
    assert guard(held, proposal(held, "buy", 1)) is not None
    assert guard(held, proposal(held, "sell", 1, reducing=True)) is None


@pytest.mark.parametrize("name", GUARDED)
def test_with_its_limit_off_a_guard_allows_everything(name: str) -> None:
    held = several_positions()
    assert GUARDED[name].guard(held, proposal(held, "buy", 1000)) is None
