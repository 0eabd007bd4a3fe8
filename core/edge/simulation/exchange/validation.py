"""Validation: why the exchange refuses an order. Codes are the words Coinbase uses for the same refusals."""

from decimal import Decimal
from typing import NamedTuple

from msgspec.structs import replace

from perptape.core.edge.simulation.exchange.book import Book
from perptape.core.edge.simulation.exchange.margin import (
    equity,
    increasing_size,
    initial_rate,
    order_margin,
    position_margin,
)
from perptape.core.edge.simulation.exchange.state import ExchangeState
from perptape.core.events import OrderRequested
from perptape.core.instruments import SizeFault, notional, size_fault
from perptape.core.money import ZERO


class Refusal(NamedTuple):
    """The venue's word for it, and a sentence with the numbers."""

    code: str
    reason: str


def refusal(state: ExchangeState, request: OrderRequested) -> Refusal | None:
    """The first reason against an order, or None."""
    book = state.books.get(request.symbol)
    if book is None:
        return Refusal("INVALID_PRODUCT_ID", f"{request.symbol} is not listed here")
    return (
        _status(book, request)
        or _terms(state, request)
        or _prices(book, request)
        or _size(book, request)
        or _reduction(state, request)
        or _immediacy(book, request)
        or _funds(state, book, request)
    )


def margin_needed(state: ExchangeState, book: Book, request: OrderRequested) -> Decimal:
    """Initial margin and taker fee of what the order adds to the position, at its worst price; quote currency."""
    if request.reduce_only:
        return ZERO
    change = request.size if request.side == "buy" else -request.size
    added = increasing_size(state.account.size(request.symbol), change)
    rate = initial_rate(book.instrument, state.settings.max_leverage) + book.instrument.taker_fee_rate
    return notional(book.instrument, added, _reference_price(book, request)) * rate


def _reference_price(book: Book, request: OrderRequested) -> Decimal:
    if request.limit_price is not None:
        return request.limit_price
    return book.ask if request.side == "buy" else book.bid


def _status(book: Book, request: OrderRequested) -> Refusal | None:
    status = book.status
    if status in {"halted", "closed"}:
        return Refusal("PRODUCT_TRADING_HALTED", f"trading in {request.symbol} is {status}")
    if status == "cancel_only":
        return Refusal("ORDER_ENTRY_DISABLED", f"{request.symbol} takes cancels only")
    if status == "post_only" and not request.post_only:
        return Refusal("ORDER_ENTRY_DISABLED", f"{request.symbol} takes post-only orders only")
    if request.order_type == "market" and not book.bid:
        return Refusal("INVALID_NO_LIQUIDITY", f"{request.symbol} has no quote yet")
    return None


def _terms(state: ExchangeState, request: OrderRequested) -> Refusal | None:
    kind, force, expires = request.order_type, request.time_in_force, request.expires_at_ns
    if kind == "market" and (request.limit_price is not None or request.post_only):
        return Refusal("UNSUPPORTED_ORDER_CONFIGURATION", "a market order has no limit price and cannot be post-only")
    if (kind == "stop_limit") != (request.stop_price is not None):
        return Refusal("UNSUPPORTED_ORDER_CONFIGURATION", "a stop price belongs to a stop-limit order, and to it only")
    if request.post_only and (kind != "limit" or force in {"ioc", "fok"}):
        return Refusal("UNSUPPORTED_ORDER_CONFIGURATION", f"a {kind} order with {force} cannot be post-only")
    if kind == "stop_limit" and force in {"ioc", "fok"}:
        return Refusal("UNSUPPORTED_ORDER_CONFIGURATION", f"a stop-limit order cannot be {force}")
    if (force == "gtd") != (expires is not None):
        return Refusal("UNSUPPORTED_ORDER_CONFIGURATION", "an expiry belongs to a gtd order, and to it only")
    if expires is not None and expires <= state.now_ns:
        return Refusal("INVALID_REQUEST", f"expiry {expires} is not after {state.now_ns}")
    return None


def _prices(book: Book, request: OrderRequested) -> Refusal | None:
    if request.order_type != "market" and request.limit_price is None:
        return Refusal("INVALID_LIMIT_PRICE", f"a {request.order_type} order needs a limit price")
    for price in (request.limit_price, request.stop_price):
        if price is None:
            continue
        if price <= ZERO:
            return Refusal("INVALID_LIMIT_PRICE", f"price {price} is not above 0")
        if price % book.tick:
            return Refusal("INVALID_PRICE_PRECISION", f"price {price} is not a multiple of {book.tick}")
    return None


_SIZE_FAULTS: dict[SizeFault, str] = {
    "size_below_minimum": "size {} is below the minimum {}",
    "size_above_maximum": "size {} is above the maximum {}",
    "size_off_increment": "size {} is not a multiple of {}",
    "notional_below_minimum": "notional {} is below the minimum {}",
}


def _size(book: Book, request: OrderRequested) -> Refusal | None:
    # What is left of a position can always be closed, however little it is worth.
    instrument = replace(book.instrument, notional_min=ZERO) if request.reduce_only else book.instrument
    fault = size_fault(instrument, request.size, notional(instrument, request.size, _reference_price(book, request)))
    if fault is None:
        return None
    what, measured, limit = fault
    code = "INVALID_SIZE_PRECISION" if what == "size_off_increment" else "INVALID_SIZE"
    return Refusal(code, _SIZE_FAULTS[what].format(measured, limit))


def _reduction(state: ExchangeState, request: OrderRequested) -> Refusal | None:
    if not request.reduce_only:
        return None
    size = state.account.size(request.symbol)
    if not size:
        return Refusal("CANNOT_CLOSE_ZERO_POSITION", f"there is no position in {request.symbol} to reduce")
    if (size > 0) == (request.side == "buy"):
        return Refusal("REDUCE_ONLY_INCREASED_POSITION_SIZE", f"a {request.side} would increase the position {size}")
    return None


def _immediacy(book: Book, request: OrderRequested) -> Refusal | None:
    limit, stop = request.limit_price, request.stop_price
    if request.post_only and limit is not None and book.crosses(request.side, limit):
        return Refusal(
            "INVALID_LIMIT_PRICE_POST_ONLY", f"limit {limit} would trade against {book.bid} / {book.ask} at once"
        )
    if stop is not None and book.triggers(request.side, stop):
        return Refusal("STOP_ALREADY_TRIGGERED", f"stop {stop} is already reached by {book.bid} / {book.ask}")
    return None


def _funds(state: ExchangeState, book: Book, request: OrderRequested) -> Refusal | None:
    needed = margin_needed(state, book, request)
    if not needed:
        return None
    account, books = state.account, state.books
    bound = position_margin(account, books, state.settings.max_leverage) + order_margin(state.working())
    free = equity(account, books) - account.hold - bound
    if needed > free:
        return Refusal("INSUFFICIENT_FUNDS", f"the order needs {needed:f} of margin and fees, {free:f} is free")
    return None
