"""Guards on what has been lost already."""

from core.account import day_loss, drawdown
from core.guards.verdict import Proposal, Verdict, passed, within
from core.state import State


def daily_loss(state: State, order: Proposal) -> Verdict:
    """Loss of the UTC day (realised and unrealised PnL, fees, funding; transfers shifted out) against its limit."""
    if order.reducing:
        return passed("daily_loss")
    return within("daily_loss", day_loss(state.account), state.settings.guards.daily_loss_limit, "loss of the day")


def fall_from_peak(state: State, order: Proposal) -> Verdict:
    """Fall of equity from its peak against its limit, as fractions."""
    if order.reducing:
        return passed("drawdown")
    return within("drawdown", drawdown(state.account), state.settings.guards.drawdown_limit, "drawdown")
