"""Liquidation: positions closed by the exchange when equity no longer covers their maintenance margin."""

from decimal import Decimal

from perptape.core.edge.simulation.exchange.execution import end, fee_of, fill
from perptape.core.edge.simulation.exchange.margin import is_liquidated
from perptape.core.edge.simulation.exchange.order import VenueOrder
from perptape.core.edge.simulation.exchange.state import ExchangeState
from perptape.core.events import OrderRequested, PositionLiquidated
from perptape.core.instruments import notional
from perptape.core.money import ZERO


def liquidate_if_due(state: ExchangeState) -> None:
    """Close positions, the largest notional first, until equity is above maintenance margin again.

    A position whose market has no quote or does not trade cannot be closed and is left until it can.
    """
    while is_liquidated(state.account, state.books):
        symbols = [symbol for symbol in state.account.holdings if state.books[symbol].trades]
        if not symbols:
            return
        _close(state, max(symbols, key=lambda symbol: (_exposure(state, symbol), symbol)))


def _exposure(state: ExchangeState, symbol: str) -> Decimal:
    book = state.books[symbol]
    return notional(book.instrument, state.account.size(symbol), book.mark)


def _close(state: ExchangeState, symbol: str) -> None:
    book = state.books[symbol]
    for order in [*book.working]:
        end(state, order, "canceled", "liquidation")
    size = state.account.size(symbol)
    long = size > ZERO
    price = book.bid if long else book.ask
    request = OrderRequested(
        intent=0,
        client_order_id="",
        strategy="",
        symbol=symbol,
        side="sell" if long else "buy",
        order_type="market",
        size=abs(size),
        limit_price=None,
        stop_price=None,
        time_in_force="ioc",
        expires_at_ns=None,
        post_only=False,
        reduce_only=True,
        purpose="external",
        reference_price=price,
        replaces="",
    )
    order = VenueOrder(request, state.next_id("order"), state.now_ns, ZERO)
    state.keep(order)
    fee = fee_of(book.instrument, price, request.size, "taker")
    state.feed.report(
        state.now_ns, PositionLiquidated(state.feed.next_seq(), symbol, request.side, request.size, price, fee)
    )
    fill(state, book, order, price=price, size=request.size, liquidity="taker")
