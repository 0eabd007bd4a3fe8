"""Modes and conditions block whatever an order's numbers are; only what is named here gets through."""

from decimal import Decimal

import pytest

from perptape.core.events import Mode, Purpose, TradingStatus
from perptape.core.events.causes import GuardName
from perptape.core.events.reason import Reason, operator_says
from perptape.core.guards import Guard
from perptape.core.guards.block import Block
from perptape.core.guards.modes import (
    connection,
    error_rate,
    insane_balance,
    kill_switch,
    reduce_only,
    trading_halt,
    volatility,
)
from perptape.core.state import Halt, State, Trip, trip_key
from tests.core.builders import BTC, ETH, NOW_NS, market, proposal, state

ONE, ZERO = Decimal(1), Decimal(0)
PURPOSES: tuple[Purpose, ...] = ("entry", "exit", "trailing_stop", "external")
"""All but flatten."""


def in_mode(mode: Mode) -> State:
    restricted = state()
    restricted.mode = mode
    return restricted


def halted() -> State:
    stopped = in_mode("halted")
    stopped.halts = {
        "operator": Halt(halt_id=1, cause="operator", reason=operator_says("ann", "lunch")),
        "drawdown": Halt(halt_id=2, cause="drawdown", reason=Reason("drawdown")),
    }
    return stopped


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("reducing", [False, True])
def test_the_kill_switch_blocks_everything_reducing_or_not_and_names_the_causes(
    purpose: Purpose, reducing: bool
) -> None:
    stopped = halted()
    assert kill_switch(stopped, proposal(stopped, purpose=purpose, reducing=reducing)) == Block(
        "kill_switch",
        ONE,
        ZERO,
        Reason("halted", names={"causes": "operator drawdown"}, because=operator_says("ann", "lunch")),
    )


def test_an_operators_flatten_passes_the_kill_switch() -> None:
    stopped = halted()
    assert kill_switch(stopped, proposal(stopped, purpose="flatten")) is None


@pytest.mark.parametrize("mode", ["normal", "reduce_only"])
def test_the_kill_switch_is_off_unless_the_bot_is_halted(mode: Mode) -> None:
    assert kill_switch(in_mode(mode), proposal(state())) is None


@pytest.mark.parametrize("purpose", [*PURPOSES, "flatten"])
@pytest.mark.parametrize("reducing", [False, True])
def test_nothing_leaves_while_a_channel_is_down(purpose: Purpose, reducing: bool) -> None:
    blind = state()
    blind.lost_channels = ["private", "rest"]
    assert connection(blind, proposal(blind, purpose=purpose, reducing=reducing)) == Block(
        "connection", ONE, ZERO, Reason("channels_down", names={"channels": "private rest"})
    )


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("reducing", [False, True])
def test_nothing_leaves_before_the_venue_has_been_compared(purpose: Purpose, reducing: bool) -> None:
    unsure = state()
    unsure.reconciliation.required = True
    assert connection(unsure, proposal(unsure, purpose=purpose, reducing=reducing)) == Block(
        "connection", ONE, ZERO, Reason("not_compared")
    )


def test_an_operators_flatten_need_not_wait_for_the_comparison() -> None:
    unsure = state()
    unsure.reconciliation.required = True
    assert connection(unsure, proposal(unsure, purpose="flatten")) is None


def test_a_connected_and_compared_bot_may_send() -> None:
    assert connection(state(), proposal(state())) is None


def at_venue(status: TradingStatus) -> State:
    trading = state()
    trading.markets[BTC].status = status
    return trading


@pytest.mark.parametrize("status", ["post_only", "cancel_only", "halted", "closed"])
@pytest.mark.parametrize("reducing", [False, True])
def test_a_venue_that_takes_no_orders_gets_none_reducing_or_not(status: TradingStatus, reducing: bool) -> None:
    trading = at_venue(status)
    assert trading_halt(trading, proposal(trading, reducing=reducing, purpose="flatten")) == Block(
        "trading_halt", ONE, ZERO, Reason("not_open", names={"symbol": BTC, "status": status})
    )


@pytest.mark.parametrize("status", ["cancel_only", "halted", "closed"])
def test_post_only_does_not_help_where_nothing_is_taken(status: TradingStatus) -> None:
    trading = at_venue(status)
    assert trading_halt(trading, proposal(trading, post_only=True)) is not None


@pytest.mark.parametrize(("status", "post_only"), [("open", False), ("open", True), ("post_only", True)])
def test_an_open_venue_takes_any_order_and_a_post_only_one_resting_ones(status: TradingStatus, post_only: bool) -> None:
    trading = at_venue(status)
    assert trading_halt(trading, proposal(trading, post_only=post_only)) is None


def test_reduce_only_blocks_what_increases_and_names_the_causes() -> None:
    careful = in_mode("reduce_only")
    careful.restricted = {"pause": operator_says("ann", "lunch"), "daily_loss": Reason("daily_loss")}
    assert reduce_only(careful, proposal(careful, size=3)) == Block(
        "reduce_only",
        Decimal(3),
        ZERO,
        Reason("reducing_only", names={"causes": "pause daily_loss"}, because=operator_says("ann", "lunch")),
    )


@pytest.mark.parametrize("purpose", [*PURPOSES, "flatten"])
def test_reduce_only_goes_by_what_the_order_does_and_not_by_its_purpose(purpose: Purpose) -> None:
    careful = in_mode("reduce_only")
    assert reduce_only(careful, proposal(careful, purpose=purpose)) is not None
    assert reduce_only(careful, proposal(careful, purpose=purpose, reducing=True)) is None


@pytest.mark.parametrize("mode", ["normal", "halted"])
def test_reduce_only_is_off_in_other_modes(mode: Mode) -> None:
    assert reduce_only(in_mode(mode), proposal(state())) is None


WHY = Reason("requests_failed", {"count": Decimal(7), "window_s": Decimal(60)})
TRIPPING: list[tuple[Guard, GuardName, str]] = [
    (error_rate, "error_rate", ""),
    (volatility, "volatility", BTC),
    (insane_balance, "insane_balance", ""),
]
each_that_trips = pytest.mark.parametrize(("guard", "name", "symbol"), TRIPPING, ids=[name for _, name, _ in TRIPPING])


def tripped(name: GuardName, symbol: str) -> State:
    shaken = state(market(), market(ETH, 50))
    trip = Trip(guard=name, symbol=symbol, mode="normal", at_ns=NOW_NS, day_end_ns=0, reason=WHY)
    shaken.tripped = {trip_key(name, symbol): trip}
    return shaken


@each_that_trips
def test_a_tripped_guard_blocks_and_says_why_it_tripped(guard: Guard, name: GuardName, symbol: str) -> None:
    shaken = tripped(name, symbol)
    assert guard(shaken, proposal(shaken)) == Block(name, ONE, ZERO, WHY)


@each_that_trips
def test_reducing_orders_are_still_tried(guard: Guard, name: GuardName, symbol: str) -> None:
    shaken = tripped(name, symbol)
    assert guard(shaken, proposal(shaken, "sell", reducing=True)) is None


@each_that_trips
def test_a_guard_that_has_not_tripped_allows(guard: Guard, name: GuardName, symbol: str) -> None:
    calm = state()
    assert trip_key(name, symbol) not in calm.tripped
    assert guard(calm, proposal(calm)) is None


@each_that_trips
def test_another_guards_trip_is_not_its_business(guard: Guard, name: GuardName, symbol: str) -> None:
    shaken = tripped("staleness", symbol)
    assert trip_key(name, symbol) not in shaken.tripped
    assert guard(shaken, proposal(shaken)) is None


def test_volatility_blocks_its_own_symbol_only() -> None:
    shaken = tripped("volatility", ETH)
    assert volatility(shaken, proposal(shaken, symbol=BTC)) is None
    assert volatility(shaken, proposal(shaken, symbol=ETH)) is not None
