"""A short tape of prices or funding rates, played to one strategy."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from perptape.core.market import Market
from perptape.core.money import arithmetic
from perptape.core.position import Position
from perptape.core.strategies import Signal, View

FLAT = Decimal(0)


def market(price: Decimal = FLAT, funding_rate: Decimal | None = None) -> Market:
    return Market("BTC-PERP", price=price, funding_rate=funding_rate)


def play(
    strategy: Any, markets: Iterable[Market], held: Decimal = FLAT, memory: Any = None
) -> tuple[Any, list[Sequence[Signal]]]:
    """The memory after the last market and the signals after each, with `held` contracts all along."""
    memory = strategy.initial() if memory is None else memory
    told = []
    with arithmetic():
        for at_ns, seen in enumerate(markets):
            memory = strategy.update(memory, seen)
            told.append(strategy.signals(memory, View(seen, Position(size=held), at_ns)))
    return memory, told


def actions(strategy: Any, markets: Iterable[Market], held: Decimal = FLAT) -> str:
    """One word per market: the action, or a dot."""
    _, told = play(strategy, markets, held)
    return " ".join(signals[0].action if signals else "." for signals in told)


def priced(prices: str) -> list[Market]:
    return [market(Decimal(price)) for price in prices.split()]


def funded(rates: str) -> list[Market]:
    return [market(funding_rate=None if rate == "?" else Decimal(rate)) for rate in rates.split()]
