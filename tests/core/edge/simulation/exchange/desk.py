"""Builders for tests of the exchange: market points, requests, and an exchange over them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import msgspec

from perptape.core.durations import SECOND_NS
from perptape.core.edge.market import BookPoint, FundingPoint, MarketPoint, MarkPoint, PricePoint
from perptape.core.edge.simulation.exchange import ExchangeSettings, Faults, SimulatedExchange
from perptape.core.edge.simulation.exchange.journal import Journal, MemoryJournal
from perptape.core.edge.simulation.exchange.simulated import Stage, unwatched
from perptape.core.events import (
    AccountReported,
    CancelRequested,
    Observation,
    OrderLookedUp,
    OrderLookupRequested,
    OrderRequested,
    ReconciliationRequested,
)
from perptape.core.events.reason import Reason

START_NS = 1_700_000_000_000_000_000
BTC = "BTC-PERP"
ETH = "ETH-PERP"
Kind = TypeVar("Kind", bound=Observation)


def at(second: float) -> int:
    return START_NS + int(second * SECOND_NS)


def price(second: float, value: object, symbol: str = BTC) -> PricePoint:
    return PricePoint(at(second), symbol, Decimal(str(value)))


def prices(*values: object, symbol: str = BTC) -> list[MarketPoint]:
    """A price a second."""
    return [price(second, value, symbol) for second, value in enumerate(values)]


def mark(second: float, value: object, symbol: str = BTC) -> MarkPoint:
    return MarkPoint(at(second), symbol, Decimal(str(value)))


def funding(second: float, rate: str, symbol: str = BTC) -> FundingPoint:
    return FundingPoint(at(second), symbol, Decimal(rate))


def book(second: float, bid: str, bid_size: str | None, ask: str, ask_size: str | None, symbol: str = BTC) -> BookPoint:
    sizes = [None if size is None else Decimal(size) for size in (bid_size, ask_size)]
    return BookPoint(at(second), symbol, Decimal(bid), sizes[0], Decimal(ask), sizes[1])


def order(client_order_id: str = "a", side: str = "buy", size: object = "0.02", **terms: Any) -> OrderRequested:
    """A market order unless the terms say otherwise; numbers may be given as text."""
    values: dict[str, Any] = {
        "intent": 1,
        "client_order_id": client_order_id,
        "strategy": "test",
        "symbol": BTC,
        "side": side,
        "order_type": "market",
        "size": Decimal(str(size)),
        "limit_price": None,
        "stop_price": None,
        "time_in_force": "ioc",
        "expires_at_ns": None,
        "post_only": False,
        "reduce_only": False,
        "purpose": "entry",
        "reference_price": Decimal(50_000),
        "replaces": "",
    }
    for name, value in terms.items():
        values[name] = Decimal(value) if name.endswith("_price") else value
    return OrderRequested(**values)


def limit(client_order_id: str, side: str, size: object, at_price: object, **terms: Any) -> OrderRequested:
    """A good-till-canceled limit order unless the terms say otherwise."""
    terms = {"order_type": "limit", "time_in_force": "gtc", **terms}
    return order(client_order_id, side, size, limit_price=str(at_price), **terms)


def open_exchange(
    points: Iterable[MarketPoint],
    settings: ExchangeSettings | Mapping[str, Any] | None = None,
    *,
    journal: Journal | None = None,
    faults: Faults | None = None,
    stage: Callable[[Stage], None] = unwatched,
) -> SimulatedExchange:
    kept = list(points)
    if not isinstance(settings, ExchangeSettings):
        settings = ExchangeSettings(**(settings or {}))
    return SimulatedExchange(journal or MemoryJournal(), lambda: iter(kept), settings, faults=faults, stage=stage)


def take_due(exchange: SimulatedExchange) -> list[Observation]:
    """The messages of the present moment."""
    messages = []
    while exchange.peek_ns() == exchange.now_ns:
        messages.append(exchange.take())
    return messages


def take_until(exchange: SimulatedExchange, second: float) -> list[Observation]:
    """All messages up to a time, that time included."""
    messages = []
    while (due_ns := exchange.peek_ns()) is not None and due_ns <= at(second):
        messages.append(exchange.take())
    return messages


def take_all(exchange: SimulatedExchange) -> list[Observation]:
    messages = []
    while exchange.peek_ns() is not None:
        messages.append(exchange.take())
    return messages


def only(messages: Sequence[Observation], kind: type[Kind]) -> list[Kind]:
    return [message for message in messages if isinstance(message, kind)]


async def account(exchange: SimulatedExchange, since_ns: int = 0) -> AccountReported:
    [report] = await exchange.call(ReconciliationRequested("r", since_ns, Reason("scheduled")))
    assert isinstance(report, AccountReported)
    return report


async def look_up(exchange: SimulatedExchange, client_order_id: str) -> OrderLookedUp:
    [answer] = await exchange.call(OrderLookupRequested(client_order_id, 1))
    assert isinstance(answer, OrderLookedUp)
    return answer


async def cancel(exchange: SimulatedExchange, client_order_id: str) -> Observation:
    [answer] = await exchange.call(CancelRequested(client_order_id, Reason("bot_halted")))
    return answer


async def submit(exchange: SimulatedExchange, request: OrderRequested) -> Observation:
    [answer] = await exchange.call(request)
    return answer


def as_bytes(messages: Sequence[Observation]) -> list[bytes]:
    """Types and values, to the last digit and trailing zero."""
    return [type(message).__name__.encode() + msgspec.json.encode(message) for message in messages]
