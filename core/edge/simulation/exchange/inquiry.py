"""Inquiries: what the exchange answers when it is asked about an order or the account. They change nothing."""

from bisect import bisect_left
from operator import attrgetter

from perptape.core.edge.simulation.exchange.margin import order_margin
from perptape.core.edge.simulation.exchange.state import ExchangeState
from perptape.core.events import (
    AccountReported,
    OrderLookedUp,
    OrderLookupRequested,
    ReconciliationRequested,
    ReportedOrder,
    ReportedPosition,
)
from perptape.core.money import ZERO, amount

_venue_time = attrgetter("venue_at_ns")


def look_up(state: ExchangeState, request: OrderLookupRequested) -> OrderLookedUp:
    """What became of an order. Within `settle_ms` of its acceptance the answer may be "not found"."""
    order_id = request.client_order_id
    order = state.find(order_id)
    if order is None or state.now_ns < order.accepted_at_ns + state.settings.settle_ms * 1_000_000:
        return OrderLookedUp(
            client_order_id=order_id,
            found=False,
            status="unknown",
            venue_order_id="",
            symbol="",
            side="buy",
            size=ZERO,
            filled_size=ZERO,
            fills=(),
            reason=f"no order {order_id} is known here",
        )
    return OrderLookedUp(
        client_order_id=order_id,
        found=True,
        status=order.status,
        venue_order_id=order.venue_order_id,
        symbol=order.request.symbol,
        side=order.request.side,
        size=order.request.size,
        filled_size=order.filled,
        fills=tuple(order.fills),
        reason=order.reason,
    )


def report_account(state: ExchangeState, request: ReconciliationRequested) -> AccountReported:
    """Money, positions, working orders, and fills not older than the request names. available = cash - hold."""
    account = state.account
    working = state.working()
    hold = amount(account.hold + order_margin(working))
    since_ns = request.fills_since_ns
    return AccountReported(
        request_id=request.request_id,
        cash=account.cash,
        available=account.cash - hold,
        hold=hold,
        positions=tuple(
            ReportedPosition(symbol, holding.size, holding.entry_price)
            for symbol, holding in sorted(account.holdings.items())
        ),
        orders=tuple(
            ReportedOrder(
                client_order_id=order.request.client_order_id,
                venue_order_id=order.venue_order_id,
                symbol=order.request.symbol,
                side=order.request.side,
                order_type=order.request.order_type,
                size=order.request.size,
                filled_size=order.filled,
                limit_price=order.request.limit_price,
                reduce_only=order.request.reduce_only,
            )
            for order in working
        ),
        fills=tuple(state.fills[bisect_left(state.fills, since_ns, key=_venue_time) :]),
        payments=tuple(state.payments[bisect_left(state.payments, since_ns, key=_venue_time) :]),
        venue_at_ns=state.now_ns,
    )
