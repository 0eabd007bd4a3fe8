"""The replay and rebuild floors: what a bare program does with the same lines. Plain on purpose, and frozen.

A loop that decodes each line with orjson, dispatches on its type through a dict to a function, keeps prices and sizes
as Decimal, and does crossover, orders, position, PnL and three checks on plain slotted objects. No chain, no
comparison, no state that could be stored, no guards beyond the three checks. The rebuild floor is the same loop,
folding only: it takes orders from the recording instead of deciding them.
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


class ReplayFloor:
    """The bare program: its state, and a function for each type of line that it knows."""

    __slots__ = (
        "blocked",
        "books",
        "cash",
        "decides",
        "fast",
        "fills",
        "handlers",
        "orders",
        "slow",
        "trigger",
        "unrealised",
    )

    def __init__(self, trigger: str, fast: int, slow: int, *, decides: bool) -> None:
        self.books: dict[str, Book] = {}
        self.cash = self.unrealised = ZERO
        self.trigger = trigger
        self.fast = fast
        self.slow = slow
        self.decides = decides
        self.orders = self.blocked = self.fills = 0
        self.handlers: dict[str, Callable[[dict[str, Any]], None]] = {
            "InstrumentUpdated": self.list_book,
            "QuoteUpdated": self.take_quote,
            "CandleClosed": self.take_candle,
            "OrderAccepted": self.take_acceptance,
            "OrderFilled": self.take_fill,
        }
        if not decides:
            self.handlers["OrderRequested"] = self.take_request

    def list_book(self, data: dict[str, Any]) -> None:
        """A new symbol."""
        symbol = data["instrument"]["symbol"]
        self.books[symbol] = Book(symbol)

    def take_quote(self, data: dict[str, Any]) -> None:
        """A quote: value the position, and let the averages follow when they follow quotes."""
        book = self.books[data["symbol"]]
        book.bid = Decimal(data["bid"])
        book.bid_size = Decimal(data["bid_size"])
        book.ask = Decimal(data["ask"])
        book.ask_size = Decimal(data["ask_size"])
        book.price = (book.bid + book.ask) * HALF
        if book.size:
            self.value(book)
        if self.trigger == "quote":
            self.follow(book, book.price)

    def take_candle(self, data: dict[str, Any]) -> None:
        """A candle: let the averages follow when they follow candles."""
        book = self.books[data["symbol"]]
        for name in ("open", "high", "low", "volume"):
            Decimal(data[name])
        if self.trigger == "candle":
            self.follow(book, Decimal(data["close"]))

    def value(self, book: Book) -> None:
        """Unrealised PnL of the position and of the account."""
        unrealised = book.size * book.price - book.cost
        self.unrealised += unrealised - book.unrealised
        book.unrealised = unrealised

    def follow(self, book: Book, price: Decimal) -> None:
        """Move both windows on; when their averages have crossed, remember the side and order."""
        book.fast.append(price)
        book.slow.append(price)
        book.fast_sum += price
        book.slow_sum += price
        if len(book.fast) > self.fast:
            book.fast_sum -= book.fast.popleft()
        if len(book.slow) > self.slow:
            book.slow_sum -= book.slow.popleft()
        elif len(book.slow) < self.slow:
            return
        fast = book.fast_sum * self.slow
        slow = book.slow_sum * self.fast
        side = 1 if fast > slow else -1 if fast < slow else 0
        if side and side != book.side:
            if book.side and self.decides:
                self.decide(book, side)
            book.side = side

    def decide(self, book: Book, side: int) -> None:
        """Order from one side to the other, unless a check forbids it."""
        change = (NOTIONAL / book.price * side - book.size).quantize(SIZE_STEP)
        if abs(book.size + change) > POSITION_MAX:
            self.blocked += 1
            return
        if abs(change) * book.price > ORDER_VALUE_MAX:
            self.blocked += 1
            return
        if self.cash + self.unrealised < -LOSS_MAX:
            self.blocked += 1
            return
        book.order = Order(book.symbol, "buy" if side > 0 else "sell", abs(change))
        self.orders += 1

    def take_request(self, data: dict[str, Any]) -> None:
        """An order as it was recorded."""
        self.books[data["symbol"]].order = Order(data["symbol"], data["side"], Decimal(data["size"]))
        self.orders += 1

    def take_acceptance(self, data: dict[str, Any]) -> None:
        """The order is open."""
        order = self.books[data["symbol"]].order
        if order is not None:
            order.status = "open"

    def take_fill(self, data: dict[str, Any]) -> None:
        """The order is filled."""
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
        """Position at average cost, and realised PnL."""
        before = book.size
        book.size = before + change
        if not before or (before > 0) == (change > 0):
            book.cost += change * price
        else:
            if abs(change) >= abs(before):
                pnl = before * price - book.cost
                book.cost = book.size * price
            else:
                released = book.cost * -change / before
                pnl = -change * price - released
                book.cost -= released
            book.realised += pnl
            self.cash += pnl
        self.value(book)


def run(path: Path, trigger: str, fast: int, slow: int, *, decides: bool) -> ReplayFloor:
    """Read the recording's event lines the bare way, and decide too (replay), or fold only (rebuild)."""
    floor = ReplayFloor(trigger, fast, slow, decides=decides)
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
