"""Guards on how much is held: the order counts together with the position and every working order."""

from perptape.core.events.reason import Reason
from perptape.core.exposure import gross_notional, liquidation_distance, reached_size
from perptape.core.guards.block import Block, Proposal, exceeds, falls_below
from perptape.core.instruments import size_fault
from perptape.core.money import ZERO, trimmed
from perptape.core.state import State


def product_limits(_state: State, order: Proposal) -> Block | None:
    """The venue's own minimums, maximums and increments of size and notional."""
    fault = size_fault(order.instrument, order.size, order.value)
    if fault is None:
        return None
    code, measured, limit = fault
    reason = Reason(code, {"measured": trimmed(measured), "limit": trimmed(limit)})
    return Block("product_limits", order.size, order.instrument.size_min, reason)


def trade_value(state: State, order: Proposal) -> Block | None:
    """Notional of this one order: price * size * contract size, against its limit; quote currency."""
    limit = state.settings.guards.trade_value_max
    if order.reducing or limit is None or order.value <= limit:
        return None
    return exceeds("trade_value", order.value, limit)


def position_cap(state: State, order: Proposal) -> Block | None:
    """|position + working orders + this order| in coins against the symbol's cap."""
    limit = state.settings.guards.position_caps.get(order.market.symbol)
    if order.reducing or limit is None:
        return None
    measured = abs(order.coins)
    return None if measured <= limit else exceeds("position_cap", measured, limit)


def exposure_share(state: State, order: Proposal) -> Block | None:
    """Notional of the symbol as a share of equity * max leverage."""
    guards = state.settings.guards
    if order.reducing or guards.exposure_share_max is None or guards.leverage_max is None:
        return None
    capacity = state.account.equity * guards.leverage_max
    if capacity <= ZERO:
        return Block("exposure_share", order.exposure, ZERO, _no_equity(state))
    measured, limit = order.exposure / capacity, guards.exposure_share_max
    return None if measured <= limit else exceeds("exposure_share", measured, limit)


def leverage(state: State, order: Proposal) -> Block | None:
    """Gross notional with this order over equity, against the largest leverage."""
    limit = state.settings.guards.leverage_max
    if order.reducing or limit is None:
        return None
    equity = state.account.equity
    if equity <= ZERO:
        return Block("leverage", ZERO, limit, _no_equity(state))
    gross = gross_notional(state, order.market.symbol) + order.exposure
    measured = gross / equity
    return None if measured <= limit else exceeds("leverage", measured, limit)


def liquidation_buffer(state: State, order: Proposal) -> Block | None:
    """Distance of the price from the liquidation price after the order, as a fraction of the price."""
    limit = state.settings.guards.liquidation_buffer
    if order.reducing or limit is None:
        return None
    measured = liquidation_distance(state, order.market, order.coins, order.price)
    return None if measured >= limit else falls_below("liquidation_buffer", measured, limit)


def position_limit(state: State, order: Proposal) -> Block | None:
    """|net position| in coins over all symbols of one underlying, with working orders of this side and this order."""
    underlying = order.instrument.underlying
    limit = state.settings.guards.underlying_limits.get(underlying)
    if order.reducing or limit is None:
        return None
    total = order.coins
    for market in state.markets.values():
        instrument = market.instrument
        if instrument is not None and instrument.underlying == underlying and market is not order.market:
            total += reached_size(state, market.symbol, order.side) * instrument.contract_size
    measured = abs(total)
    return None if measured <= limit else exceeds("position_limit", measured, limit)


def _no_equity(state: State) -> Reason:
    return Reason("no_equity", {"equity": trimmed(state.account.equity)})
