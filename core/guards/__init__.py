"""The guards: small pure functions with one signature and one result, asked in this order before any order leaves."""

from perptape.core.guards.access import credentials, permission, read_only_key
from perptape.core.guards.block import Block, Guard, Proposal
from perptape.core.guards.conduct import order_rate, refusal_cooldown, wash_trade
from perptape.core.guards.losses import daily_loss, drawdown
from perptape.core.guards.market_quality import depth, slippage, spread, staleness
from perptape.core.guards.modes import (
    connection,
    error_rate,
    insane_balance,
    kill_switch,
    reduce_only,
    trading_halt,
    volatility,
)
from perptape.core.guards.sizes import (
    exposure_share,
    leverage,
    liquidation_buffer,
    position_cap,
    position_limit,
    product_limits,
    trade_value,
)
from perptape.core.state import State

GUARDS: tuple[Guard, ...] = (
    kill_switch,
    connection,
    credentials,
    read_only_key,
    permission,
    trading_halt,
    insane_balance,
    reduce_only,
    daily_loss,
    drawdown,
    staleness,
    spread,
    depth,
    slippage,
    order_rate,
    refusal_cooldown,
    error_rate,
    volatility,
    product_limits,
    trade_value,
    position_cap,
    exposure_share,
    leverage,
    liquidation_buffer,
    position_limit,
    wash_trade,
)


def first_block(state: State, proposal: Proposal) -> Block | None:
    """The first guard's objection to the proposal; None when all allow it."""
    for guard in GUARDS:
        block = guard(state, proposal)
        if block is not None:
            return block
    return None


__all__ = ["GUARDS", "Block", "Guard", "Proposal", "first_block"]
