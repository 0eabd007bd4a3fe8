"""Exposure arithmetic: notional, margin and liquidation price of the account with its working orders."""

from collections.abc import Iterable
from decimal import Decimal

from perptape.core.events.base import Side
from perptape.core.market import Market, contract_size
from perptape.core.money import ONE, ZERO
from perptape.core.order import remaining
from perptape.core.state import State


def position_size(state: State, symbol: str) -> Decimal:
    """Signed contracts held; 0 when flat."""
    position = state.positions.get(symbol)
    return position.size if position is not None else ZERO


def reached_size(state: State, symbol: str, side: Side) -> Decimal:
    """Signed contracts held once every working order of this side has filled: the furthest the side can reach.

    Reduce-only orders fill first, because the others then reach further; they take a position to zero at most.
    """
    held = position_size(state, symbol)
    if not state.orders:
        return held
    reducing = adding = ZERO
    for order in state.orders.values():
        if order.symbol == symbol and order.side == side:
            if order.reduce_only:
                reducing += remaining(order)
            else:
                adding += remaining(order)
    if side == "buy":
        return (min(held + reducing, ZERO) if held < ZERO else held) + adding
    return (max(held - reducing, ZERO) if held > ZERO else held) - adding


def strategy_working(state: State, symbol: str, strategy: str) -> Decimal:
    """Signed contracts that the strategy's working orders in the symbol may still fill."""
    total = ZERO
    for order in state.orders.values():
        if order.symbol == symbol and order.strategy == strategy:
            total += remaining(order) if order.side == "buy" else -remaining(order)
    return total


def worst_size(state: State, symbol: str) -> Decimal:
    """The largest |position| that fills of the working orders can lead to; contracts."""
    if not state.orders:
        return abs(position_size(state, symbol))
    return max(abs(reached_size(state, symbol, "buy")), abs(reached_size(state, symbol, "sell")))


def gross_notional(state: State, without: str = "") -> Decimal:
    """Sum of the worst-case notionals, worst_size * contract_size * price, of all symbols but one; quote currency."""
    symbols: Iterable[str] = state.positions
    if state.orders:
        symbols = dict.fromkeys([*symbols, *[order.symbol for order in state.orders.values()]])
    total = ZERO
    for symbol in symbols:
        if symbol != without:
            market = state.markets[symbol]
            total += worst_size(state, symbol) * contract_size(market) * market.price
    return total


def maintenance_margin(state: State, without: str = "") -> Decimal:
    """Sum of |position| * price * maintenance margin rate of all symbols but one, quote currency."""
    total = ZERO
    for symbol, position in state.positions.items():
        if symbol != without:
            market = state.markets[symbol]
            instrument = market.instrument
            if instrument is not None:
                total += abs(position.coins) * market.price * instrument.maintenance_margin_rate
    return total


def liquidation_price(state: State, market: Market, coins: Decimal, price: Decimal) -> Decimal | None:
    """The price at which equity equals the maintenance margin, holding `coins` from `price` on; None if none does.

    A short that is past it at every price is liquidated from 0 on. All other positions keep their value:
    equity + coins * (p - price) = others + |coins| * rate * p, solved for p.
    """
    instrument = market.instrument
    if instrument is None:
        return None
    slope = coins - abs(coins) * instrument.maintenance_margin_rate
    if not slope:
        return None
    solution = (coins * price - state.account.equity + maintenance_margin(state, market.symbol)) / slope
    if solution > ZERO:
        return solution
    return None if coins > ZERO else ZERO


def liquidation_distance(state: State, market: Market, coins: Decimal, price: Decimal) -> Decimal:
    """How far the price may move before liquidation, as a fraction of the price; 1 when it never comes."""
    solution = liquidation_price(state, market, coins, price)
    if solution is None or not price:
        return ONE
    return (price - solution) / price if coins > ZERO else (solution - price) / price
