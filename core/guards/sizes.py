"""Guards on how much is held: the order counts together with the position and every working order."""

from perptape.core.exposure import gross_notional, liquidation_distance, reached_size
from perptape.core.guards.block import Block, Proposal, exceeds, falls_below
from perptape.core.instruments import size_fault
from perptape.core.money import ZERO
from perptape.core.state import State


def product_limits(_state: State, order: Proposal) -> Block | None:
    """The venue's own minimums, maximums and increments of size and notional."""
    fault = size_fault(order.instrument, order.size, order.value)
    return Block("product_limits", order.size, order.instrument.size_min, fault) if fault else None


def trade_value(state: State, order: Proposal) -> Block | None:
    """Notional of this one order: price * size * contract size, against its limit; quote currency."""
    limit = state.settings.guards.trade_value_max
    if order.reducing or limit is None or order.value <= limit:
        return None
    return exceeds("trade_value", order.value, limit, "trade value")


def position_cap(state: State, order: Proposal) -> Block | None:
    """|position + working orders + this order| in coins against the symbol's cap."""
    limit = state.settings.guards.position_caps.get(order.market.symbol)
    if order.reducing or limit is None:
        return None
    measured = abs(order.coins)
    what = "position with working orders and this one"
    return None if measured <= limit else exceeds("position_cap", measured, limit, what)


def exposure_share(state: State, order: Proposal) -> Block | None:
    """Notional of the symbol as a share of equity * max leverage."""
    guards = state.settings.guards
    if order.reducing or guards.exposure_share_max is None or guards.leverage_max is None:
        return None
    capacity = state.account.equity * guards.leverage_max
    if capacity <= ZERO:
        reason = f"equity {state.account.equity:f} carries no exposure"
        return Block("exposure_share", order.exposure, ZERO, reason)
    measured, limit = order.exposure / capacity, guards.exposure_share_max
    return None if measured <= limit else exceeds("exposure_share", measured, limit, "share of capacity")


def leverage_limit(state: State, order: Proposal) -> Block | None:
    """Gross notional with this order over equity, against the largest leverage."""
    limit = state.settings.guards.leverage_max
    if order.reducing or limit is None:
        return None
    equity = state.account.equity
    if equity <= ZERO:
        return Block("leverage", ZERO, limit, f"equity {equity:f} carries no leverage")
    gross = gross_notional(state, order.market.symbol) + order.exposure
    measured = gross / equity
    return None if measured <= limit else exceeds("leverage", measured, limit, "leverage")


def liquidation_buffer(state: State, order: Proposal) -> Block | None:
    """Distance of the price from the liquidation price after the order, as a fraction of the price."""
    limit = state.settings.guards.liquidation_buffer
    if order.reducing or limit is None:
        return None
    measured = liquidation_distance(state, order.market, order.coins, order.price)
    return None if measured >= limit else falls_below("liquidation_buffer", measured, limit, "distance to liquidation")


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
    return None if measured <= limit else exceeds("position_limit", measured, limit, f"net position in {underlying}")
