"""What is held is measured against equity: as a share of what it carries, as leverage, as distance to liquidation."""

from decimal import Decimal

import pytest

from perptape.core.events import Side
from perptape.core.events.reason import Reason
from perptape.core.guards.block import Block
from perptape.core.guards.sizes import exposure_share, leverage, liquidation_buffer
from perptape.core.state import State
from tests.core.builders import (
    ABOVE,
    BELOW,
    ETH,
    Number,
    limits,
    long,
    market,
    proposal,
    short,
    small_contracts,
    state,
    working_order,
)

ZERO = Decimal(0)


def shared(share: Number | None = "0.5", leverage: Number | None = 2, equity: Number = 1000) -> State:
    """1000 of equity at a leverage of 2 carries 2000, of which one symbol may use half."""
    return state(market(), market(ETH, 50), cash=equity, guards=limits(exposure_share_max=share, leverage_max=leverage))


def beyond_share(share: str) -> Block:
    """More than half of the capacity."""
    return Block("exposure_share", Decimal(share), Decimal("0.5"), ABOVE)


def test_a_symbol_may_use_exactly_its_share_of_the_capacity() -> None:
    held = shared()
    long(held, 4)
    working_order(held, "buy", 3)
    assert exposure_share(held, proposal(held, "buy", 3)) is None
    assert exposure_share(held, proposal(held, "buy", "3.01")) == beyond_share("0.5005")


def test_a_symbol_may_not_use_more() -> None:
    held = shared()
    working_order(held, "sell", 5)
    assert exposure_share(held, proposal(held, "sell", "5.01")) == beyond_share("0.5005")


def test_a_share_is_of_one_symbol() -> None:
    held = shared()
    short(held, 1000, 50, ETH)
    assert exposure_share(held, proposal(held, "buy", 10)) is None
    assert exposure_share(held, proposal(held, "buy", "10.01")) == beyond_share("0.5005")


@pytest.mark.parametrize("equity", [0, -1])
def test_without_equity_there_is_no_capacity(equity: int) -> None:
    held = shared(equity=equity)
    assert exposure_share(held, proposal(held, "buy", 3)) == Block(
        "exposure_share", Decimal(300), ZERO, Reason("no_equity", {"equity": Decimal(equity)})
    )


@pytest.mark.parametrize(("share", "leverage"), [(None, 2), ("0.5", None), (None, None)])
def test_without_both_limits_there_is_no_share(share: str | None, leverage: int | None) -> None:
    held = shared(share, leverage)
    assert exposure_share(held, proposal(held, "buy", 1000)) is None


def geared(leverage: Number | None = 3, equity: Number = 1000) -> State:
    return state(market(), market(ETH, 50), cash=equity, guards=limits(leverage_max=leverage))


def too_geared(leverage: str, limit: str) -> Block:
    return Block("leverage", Decimal(leverage), Decimal(limit), ABOVE)


def test_gross_notional_may_be_exactly_the_leverage_times_equity() -> None:
    held = geared()
    short(held, 20, 50, ETH)
    working_order(held, "buy", 10, 50, symbol=ETH)
    long(held, 10)
    working_order(held, "buy", 5)
    assert leverage(held, proposal(held, "buy", 5)) is None
    assert leverage(held, proposal(held, "buy", "5.01")) == too_geared("3.001", "3")


def test_gross_notional_beyond_it_is_blocked() -> None:
    held = geared()
    short(held, 20, 50, ETH)
    assert leverage(held, proposal(held, "sell", "20.01")) == too_geared("3.001", "3")


def test_working_orders_of_other_symbols_count() -> None:
    held = geared("1.49")
    working_order(held, "sell", 20, 50, symbol=ETH)
    assert leverage(held, proposal(held, "buy", 5)) == too_geared("1.5", "1.49")


def test_leverage_falls_with_unrealised_losses() -> None:
    held = geared()
    long(held, 5, 200)
    assert held.account.equity == 500
    assert leverage(held, proposal(held, "buy", 10)) is None
    assert leverage(held, proposal(held, "buy", "10.01")) == too_geared("3.002", "3")


@pytest.mark.parametrize("equity", [0, -1])
def test_without_equity_there_is_no_leverage(equity: int) -> None:
    held = geared(equity=equity)
    assert leverage(held, proposal(held)) == Block(
        "leverage", ZERO, Decimal(3), Reason("no_equity", {"equity": Decimal(equity)})
    )


def test_without_a_limit_any_leverage_is_allowed() -> None:
    held = geared(None, equity=0)
    assert leverage(held, proposal(held, size=1000)) is None


def buffered(cash: str, limit: Number | None = "0.5") -> State:
    """Margin of 5 %: four coins from 100 are liquidated at (400 - cash) / 3.8, and short at (400 + cash) / 4.2."""
    return state(cash=cash, guards=limits(liquidation_buffer=limit))


def too_near(distance: str, limit: str) -> Block:
    return Block("liquidation_buffer", Decimal(distance), Decimal(limit), BELOW)


@pytest.mark.parametrize(("side", "cash"), [("buy", "210"), ("sell", "230")])
def test_liquidation_may_be_exactly_as_near_as_the_buffer(side: Side, cash: str) -> None:
    held = buffered(cash)
    assert liquidation_buffer(held, proposal(held, side, 4)) is None
    held = buffered(cash, "0.51")
    assert liquidation_buffer(held, proposal(held, side, 4)) == too_near("0.5", "0.51")


@pytest.mark.parametrize(("side", "cash"), [("buy", "206.2"), ("sell", "225.8")])
def test_liquidation_may_not_be_nearer(side: Side, cash: str) -> None:
    held = buffered(cash)
    assert liquidation_buffer(held, proposal(held, side, 4)) == too_near("0.49", "0.5")


def test_position_and_working_orders_bring_liquidation_nearer() -> None:
    held = buffered("206.2")
    long(held, 2)
    working_order(held, "buy", 1)
    assert liquidation_buffer(held, proposal(held, "buy", 1)) == too_near("0.49", "0.5")


def test_contracts_are_counted_in_coins() -> None:
    held = small_contracts(buffered("206.2"))
    assert liquidation_buffer(held, proposal(held, "buy", 40)) == too_near("0.49", "0.5")


def test_turning_a_position_round_is_measured_on_the_side_it_turns_to() -> None:
    held = buffered("225.8")
    long(held, 6)
    assert liquidation_buffer(held, proposal(held, "sell", 10)) == too_near("0.49", "0.5")


def test_a_position_that_is_never_liquidated_has_the_whole_price_as_distance() -> None:
    held = buffered("400", 1)
    assert liquidation_buffer(held, proposal(held, "buy", 4)) is None
    held = buffered("400", "1.01")
    assert liquidation_buffer(held, proposal(held, "buy", 4)) == too_near("1", "1.01")


def test_without_a_limit_liquidation_may_be_near() -> None:
    held = buffered("1", None)
    assert liquidation_buffer(held, proposal(held, "buy", 4)) is None
