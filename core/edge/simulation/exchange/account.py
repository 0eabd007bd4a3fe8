"""The account at the exchange: cash, positions at average cost, and where every cent of cash came from.

Written apart from the bot's own arithmetic, so that the two witness for each other.
"""

from decimal import Decimal

from perptape.core.money import ZERO, amount, trimmed


class Holding:
    """An open position: signed contracts and the signed value paid for them."""

    __slots__ = ("contract_size", "cost", "maintenance_rate", "size")

    def __init__(self, contract_size: Decimal, maintenance_rate: Decimal) -> None:
        self.contract_size = contract_size
        self.maintenance_rate = maintenance_rate
        self.size = ZERO
        self.cost = ZERO

    @property
    def entry_price(self) -> Decimal:
        """Average entry price. Not rounded: a bot that takes a position over realises PnL from it to the last digit."""
        return trimmed(self.cost / (self.size * self.contract_size))

    def trade(self, change: Decimal, price: Decimal) -> Decimal:
        """Change the size by signed contracts at `price`; returns the realised PnL, rounded to 1e-8.

        Average cost: closing releases cost in proportion to the closed size, all of it when nothing is left.
        """
        size = self.size
        value_per_contract = self.contract_size * price
        closed = ZERO if not size or (size > 0) == (change > 0) else max(-abs(change), -abs(size)).copy_sign(change)
        opened = change - closed
        realised = ZERO
        if closed:
            released = self.cost if closed == -size else amount(self.cost * -closed / size)
            realised = amount(-closed * value_per_contract - released)
            self.cost -= released
        if opened:
            self.cost += opened * value_per_contract
        self.size = size + change
        return realised


class VenueAccount:
    """Quote currency. cash = opening + realised - fees + funding + transfers, always and to the last digit."""

    __slots__ = ("cash", "fees", "funding", "hold", "holdings", "opening", "realised", "transfers")

    def __init__(self, cash: Decimal, hold: Decimal) -> None:
        self.opening = cash
        self.cash = cash
        self.hold = hold
        self.realised = ZERO
        self.fees = ZERO
        self.funding = ZERO
        self.transfers = ZERO
        self.holdings: dict[str, Holding] = {}
        """Open positions by symbol; a closed one leaves."""

    def size(self, symbol: str) -> Decimal:
        """Signed contracts held."""
        holding = self.holdings.get(symbol)
        return holding.size if holding else ZERO

    def trade(self, symbol: str, change: Decimal, price: Decimal, fee: Decimal, flat: Holding) -> None:
        """Apply a fill; `flat` becomes the position when none is open."""
        holding = self.holdings.setdefault(symbol, flat)
        realised = holding.trade(change, price)
        self.realised += realised
        self.fees += fee
        self.cash += realised - fee
        if not holding.size:
            del self.holdings[symbol]

    def fund(self, payment: Decimal) -> None:
        """Settle funding: positive comes in."""
        self.funding += payment
        self.cash += payment

    def transfer(self, payment: Decimal) -> None:
        """Deposit (positive) or withdraw."""
        self.transfers += payment
        self.cash += payment
