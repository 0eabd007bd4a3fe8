"""Margin: what an order must bring, what positions hold back, and when they are closed by force.

Cross margin in quote currency: one account's equity carries all of its positions, valued at the mark.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from perptape.core.edge.simulation.exchange.account import VenueAccount
from perptape.core.edge.simulation.exchange.book import Book
from perptape.core.edge.simulation.exchange.order import VenueOrder
from perptape.core.instruments import Instrument
from perptape.core.money import ONE, ZERO, amount


def initial_rate(instrument: Instrument, max_leverage: Decimal) -> Decimal:
    """Initial margin as a fraction of notional."""
    return max(instrument.initial_margin_rate, ONE / max_leverage)


def increasing_size(position: Decimal, change: Decimal) -> Decimal:
    """Contracts of `change` that do not close `position`."""
    if not position or (position > 0) == (change > 0):
        return abs(change)
    return max(ZERO, abs(change) - abs(position))


def equity(account: VenueAccount, books: Mapping[str, Book]) -> Decimal:
    """Cash and unrealised PnL at the mark: cash + sum(size * contract_size * mark - cost)."""
    total = account.cash
    for symbol, holding in account.holdings.items():
        total += holding.size * holding.contract_size * books[symbol].mark - holding.cost
    return total


def maintenance_margin(account: VenueAccount, books: Mapping[str, Book]) -> Decimal:
    """Equity at or below this is liquidated: sum(|size| * contract_size * mark * maintenance rate)."""
    total = ZERO
    for symbol, holding in account.holdings.items():
        total += abs(holding.size) * holding.contract_size * books[symbol].mark * holding.maintenance_rate
    return total


def is_liquidated(account: VenueAccount, books: Mapping[str, Book]) -> bool:
    """Whether positions are to be closed by force: equity <= maintenance margin."""
    return bool(account.holdings) and equity(account, books) <= maintenance_margin(account, books)


def order_margin(orders: Iterable[VenueOrder]) -> Decimal:
    """What working orders hold back."""
    return amount(sum((order.remaining * order.margin_per_contract for order in orders), ZERO))


def position_margin(account: VenueAccount, books: Mapping[str, Book], max_leverage: Decimal) -> Decimal:
    """What open positions hold back: sum(|size| * contract_size * mark * initial rate)."""
    total = ZERO
    for symbol, holding in account.holdings.items():
        book = books[symbol]
        rate = initial_rate(book.instrument, max_leverage)
        total += abs(holding.size) * holding.contract_size * book.mark * rate
    return total
