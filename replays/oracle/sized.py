"""Sizes anew: how many contracts of a symbol sizing asks for on behalf of a strategy."""

from decimal import Decimal
from itertools import pairwise

from perptape.core.money import ZERO
from perptape.replays.oracle.books import Books

PRICES_MIN = 10
"""From fewer prices no volatility is taken."""


def target_size(books: Books, strategy: str, symbol: str) -> Decimal:
    """Contracts that the strategy is to hold, in whole increments; zero where sizing asks for nothing."""
    heard, sizing, limit = books.markets.of(symbol), books.settings.sizing, books.settings.guards.leverage_max
    settings = next(one for one in books.settings.strategies if one.name == strategy)
    capital = books.money.equity * settings.capital_share
    prices = [price for _, price in heard.kept]
    if heard.instrument is None or not heard.price or capital <= 0:
        return ZERO
    bounds = [bound for bound in (sizing.notional_max,) if bound is not None]
    if limit is not None:
        bounds.append(capital * limit)
    if sizing.method == "fixed_notional":
        bounds.append(sizing.notional)
    elif sizing.method == "target_leverage":
        bounds.append(capital * sizing.leverage)
    elif len(prices) < PRICES_MIN:
        return ZERO
    elif volatility := sigma(prices):
        bounds.append(capital * sizing.risk_fraction / volatility)
    contracts = min(bounds, default=ZERO) / (heard.price * heard.instrument.contract_size)
    contracts = min(contracts, heard.instrument.size_max)
    return contracts - contracts % heard.instrument.size_increment


def sigma(prices: list[Decimal]) -> Decimal:
    """How far the price moves from one of the kept prices to the next, as a fraction."""
    returns = [later / earlier - 1 for earlier, later in pairwise(prices)]
    return (sum((each * each for each in returns), ZERO) / len(returns)).sqrt() if returns else ZERO
