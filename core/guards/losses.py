"""Guards on what has been lost already."""

from perptape.core import account
from perptape.core.guards.block import Block, Proposal, exceeds
from perptape.core.state import State


def daily_loss(state: State, order: Proposal) -> Block | None:
    """Loss of the UTC day (realised and unrealised PnL, fees, funding; transfers shifted out) against its limit."""
    limit = state.settings.guards.daily_loss_limit
    if order.reducing or limit is None:
        return None
    measured = account.day_loss(state.account)
    return None if measured <= limit else exceeds("daily_loss", measured, limit)


def drawdown(state: State, order: Proposal) -> Block | None:
    """Fall of equity from its peak against its limit, as fractions."""
    limit = state.settings.guards.drawdown_limit
    if order.reducing or limit is None:
        return None
    measured = account.drawdown(state.account)
    return None if measured <= limit else exceeds("drawdown", measured, limit)
