"""The replay and rebuild floors: what a bare program does with the same lines. Plain on purpose, and frozen.

A loop that decodes each line with orjson, dispatches on its type through a dict to a function, keeps prices and sizes as
Decimal, and does crossover, orders, position, PnL and three checks on plain slotted objects. No chain, no comparison,
no state that could be stored, no guards beyond the three checks. The rebuild floor is the same loop, folding only.
"""

from collections import deque
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

ZERO = Decimal(0)
HALF = Decimal("0.5")
FEE_RATE = Decimal("0.0005")
NOTIONAL = Decimal(500)
POSITION_CAP = Decimal(5)
ORDER_VALUE_MAX = Decimal(1000)
LOSS_MAX = Decimal(5000)


class Book:
    """One symbol: last quote, two price windows with their sums, position and PnL."""

    __slots__ = ("ask", "bid", "cost", "fast", "fast_sum", "orders", "price", "realised", "side", "size", "slow", "slow_sum", "unrealised")

    def __init__(self) -> None:
        self.bid = self.ask = self.price = self.size = self.cost = self.realised = self.unrealised = ZERO
        self.fast: deque[Decimal] = deque()
        self.slow: deque[Decimal] = deque()
        self.fast_sum = self.slow_sum = ZERO
        self.side = 0
        self.orders = 0


class Floor:
    """All of the bare program's state."""

    __slots__ = ("blocked", "books", "cash", "fast", "fills", "handlers", "slow")

    def __init__(self, fast: int, slow: int, *, decide: bool) -> None:
        self.books: dict[str, Book] = {}
        self.cash = Decimal(10000)
        self.fast, self.slow = fast, slow
        self.fills = self.blocked = 0
        self.handlers: dict[str, Any] = {
            "QuoteUpdated": self.quote if decide else self.fold_quote,
            "OrderFilled": self.fill,
            "OrderRequested": self.other,
        }

    def fold_quote(self, data: dict[str, Any]) -> Book:
        book = self.books.get(data["symbol"])
        if book is None:
            book = self.books[data["symbol"]] = Book()
        book.bid = Decimal(data["bid"])
        book.ask = Decimal(data["ask"])
        Decimal(data["bid_size"])
        Decimal(data["ask_size"])
        price = book.price = (book.bid + book.ask) * HALF
        book.fast.append(price)
        book.slow.append(price)
        book.fast_sum += price
        book.slow_sum += price
        if len(book.fast) > self.fast:
            book.fast_sum -= book.fast.popleft()
        if len(book.slow) > self.slow:
            book.slow_sum -= book.slow.popleft()
        if book.size:
            book.unrealised = book.size * price - book.cost
        return book

    def quote(self, data: dict[str, Any]) -> None:
        book = self.fold_quote(data)
        if len(book.slow) < self.slow:
            return
        side = 1 if book.fast_sum * self.slow > book.slow_sum * self.fast else -1
        if side != book.side:
            book.side = side
            self.order(book, side)

    def order(self, book: Book, side: int) -> None:
        size = NOTIONAL / book.price * side - book.size
        if abs(book.size + size) > POSITION_CAP:
            self.blocked += 1
        elif abs(size) * book.price > ORDER_VALUE_MAX * 2:
            self.blocked += 1
        elif self.cash < -LOSS_MAX:
            self.blocked += 1
        else:
            book.orders += 1

    def fill(self, data: dict[str, Any]) -> None:
        book = self.books[data["symbol"]]
        price, size = Decimal(data["price"]), Decimal(data["size"])
        change = size if data["side"] == "buy" else -size
        before = book.size
        if before and (before > 0) != (change > 0):
            closed = min(abs(before), abs(change))
            average = book.cost / before
            pnl = (price - average) * (closed if before > 0 else -closed)
            book.realised += pnl
            self.cash += pnl
            book.size = before + change
            book.cost = book.size * (price if abs(change) > abs(before) else average)
        else:
            book.size = before + change
            book.cost += change * price
        self.cash -= Decimal(data["fee"])
        self.fills += 1

    def other(self, data: dict[str, Any]) -> None:
        Decimal(data["size"])


def run(path: Path, fast: int, slow: int, *, decide: bool) -> Floor:
    """Read the recording's event lines the bare way; with `decide` also decide (replay), else fold only (rebuild)."""
    floor = Floor(fast, slow, decide=decide)
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
