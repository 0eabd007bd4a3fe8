"""Fills: applied once each, by the venue's fill id, to order, position, cash and the sleeve behind the order."""

from decimal import Decimal

from perptape.core.events.base import ReportedFill
from perptape.core.events.order_reports import OrderFilled
from perptape.core.evolve.equity import move_equity
from perptape.core.evolve.prices import market_of, place_stop
from perptape.core.ids import external_order_id
from perptape.core.market import Market, Sleeve, contract_size
from perptape.core.order import WORKING, Order, advance, signed
from perptape.core.position import Position, Result, trade
from perptape.core.state import State

AnyFill = OrderFilled | ReportedFill
"""A fill as the feed tells it, or as the venue lists it."""


def take_fill(state: State, fill: AnyFill) -> bool:
    """Apply a fill unless it is in the state already; says whether it was new.

    What is older than the reconciled watermark is in the state, though its id is no longer kept.
    """
    if fill.fill_id in state.seen_fills or fill.venue_at_ns < state.reconciliation.settled_before_ns:
        return False
    state.seen_fills[fill.fill_id] = fill.venue_at_ns
    market = market_of(state, fill.symbol)
    order = find_order(state, fill.client_order_id, fill.venue_order_id)
    sleeve = None
    if order is not None:
        _take_by_order(state, order, fill)
        sleeve = find_sleeve(market, order.strategy)
    else:
        state.external_fill_version = state.version
    change = signed(fill.side, fill.size)
    size = contract_size(market)
    _take_by_account(state, market, change, fill, size)
    if sleeve is not None:
        _take_by_sleeve(sleeve, change, fill, size)
    else:
        release(market, change, fill.price)
    return True


def find_order(state: State, client_order_id: str, venue_order_id: str = "") -> Order | None:
    """The order of this id, working or ended but not settled; without a client's id, the one adopted by the venue's."""
    key = client_order_id or external_order_id(venue_order_id)
    return state.orders.get(key) or state.closed_orders.get(key)


def find_sleeve(market: Market, strategy: str) -> Sleeve | None:
    """The strategy's sleeve in the symbol; None for orders of the whole bot and strategies no longer configured."""
    for sleeve in market.sleeves:
        if sleeve.strategy == strategy:
            return sleeve
    return None


def settle_order(state: State, order: Order) -> None:
    """Keep the order where its status belongs: among the working or among the ended."""
    here, there = state.orders, state.closed_orders
    if order.status not in WORKING:
        here, there = there, here
    there.pop(order.client_order_id, None)
    here[order.client_order_id] = order


def _take_by_order(state: State, order: Order, fill: AnyFill) -> None:
    order.venue_order_id = fill.venue_order_id
    order.filled_size += fill.size
    order.filled_value += fill.price * fill.size
    order.fees += fill.fee
    advance(order, "filled" if order.filled_size >= order.size else "partly_filled", state.at_ns)
    settle_order(state, order)


def _take_by_account(state: State, market: Market, change: Decimal, fill: AnyFill, contract_size: Decimal) -> None:
    """Position, realised PnL and fee, and then equity once: between them it would pass a peak that never was."""
    symbol, price, fee = market.symbol, fill.price, fill.fee
    position = state.positions.get(symbol)
    if position is None:
        position = state.positions[symbol] = Position()
    before = position.unrealised
    realised = trade(position, change, price, contract_size)
    if position.size:
        position.unrealised = position.coins * (market.price or price) - position.cost
    else:
        del state.positions[symbol]
    account = state.account
    earned = realised - fee
    account.cash += earned
    for result in (account.total, account.day, state.results.get(symbol) or _new_result(state, symbol)):
        result.realised += realised
        result.fees += fee
        result.fills += 1
    move_equity(state, earned + position.unrealised - before)


def _new_result(state: State, symbol: str) -> Result:
    result = state.results[symbol] = Result()
    return result


def _take_by_sleeve(sleeve: Sleeve, change: Decimal, fill: AnyFill, contract_size: Decimal) -> None:
    position, result = sleeve.position, sleeve.result
    sleeve.refusal, sleeve.refused_at_ns = "", 0
    before = position.size
    result.realised += trade(position, change, fill.price, contract_size)
    result.fees += fill.fee
    result.fills += 1
    if sleeve.stop_fraction is not None or sleeve.best_price is not None:
        _set_stop(sleeve, fill.price, opened=not before or (before > 0) != (position.size > 0))


def _set_stop(sleeve: Sleeve, price: Decimal, opened: bool) -> None:
    """A trailing stop starts at the entry and ends with the position."""
    if not sleeve.position.size:
        sleeve.best_price = sleeve.stop_price = None
    elif opened and sleeve.stop_fraction is not None:
        place_stop(sleeve, price, sleeve.stop_fraction)


def release(market: Market, change: Decimal, price: Decimal) -> None:
    """A trade that belongs to no sleeve (flatten, liquidation, a person) closes sleeves it goes against, in order."""
    left = change
    for sleeve in market.sleeves:
        size = sleeve.position.size
        if not left:
            return
        if size and (size > 0) != (left > 0):
            part = left if abs(left) < abs(size) else -size
            sleeve.result.realised += trade(sleeve.position, part, price, contract_size(market))
            _set_stop(sleeve, price, opened=False)
            left -= part
