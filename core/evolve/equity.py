"""Equity and its baselines, kept up to date as money and prices move."""

from decimal import Decimal

from perptape.core.account import set_baselines
from perptape.core.state import State


def move_equity(state: State, change: Decimal) -> None:
    """Equity moved by `change`, by cash or by unrealised PnL; its peak follows."""
    account = state.account
    account.equity += change
    if account.equity > account.peak_equity:
        raise_peak(state)


def raise_peak(state: State) -> None:
    """Equity has a new peak, from which drawdown is measured."""
    state.account.peak_equity = state.account.equity
    guards = state.settings.guards
    set_baselines(state.account, guards.daily_loss_limit, guards.drawdown_limit)


def move_cash(state: State, change: Decimal) -> None:
    """Cash moved by `change` through trading or funding: profit or loss."""
    state.account.cash += change
    move_equity(state, change)


def shift_baselines(state: State, change: Decimal) -> None:
    """Money came or went without being profit or loss: cash moves, and every baseline moves with it."""
    state.account.cash += change
    shift_equity(state, change)


def shift_equity(state: State, change: Decimal) -> None:
    """Equity is another one without profit or loss, and so is everything that it is measured from."""
    account = state.account
    account.equity += change
    account.day_start_equity += change
    account.peak_equity += change
    guards = state.settings.guards
    set_baselines(account, guards.daily_loss_limit, guards.drawdown_limit)
