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

_OF_CONDITIONS = (
    kill_switch,
    connection,
    credentials,
    read_only_key,
    permission,
    insane_balance,
    reduce_only,
    error_rate,
    volatility,
)
"""Guards that let everything through while the bot is well: a test holds them to it."""

_OF_NUMBERS = tuple(guard for guard in GUARDS if guard not in _OF_CONDITIONS)


def first_block(state: State, proposal: Proposal) -> Block | None:
    """The first guard's objection to the proposal; None when all allow it."""
    for guard in _OF_NUMBERS if _is_well(state) else GUARDS:
        block = guard(state, proposal)
        if block is not None:
            return block
    return None


def _is_well(state: State) -> bool:
    """Whether no mode, trip, lost channel or pending comparison holds anything back."""
    return (
        state.mode == "normal" and not state.tripped and not state.lost_channels and not state.reconciliation.required
    )


__all__ = ["GUARDS", "Block", "Guard", "Proposal", "first_block"]
