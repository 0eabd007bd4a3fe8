"""Placing: from a wanted change of position to one order request, or to the guard that blocks it."""

from collections.abc import Iterable
from decimal import Decimal

from perptape.core.durations import SECOND_NS
from perptape.core.events import Decision, OrderBlocked, OrderRequested, OrderType, Purpose, Side, TimeInForce
from perptape.core.exposure import position_size, reached_size
from perptape.core.guards import Block, Proposal, first_block
from perptape.core.ids import client_order_id
from perptape.core.instruments import Instrument, notional, quantise_price, quantise_size
from perptape.core.market import Market, Sleeve
from perptape.core.money import ZERO, trimmed
from perptape.core.order import is_taker, remaining, signed
from perptape.core.state import State, working_orders


def place(state: State, market: Market, strategy: str, change: Decimal, purpose: Purpose) -> Iterable[Decision]:
    """Request an order for `change` signed contracts, if every guard allows it. Nothing when it rounds to nothing."""
    instrument = market.instrument
    if instrument is None:
        return ()
    size = trimmed(abs(quantise_size(instrument, change)))
    if not size:
        return ()
    side: Side = "buy" if change > 0 else "sell"
    reducing = _reduces(state, market.symbol, side, size)
    order_type, limit_price, expires_at_ns = _form(state, market, instrument, side, purpose)
    price = limit_price or _touch(market, side)
    coins = (reached_size(state, market.symbol, side) + signed(side, size)) * instrument.contract_size
    proposal = Proposal(
        strategy=strategy,
        purpose=purpose,
        market=market,
        instrument=instrument,
        side=side,
        order_type=order_type,
        post_only=_post_only(state, purpose),
        size=size,
        price=price,
        reference_price=market.price,
        value=notional(instrument, size, price),
        coins=coins,
        exposure=abs(coins) * price,
        reducing=reducing,
    )
    block = first_block(state, proposal)
    if block is not None:
        return (_blocked(proposal, block),)
    return (_requested(state, proposal, limit_price, expires_at_ns),)


def _blocked(order: Proposal, block: Block) -> OrderBlocked:
    return OrderBlocked(
        strategy=order.strategy,
        symbol=order.market.symbol,
        side=order.side,
        size=order.size,
        price=trimmed(order.price),
        guard=block.guard,
        measured=trimmed(block.measured),
        limit=trimmed(block.limit),
        reason=block.reason,
    )


def _requested(state: State, order: Proposal, limit_price: Decimal | None, expires_at_ns: int | None) -> OrderRequested:
    intent = state.intents + 1
    return OrderRequested(  # the first two by place: a call with more than 15 keywords makes a dict
        intent,
        client_order_id(state.nonce, intent),
        strategy=order.strategy,
        symbol=order.market.symbol,
        side=order.side,
        order_type=order.order_type,
        size=order.size,
        limit_price=limit_price,
        stop_price=None,
        time_in_force=_time_in_force(order.order_type, expires_at_ns),
        expires_at_ns=expires_at_ns,
        post_only=order.post_only,
        reduce_only=order.reducing,
        purpose=order.purpose,
        reference_price=order.reference_price,
        replaces="",
    )


def close_sleeve(state: State, market: Market, sleeve: Sleeve, purpose: Purpose) -> Iterable[Decision]:
    """Close the sleeve's position, unless an exit of it is working already. Its resting entries are left to expire."""
    pending = ZERO
    for order in state.orders.values():
        if order.strategy == sleeve.strategy and order.symbol == market.symbol and order.purpose != "entry":
            pending += remaining(order)
    if pending:
        return ()
    return place(state, market, sleeve.strategy, -sleeve.position.size, purpose)


def _reduces(state: State, symbol: str, side: Side, size: Decimal) -> bool:
    """Whether the order, with the reducing orders that work already, can only make the position smaller.

    A resting order whose cancel is under way does not count: the venue keeps reduce-only orders within the position.
    """
    held = position_size(state, symbol)
    if not held or (held > 0) == (side == "buy"):
        return False
    already = ZERO
    for order in working_orders(state, symbol):
        if order.side == side and (is_taker(order) or not order.cancel_requested):
            already += remaining(order)
    return size + already <= abs(held)


def _touch(market: Market, side: Side) -> Decimal:
    """The price a taker would meet; the valuation price when there is no quote."""
    return (market.ask if side == "buy" else market.bid) or market.price


def _post_only(state: State, purpose: Purpose) -> bool:
    return purpose == "entry" and state.settings.orders.entry_type == "post_only"


def _form(
    state: State, market: Market, instrument: Instrument, side: Side, purpose: Purpose
) -> tuple[OrderType, Decimal | None, int | None]:
    """Exits take what is there; entries follow the settings: market, limit at the far touch, post-only at the near."""
    settings = state.settings.orders
    if purpose != "entry" or settings.entry_type == "market":
        return "market", None, None
    near = market.bid if side == "buy" else market.ask
    touch = near if settings.entry_type == "post_only" else _touch(market, side)
    expires_at_ns = state.at_ns + settings.limit_ttl_s * SECOND_NS
    return "limit", trimmed(quantise_price(instrument, touch or market.price, side)), expires_at_ns


def _time_in_force(order_type: OrderType, expires_at_ns: int | None) -> TimeInForce:
    if order_type == "market":
        return "ioc"
    return "gtc" if expires_at_ns is None else "gtd"
