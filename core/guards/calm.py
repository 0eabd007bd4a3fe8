"""Calm: nothing is restricted, lost or tripped, as nearly always. It stands for nine guards on an order's hot path."""

from core.guards.verdict import Proposal
from core.state import State


def is_calm(state: State, order: Proposal) -> bool:
    """Whether no mode, condition or loss can block the order: the guards on these would all allow it.

    Equity above the account's floor is within the limits of both the day's loss and the drawdown.
    """
    account = state.account
    return (
        state.mode == "normal"
        and not state.tripped
        and not state.lost_channels
        and not state.reconciliation.required
        and order.market.status == "open"
        and (account.floor is None or account.equity > account.floor)
    )
