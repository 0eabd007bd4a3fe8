"""What happens at the venue by script: money that moves, trades by hand, and what the venue does of its own accord."""

from collections.abc import Callable
from decimal import Decimal
from typing import assert_never

from msgspec.structs import replace

from perptape.core.edge.simulation.exchange import SimulatedExchange
from perptape.core.events import Observation, OrderRequested
from perptape.replays.scenarios.language.script import (
    TradeByHand,
    Transfer,
    VenueCancels,
    VenueRelists,
    VenueSays,
    VenueStatus,
)

VenueAct = Transfer | TradeByHand | VenueCancels | VenueStatus | VenueRelists | VenueSays


def perform(exchange: SimulatedExchange, act: VenueAct, order_id: Callable[[int], str]) -> None:
    """Let it happen. `order_id` gives the client order id of an intent."""
    match act:
        case Transfer(amount):
            exchange.transfer(amount)
        case TradeByHand():
            exchange.trade_externally(_by_hand(act))
        case VenueCancels(intent, reason):
            exchange.cancel_by_venue(order_id(intent), reason)
        case VenueStatus(symbol, status, reason):
            exchange.change_status(symbol, status, reason)
        case VenueRelists(instrument):
            exchange.relist(instrument)
        case VenueSays(message):
            exchange.say(_addressed(message, order_id))
        case _:
            assert_never(act)


def _addressed(message: Observation, order_id: Callable[[int], str]) -> Observation:
    named: str = getattr(message, "client_order_id", "")
    return replace(message, client_order_id=order_id(int(named))) if named.isdigit() else message


def _by_hand(act: TradeByHand) -> OrderRequested:
    limit = act.limit_price
    return OrderRequested(
        intent=0,
        client_order_id="",
        strategy="",
        symbol=act.symbol,
        side=act.side,
        order_type="market" if limit is None else "limit",
        size=act.size,
        limit_price=limit,
        stop_price=None,
        time_in_force="ioc" if limit is None else "gtc",
        expires_at_ns=None,
        post_only=False,
        reduce_only=False,
        purpose="external",
        reference_price=limit or Decimal(0),
        replaces="",
    )
