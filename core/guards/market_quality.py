"""Guards on the market that the order would meet. Reducing orders are let through: an exit takes what is there."""

from decimal import Decimal

from perptape.core.durations import SECOND_NS
from perptape.core.events.reason import Reason
from perptape.core.guards.block import Block, Proposal, exceeds, falls_below
from perptape.core.money import HALF, ONE, ZERO
from perptape.core.state import State, trip_key


def staleness(state: State, order: Proposal) -> Block | None:
    """Age of the symbol's last price in seconds against its limit, which a price from before a gap has passed."""
    if order.reducing:
        return None
    age_ns = state.at_ns - order.market.heard_at_ns
    limit_s = state.settings.guards.staleness_s
    trip = state.tripped.get(trip_key("staleness", order.market.symbol)) if state.tripped else None
    if trip is None and age_ns <= limit_s * SECOND_NS:
        return None
    age_s, limit = Decimal(age_ns) / SECOND_NS, Decimal(limit_s)
    if trip is not None:
        return Block("staleness", age_s, limit, trip.reason)
    return exceeds("staleness", age_s, limit)


def spread(state: State, order: Proposal) -> Block | None:
    """(ask - bid) / mid against its limit."""
    market = order.market
    limit = state.settings.guards.spread_max
    if order.reducing or limit is None:
        return None
    if not market.bid or not market.ask:
        return Block("spread", ONE, limit, Reason("no_quote", names={"symbol": market.symbol}))
    measured = (market.ask - market.bid) / ((market.ask + market.bid) * HALF)
    return None if measured <= limit else exceeds("spread", measured, limit)


def depth(state: State, order: Proposal) -> Block | None:
    """Notional at the touch the order would meet against the least that is wanted, quote currency."""
    limit = state.settings.guards.depth_min
    if order.reducing or limit is None:
        return None
    market = order.market
    size, price = (market.ask_size, market.ask) if order.side == "buy" else (market.bid_size, market.bid)
    measured = size * price * order.instrument.contract_size
    return None if measured >= limit else falls_below("depth", measured, limit)


def slippage(state: State, order: Proposal) -> Block | None:
    """How much worse the executable price is than the decision's price, as a fraction; better counts as zero."""
    limit = state.settings.guards.slippage_max
    if order.reducing or limit is None or not order.reference_price:
        return None
    worse = order.price - order.reference_price if order.side == "buy" else order.reference_price - order.price
    measured = worse / order.reference_price if worse > 0 else ZERO
    return None if measured <= limit else exceeds("slippage", measured, limit)
