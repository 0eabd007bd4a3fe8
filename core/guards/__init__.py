"""The guards: small pure functions with one signature and one result, asked in this order before any order leaves."""

from core.guards.access import credentials, permission, read_only_key
from core.guards.conduct import order_rate, refusal_cooldown, wash_trade
from core.guards.losses import daily_loss, fall_from_peak
from core.guards.market_quality import depth, slippage, spread, staleness
from core.guards.modes import (
    connection,
    error_rate,
    insane_balance,
    kill_switch,
    reduce_only,
    trading_halt,
    volatility,
)
from core.guards.sizes import (
    exposure_share,
    leverage_limit,
    liquidation_buffer,
    position_cap,
    position_limit,
    product_limits,
    trade_value,
)
from core.guards.verdict import Guard, Proposal, Verdict
from core.state import State

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
    fall_from_peak,
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
    leverage_limit,
    liquidation_buffer,
    position_limit,
    wash_trade,
)


def verdicts(state: State, proposal: Proposal) -> list[Verdict]:
    """What every guard says of the proposal, in order."""
    return [guard(state, proposal) for guard in GUARDS]


def first_block(state: State, proposal: Proposal) -> Verdict | None:
    """The first guard's verdict that blocks the proposal; None when all allow it."""
    for guard in GUARDS:
        verdict = guard(state, proposal)
        if not verdict.allowed:
            return verdict
    return None


__all__ = ["GUARDS", "Guard", "Proposal", "Verdict", "first_block", "verdicts"]
