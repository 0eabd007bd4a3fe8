"""The replay and rebuild floors: what a bare program does with the same lines. Plain on purpose, and frozen.

A loop that decodes each line with orjson, dispatches on its type through a dict to a function, keeps prices and sizes as
Decimal, and does crossover, orders, position, PnL and three checks on plain slotted objects. No chain, no comparison,
no state that could be stored, no guards beyond the three checks. The rebuild floor is the same loop, folding only.
"""

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

ZERO = Decimal(0)
HALF = Decimal("0.5")
SIZE_STEP = Decimal("0.0001")
NOTIONAL = Decimal(500)
POSITION_MAX = Decimal(10)
ORDER_VALUE_MAX = Decimal(1_500)
LOSS_MAX = Decimal(50_000)


class Order:
    """One order."""

    __slots__ = ("filled", "side", "size", "status", "symbol")

    def __init__(self, symbol: str, side: str, size: Decimal) -> None:
        self.symbol = symbol
        self.side = side
        self.size = size
        self.filled = ZERO
        self.status = "requested"


class Book:
    """One symbol: its quote, two price windows with their sums, the working order, position and PnL."""

    __slots__ = (
        "ask",
        "ask_size",
        "bid",
        "bid_size",
        "cost",
        "fast",
        "fast_sum",
        "order",
        "price",
        "realised",
        "side",
        "size",
        "slow",
        "slow_sum",
        "symbol",
        "unrealised",
    )

    def __init__(self, symbol: str) -> None:
        self.symbol = symbol
        self.bid = self.bid_size = self.ask = self.ask_size = self.price = ZERO
        self.fast: deque[Decimal] = deque()
        self.slow: deque[Decimal] = deque()
        self.fast_sum = self.slow_sum = ZERO
        self.side = 0
        self.order: Order | None = None
        self.size = self.cost = self.realised = self.unrealised = ZERO


class Floor:
    """The bare program: its state, and a function for each type of line that it knows."""

    __slots__ = ("blocked", "books", "cash", "decides", "fast", "fills", "handlers", "orders", "slow", "trigger")

    def __init__(self, trigger: str, fast: int, slow: int, *, decides: bool) -> None:
        self.books: dict[str, Book] = {}
        self.cash = ZERO
        self.trigger = trigger
        self.fast = fast
        self.slow = slow
        self.decides = decides
        self.orders = self.blocked = self.fills = 0
        self.handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "InstrumentUpdated": self.listed,
            "QuoteUpdated": self.quote,
            "CandleClosed": self.candle,
            "OrderAccepted": self.accepted,
            "OrderFilled": self.filled,
        }
        if not decides:
            self.handlers["OrderRequested"] = self.requested

    def listed(self, data: dict[str, Any]) -> None:
        symbol = data["instrument"]["symbol"]
        self.books[symbol] = Book(symbol)

    def quote(self, data: dict[str, Any]) -> None:
        book = self.books[data["symbol"]]
        book.bid = Decimal(data["bid"])
        book.bid_size = Decimal(data["bid_size"])
        book.ask = Decimal(data["ask"])
        book.ask_size = Decimal(data["ask_size"])
        book.price = (book.bid + book.ask) * HALF
        if book.size:
            book.unrealised = book.size * book.price - book.cost
        if self.trigger == "quote":
            self.remember(book, book.price)
            if self.decides:
                self.decide(book)

    def candle(self, data: dict[str, Any]) -> None:
        book = self.books[data["symbol"]]
        for name in ("open", "high", "low", "volume"):
            Decimal(data[name])
        if self.trigger == "candle":
            self.remember(book, Decimal(data["close"]))
            if self.decides:
                self.decide(book)

    def remember(self, book: Book, price: Decimal) -> None:
        book.fast.append(price)
        book.slow.append(price)
        book.fast_sum += price
        book.slow_sum += price
        if len(book.fast) > self.fast:
            book.fast_sum -= book.fast.popleft()
        if len(book.slow) > self.slow:
            book.slow_sum -= book.slow.popleft()

    def decide(self, book: Book) -> None:
        if len(book.slow) < self.slow:
            return
        fast = book.fast_sum * self.slow
        slow = book.slow_sum * self.fast
        side = 1 if fast > slow else -1 if fast < slow else 0
        if side and side != book.side:
            if book.side:
                self.order(book, side)
            book.side = side

    def order(self, book: Book, side: int) -> None:
        change = (NOTIONAL / book.price * side - book.size).quantize(SIZE_STEP)
        if abs(book.size + change) > POSITION_MAX:
            self.blocked += 1
        elif abs(change) * book.price > ORDER_VALUE_MAX:
            self.blocked += 1
        elif self.cash + sum(each.unrealised for each in self.books.values()) < -LOSS_MAX:
            self.blocked += 1
        else:
            book.order = Order(book.symbol, "buy" if side > 0 else "sell", abs(change))
            self.orders += 1

    def requested(self, data: dict[str, Any]) -> None:
        self.books[data["symbol"]].order = Order(data["symbol"], data["side"], Decimal(data["size"]))
        self.orders += 1

    def accepted(self, data: dict[str, Any]) -> None:
        order = self.books[data["symbol"]].order
        if order is not None:
            order.status = "open"

    def filled(self, data: dict[str, Any]) -> None:
        book = self.books[data["symbol"]]
        price, size = Decimal(data["price"]), Decimal(data["size"])
        self.trade(book, size if data["side"] == "buy" else -size, price)
        self.cash -= Decimal(data["fee"])
        self.fills += 1
        order = book.order
        if order is not None:
            order.filled += size
            order.status = "filled"
            book.order = None

    def trade(self, book: Book, change: Decimal, price: Decimal) -> None:
        before = book.size
        book.size = before + change
        if not before or (before > 0) == (change > 0):
            book.cost += change * price
        elif abs(change) >= abs(before):
            pnl = before * price - book.cost
            book.realised += pnl
            self.cash += pnl
            book.cost = book.size * price
        else:
            released = book.cost * -change / before
            pnl = -change * price - released
            book.realised += pnl
            self.cash += pnl
            book.cost -= released
        book.unrealised = book.size * book.price - book.cost


def run(path: Path, trigger: str, fast: int, slow: int, *, decides: bool) -> Floor:
    """Read the recording's event lines the bare way, and decide too (replay), or fold only (rebuild)."""
    floor = Floor(trigger, fast, slow, decides=decides)
    handlers = floor.handlers
    loads = orjson.loads
    with path.open("rb") as file:
        next(file)
        for line in file:
            event = loads(line)
            handler = handlers.get(event.get("type"))
            if handler is not None:
                handler(event["data"])
    return floor
