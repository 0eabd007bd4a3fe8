"""A position at average cost, and what it has earned."""

from dataclasses import dataclass
from decimal import Decimal

from perptape.core.money import ZERO, amount


@dataclass(slots=True)
class Position:
    """Signed contracts and what they cost. Kept as total cost, so that no average is rounded twice."""

    size: Decimal = ZERO
    """Contracts; negative is short."""
    coins: Decimal = ZERO
    """size * contract_size."""
    cost: Decimal = ZERO
    """Signed entry value in quote currency: the sum of price * coins of what is still open."""
    unrealised: Decimal = ZERO
    """coins * price - cost at the last price."""


@dataclass(slots=True)
class Result:
    """What has been earned so far, quote currency. net = realised - fees + funding."""

    realised: Decimal = ZERO
    fees: Decimal = ZERO
    funding: Decimal = ZERO
    fills: int = 0


def entry_price(position: Position) -> Decimal | None:
    """Average entry price, cost / coins; None when flat."""
    return position.cost / position.coins if position.coins else None


def net(result: Result) -> Decimal:
    """Realised PnL after fees and funding."""
    return result.realised - result.fees + result.funding


def trade(position: Position, change: Decimal, price: Decimal, contract_size: Decimal) -> Decimal:
    """Change the position by `change` signed contracts at `price`; returns the realised PnL in quote currency.

    Adding raises the cost. Reducing releases the cost in proportion and realises price * closed coins - released cost.
    Crossing zero closes all of the old position and opens the rest at `price`.
    """
    before = position.size
    position.size = size = before + change
    position.coins = coins = size * contract_size
    if not before or (before > ZERO) == (change > ZERO):
        position.cost += change * contract_size * price
        return ZERO
    if not size or (size > ZERO) == (change > ZERO):
        realised = before * contract_size * price - position.cost
        position.cost = coins * price
        if not size:
            position.size = position.coins = position.cost = position.unrealised = ZERO
        return amount(realised)
    released = amount(position.cost * -change / before)
    position.cost -= released
    return amount(-change * contract_size * price - released)
