"""Guards on how orders are sent: how many, and never against one's own."""

from bisect import bisect_right
from decimal import Decimal

from perptape.core.durations import MINUTE_NS, SECOND_NS
from perptape.core.events.reason import Reason
from perptape.core.guards.block import Block, Proposal, exceeds
from perptape.core.state import State


def order_rate(state: State, order: Proposal) -> Block | None:
    """Order requests in the last 60 seconds, this one counted."""
    limit = state.settings.guards.orders_per_minute_max
    if order.reducing or limit is None:
        return None
    times = state.request_times
    recent = len(times) - bisect_right(times, state.at_ns - MINUTE_NS) + 1
    return None if recent <= limit else exceeds("order_rate", Decimal(recent), Decimal(limit))


def refusal_cooldown(state: State, order: Proposal) -> Block | None:
    """Seconds since the venue refused an entry of the strategy in this symbol, against the wait before another one."""
    if order.reducing or order.purpose != "entry":
        return None
    for sleeve in order.market.sleeves:
        if sleeve.refused_at_ns and sleeve.strategy == order.strategy:
            limit = Decimal(state.settings.orders.refusal_cooldown_s)
            since_s = Decimal(state.at_ns - sleeve.refused_at_ns) / SECOND_NS
            if since_s < limit:
                return Block("refusal_cooldown", since_s, limit, Reason("refused_recently", text=sleeve.refusal))
    return None


def wash_trade(state: State, order: Proposal) -> Block | None:
    """No order may meet a resting order of the bot itself, whichever strategy it belongs to."""
    if not state.settings.guards.wash_trade:
        return None
    for resting in state.orders.values():
        if resting.symbol != order.market.symbol or resting.side == order.side or resting.limit_price is None:
            continue
        crosses = order.price >= resting.limit_price if order.side == "buy" else order.price <= resting.limit_price
        if crosses:
            reason = Reason("own_order", names={"order": resting.client_order_id})
            return Block("wash_trade", order.price, resting.limit_price, reason)
    return None
