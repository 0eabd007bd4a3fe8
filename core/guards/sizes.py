"""Guards on how much is held: the order counts together with the position and every working order."""

from core.exposure import gross_notional, liquidation_distance, reached_size
from core.guards.verdict import Proposal, Verdict, at_least, passed, within
from core.instruments import size_fault
from core.money import ZERO
from core.state import State


def product_limits(_state: State, order: Proposal) -> Verdict:
    """The venue's own minimums, maximums and increments of size and notional."""
    fault = size_fault(order.instrument, order.size, order.value)
    if not fault:
        return Verdict("product_limits", True, order.size, ZERO, "")
    return Verdict("product_limits", False, order.size, order.instrument.size_min, fault)


def trade_value(state: State, order: Proposal) -> Verdict:
    """Notional of this one order: price * size * contract size, against its limit; quote currency."""
    if order.reducing:
        return passed("trade_value")
    return within("trade_value", order.value, state.settings.guards.trade_value_max, "trade value")


def position_cap(state: State, order: Proposal) -> Verdict:
    """|position + working orders + this order| in coins against the symbol's cap."""
    limit = state.settings.guards.position_caps.get(order.market.symbol)
    if order.reducing or limit is None:
        return passed("position_cap")
    return within("position_cap", abs(order.coins), limit, "position with working orders and this one")


def exposure_share(state: State, order: Proposal) -> Verdict:
    """Notional of the symbol as a share of equity * max leverage."""
    guards = state.settings.guards
    if order.reducing or guards.exposure_share_max is None or guards.leverage_max is None:
        return passed("exposure_share")
    capacity = state.account.equity * guards.leverage_max
    if capacity <= ZERO:
        reason = f"equity {state.account.equity:f} carries no exposure"
        return Verdict("exposure_share", False, order.exposure, ZERO, reason)
    return within("exposure_share", order.exposure / capacity, guards.exposure_share_max, "share of capacity")


def leverage_limit(state: State, order: Proposal) -> Verdict:
    """Gross notional with this order over equity, against the largest leverage."""
    limit = state.settings.guards.leverage_max
    if order.reducing or limit is None:
        return passed("leverage")
    equity = state.account.equity
    if equity <= ZERO:
        return Verdict("leverage", False, ZERO, limit, f"equity {equity:f} carries no leverage")
    gross = gross_notional(state, order.market.symbol) + order.exposure
    return within("leverage", gross / equity, limit, "leverage")


def liquidation_buffer(state: State, order: Proposal) -> Verdict:
    """Distance of the price from the liquidation price after the order, as a fraction of the price."""
    limit = state.settings.guards.liquidation_buffer
    if order.reducing or limit is None:
        return passed("liquidation_buffer")
    measured = liquidation_distance(state, order.market, order.coins, order.price)
    return at_least("liquidation_buffer", measured, limit, "distance to liquidation")


def position_limit(state: State, order: Proposal) -> Verdict:
    """|net position| in coins over all symbols of one underlying, with working orders of this side and this order."""
    underlying = order.instrument.underlying
    limit = state.settings.guards.underlying_limits.get(underlying)
    if order.reducing or limit is None:
        return passed("position_limit")
    total = order.coins
    for market in state.markets.values():
        instrument = market.instrument
        if instrument is not None and instrument.underlying == underlying and market is not order.market:
            total += reached_size(state, market.symbol, order.side) * instrument.contract_size
    return within("position_limit", abs(total), limit, f"net position in {underlying}")
