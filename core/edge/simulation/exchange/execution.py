"""Execution: orders against the book, fills into the account, and the ends of orders."""

from decimal import Decimal
from typing import Literal

from perptape.core.edge.simulation.exchange.book import Book
from perptape.core.edge.simulation.exchange.order import VenueOrder
from perptape.core.edge.simulation.exchange.state import ExchangeState
from perptape.core.events import Liquidity, OrderCanceled, OrderExpired, OrderFilled, OrderRejected, ReportedFill
from perptape.core.instruments import Instrument
from perptape.core.money import ZERO, amount


def fee_of(instrument: Instrument, price: Decimal, size: Decimal, liquidity: Liquidity) -> Decimal:
    """The value traded, price * size * contract_size * the rate of the liquidity, rounded to 1e-8."""
    rate = instrument.maker_fee_rate if liquidity == "maker" else instrument.taker_fee_rate
    return amount(price * size * instrument.contract_size * rate)


def fill(
    state: ExchangeState, book: Book, order: VenueOrder, *, price: Decimal, size: Decimal, liquidity: Liquidity
) -> None:
    """One execution: fee, position, cash, and the report on the feed."""
    request, instrument = order.request, book.instrument
    fee = fee_of(instrument, price, size, liquidity)
    change = size if request.side == "buy" else -size
    state.account.trade(instrument.symbol, change, price, fee, state.flat(book))
    report = ReportedFill(
        fill_id=state.next_id("fill"),
        client_order_id=request.client_order_id,
        venue_order_id=order.venue_order_id,
        symbol=instrument.symbol,
        side=request.side,
        price=price,
        size=size,
        fee=fee,
        liquidity=liquidity,
        venue_at_ns=state.now_ns,
    )
    state.fills.append(report)
    order.fills.append(report)
    order.filled += size
    message = OrderFilled(
        state.feed.next_seq(),
        report.fill_id,
        report.client_order_id,
        report.venue_order_id,
        report.symbol,
        report.side,
        price,
        size,
        fee,
        liquidity,
        state.now_ns,
    )
    state.feed.report(state.now_ns, message)
    if order.filled == request.size:
        order.status = "filled"


def end(
    state: ExchangeState,
    order: VenueOrder,
    status: Literal["canceled", "expired", "rejected"],
    reason: str,
    code: str = "",
) -> None:
    """End an order that is not filled, and report it."""
    order.status = status
    order.reason = f"{code}: {reason}" if code else reason
    book = state.books[order.request.symbol]
    if order in book.working:
        book.working.remove(order)
    seq = state.feed.next_seq()
    client_id, venue_id, filled = order.request.client_order_id, order.venue_order_id, order.filled
    if status == "expired":
        state.feed.report(state.now_ns, OrderExpired(seq, client_id, venue_id, filled))
    elif status == "rejected":
        state.feed.report(state.now_ns, OrderRejected(seq, client_id, code, reason))
    else:
        state.feed.report(state.now_ns, OrderCanceled(seq, client_id, venue_id, filled, reason))


def closable(state: ExchangeState, order: VenueOrder) -> Decimal:
    """Contracts of the position that an order of this side closes."""
    size = state.account.size(order.request.symbol)
    if not size or (size > 0) == (order.request.side == "buy"):
        return ZERO
    return abs(size)


def fillable(state: ExchangeState, order: VenueOrder) -> Decimal:
    """Contracts that may still fill: a reduce-only order never turns or increases the position."""
    return min(order.remaining, closable(state, order)) if order.request.reduce_only else order.remaining


def execute(state: ExchangeState, book: Book, order: VenueOrder) -> None:
    """Let an order take what it finds, then rest, cancel or end what is left, as its time in force says."""
    request = order.request
    limit = request.limit_price
    wanted = fillable(state, order)
    found = [*book.offers(request.side, limit)] if book.trades else []
    if request.time_in_force == "fok" and sum((size for _, size in found), ZERO) < min(wanted, request.size):
        end(state, order, "canceled", "fill or kill: the book does not hold the whole size")
        return
    for price, available in found:
        size = min(fillable(state, order), available)
        if not size:
            break
        book.take(request.side, size)
        fill(state, book, order, price=price, size=size, liquidity="taker")
    if order.status == "open":
        if request.reduce_only and not closable(state, order):
            end(state, order, "canceled", "reduce only: no position is left to reduce")
        elif request.order_type == "market":
            end(state, order, "canceled", "no liquidity is left")
        elif request.time_in_force in {"ioc", "fok"}:
            end(state, order, "canceled", "immediate or cancel: nothing more within the limit")
        elif order not in book.working:
            book.working.append(order)
    elif order in book.working:
        book.working.remove(order)
    drop_idle_reducers(state, book)


def match(state: ExchangeState, book: Book) -> None:
    """After the touch moved: trigger stops, then fill resting orders it has reached, best price first, then oldest.

    A resting order fills at its own limit, as the maker, up to its share of the opposite touch.
    """
    if not any(_is_reached(book, order) for order in book.working) or not book.trades:
        return
    for order in [*book.working]:
        if not order.triggered and _is_reached(book, order):
            order.triggered = True
            execute(state, book, order)
    for side in ("buy", "sell"):
        reached = [
            (limit, order)
            for order in book.working
            if order.triggered
            and order.request.side == side
            and (limit := order.request.limit_price) is not None
            and book.crosses(side, limit)
        ]
        reached.sort(key=lambda item: item[0], reverse=side == "buy")
        share = book.share_for_resting(side)
        for limit, order in reached:
            size = min(fillable(state, order), share)
            if size:
                share -= size
                book.take(side, size)
                fill(state, book, order, price=limit, size=size, liquidity="maker")
                if order.status == "filled":
                    book.working.remove(order)
    drop_idle_reducers(state, book)


def _is_reached(book: Book, order: VenueOrder) -> bool:
    """Whether the market has reached the price that a working order waits for."""
    request = order.request
    if not order.triggered:
        return request.stop_price is not None and book.triggers(request.side, request.stop_price)
    return request.limit_price is not None and book.crosses(request.side, request.limit_price)


def drop_idle_reducers(state: ExchangeState, book: Book) -> None:
    """Cancel working reduce-only orders that have nothing left to reduce."""
    for order in [*book.working]:
        if order.request.reduce_only and not closable(state, order):
            end(state, order, "canceled", "reduce only: no position is left to reduce")
