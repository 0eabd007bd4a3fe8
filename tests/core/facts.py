"""What a bot is told: observations with ordinary values, of which a test says only what it is about."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import count
from typing import Any

from msgspec.structs import replace

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountReported,
    CandleClosed,
    Command,
    ConfigurationLoaded,
    InstrumentUpdated,
    MarkUpdated,
    Observation,
    OperatorCommandReceived,
    OrderAccepted,
    OrderCanceled,
    OrderFilled,
    OrderLookedUp,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderSubmissionFailed,
    QuoteUpdated,
    ReportedFill,
    ReportedOrder,
    ReportedPosition,
    SessionStarted,
)
from perptape.core.order import Order, remaining
from perptape.core.settings import GuardSettings, StrategySettings, TradingSettings
from perptape.core.state import State
from tests.core.builders import BTC, ETH, NOW_NS, Number, account_report, instrument, limits, number

NONCE = "nonce"


def settings(*strategies: StrategySettings, guards: GuardSettings | None = None, **changes: Any) -> TradingSettings:
    """Settings for BTC-PERP and ETH-PERP with every limit off, 500 per position, and a cycle each 20 s."""
    ordinary = TradingSettings(
        symbols=(BTC, ETH), strategies=strategies, guards=limits() if guards is None else guards, cycle_s=20
    )
    return replace(ordinary, **changes)


def started(session: int = 1, **changes: Any) -> SessionStarted:
    """A session at a venue that settles at once and knows orders by client order id."""
    ordinary = SessionStarted(
        session=session, nonce=NONCE, venue="venue", settle_ns=0, idempotent_client_ids=True, tasks=()
    )
    return replace(ordinary, **changes)


def running(
    *strategies: StrategySettings,
    cash: Number = 10000,
    positions: Iterable[ReportedPosition] = (),
    guards: GuardSettings | None = None,
    session: SessionStarted | None = None,
    **changes: Any,
) -> list[Observation]:
    """What a bot is told until it is ready: session, settings, account, and two instruments quoted at 99 and 49."""
    return [
        session or started(),
        ConfigurationLoaded(settings=settings(*strategies, guards=guards, **changes)),
        account_report(cash, positions),
        InstrumentUpdated(seq=0, instrument=instrument(BTC)),
        InstrumentUpdated(seq=0, instrument=instrument(ETH)),
        quote("99"),
        quote("49", ETH),
    ]


def quote(price: Number, symbol: str = BTC, spread: Number = 0, size: Number = 50, seq: int = 0) -> QuoteUpdated:
    """A quote around `price`."""
    middle, half = number(price), number(spread) / 2
    return QuoteUpdated(
        seq=seq,
        symbol=symbol,
        bid=middle - half,
        bid_size=number(size),
        ask=middle + half,
        ask_size=number(size),
        venue_at_ns=NOW_NS,
    )


def mark(price: Number, symbol: str = BTC) -> MarkUpdated:
    """A mark price."""
    return MarkUpdated(seq=0, symbol=symbol, mark=number(price), index=None, venue_at_ns=NOW_NS)


def candle(close: Number, symbol: str = BTC) -> CandleClosed:
    """A closed bar without any shadow."""
    price = number(close)
    return CandleClosed(0, symbol, NOW_NS, NOW_NS + 60 * SECOND_NS, price, price, price, price, Decimal(1))


def accepted(order: Order, **changes: Any) -> OrderAccepted:
    """The venue's echo of an order."""
    echo = OrderAccepted(
        seq=0,
        client_order_id=order.client_order_id,
        venue_order_id=f"venue-{order.intent}",
        symbol=order.symbol,
        side=order.side,
        order_type=order.order_type,
        size=order.size,
        limit_price=order.limit_price,
        venue_at_ns=NOW_NS,
    )
    return replace(echo, **changes)


def filled(order: Order, price: Number, size: Number | None = None, fee: Number = 0, **changes: Any) -> OrderFilled:
    """An execution of an order with an id of its own, of all that remains unless a size is given."""
    execution = OrderFilled(
        seq=0,
        fill_id=f"fill-{order.intent}-{order.filled_size:f}",
        client_order_id=order.client_order_id,
        venue_order_id=order.venue_order_id or f"venue-{order.intent}",
        symbol=order.symbol,
        side=order.side,
        price=number(price),
        size=remaining(order) if size is None else number(size),
        fee=number(fee),
        liquidity="taker",
        venue_at_ns=max(order.requested_at_ns, NOW_NS),
    )
    return replace(execution, **changes)


def external_fill(fill_id: str, side: str, size: Number, price: Number, **changes: Any) -> OrderFilled:
    """An execution of an order that the bot did not send."""
    execution = OrderFilled(
        seq=0,
        fill_id=fill_id,
        client_order_id="",
        venue_order_id="venue-external",
        symbol=BTC,
        side="buy" if side == "buy" else "sell",
        price=number(price),
        size=number(size),
        fee=Decimal(0),
        liquidity="taker",
        venue_at_ns=NOW_NS + 60 * SECOND_NS,
    )
    return replace(execution, **changes)


def as_reported(fill: OrderFilled) -> ReportedFill:
    """The same execution as a list of the venue has it."""
    return ReportedFill(**{name: getattr(fill, name) for name in ReportedFill.__struct_fields__})


def canceled(order: Order, reason: str = "canceled on request") -> OrderCanceled:
    """The end of an order."""
    return OrderCanceled(0, order.client_order_id, order.venue_order_id, order.filled_size, reason)


def rejected(order: Order, code: str = "INSUFFICIENT_FUND") -> OrderRejected:
    """A refusal by the venue."""
    return OrderRejected(0, order.client_order_id, code, "there is not enough of it")


def refused(order: Order, retryable: bool = True, retry_after_ns: int | None = None) -> OrderSubmissionFailed:
    """A request that did not reach the book."""
    return OrderSubmissionFailed(
        order.client_order_id, "RATE_LIMIT_EXCEEDED", "429", retryable=retryable, retry_after_ns=retry_after_ns
    )


def unanswered(order: Order) -> OrderOutcomeUnknown:
    """A request that may or may not have been acted upon."""
    return OrderOutcomeUnknown(order.client_order_id, "the request timed out")


def not_found(order: Order) -> OrderLookedUp:
    """The venue does not know the order."""
    return OrderLookedUp(order.client_order_id, False, "unknown", "", "", "buy", Decimal(0), Decimal(0), (), "")


def found(order: Order, status: str = "open", fills: Iterable[ReportedFill] = (), **changes: Any) -> OrderLookedUp:
    """The venue knows the order."""
    listed = tuple(fills)
    answer = OrderLookedUp(
        client_order_id=order.client_order_id,
        found=True,
        status="open",
        venue_order_id=f"venue-{order.intent}",
        symbol=order.symbol,
        side=order.side,
        size=order.size,
        filled_size=sum((fill.size for fill in listed), Decimal(0)),
        fills=listed,
        reason="",
    )
    return replace(answer, status=status, **changes)


_COMMANDS = count(1)


def command(
    word: Command,
    halt_id: int = 0,
    expires_at_ns: int | None = None,
    command_id: str = "",
    flatten: bool = False,
) -> OperatorCommandReceived:
    """An operator's command by anna, who is testing."""
    return OperatorCommandReceived(
        command_id or f"unnamed-{next(_COMMANDS)}",
        word,
        "anna",
        "a test",
        expires_at_ns,
        halt_id,
        flatten=flatten,
        inbox_version=0,
    )


def report(
    state: State,
    cash: Number | None = None,
    positions: Iterable[ReportedPosition] | None = None,
    orders: Iterable[ReportedOrder] | None = None,
    **changes: Any,
) -> AccountReported:
    """The venue's answer to the pending request: what the state says, but for what is given."""
    held = [
        ReportedPosition(symbol, position.size, position.cost / position.coins)
        for symbol, position in state.positions.items()
    ]
    listed = [_listed(order) for order in state.orders.values() if order.status in ("open", "partly_filled")]
    answer = account_report(
        state.account.cash if cash is None else cash,
        held if positions is None else positions,
        listed if orders is None else orders,
    )
    return replace(answer, request_id=state.reconciliation.pending, **changes)


def _listed(order: Order) -> ReportedOrder:
    return ReportedOrder(
        client_order_id="" if order.client_order_id.startswith("external:") else order.client_order_id,
        venue_order_id=order.venue_order_id,
        symbol=order.symbol,
        side=order.side,
        order_type=order.order_type,
        size=order.size,
        filled_size=order.filled_size,
        limit_price=order.limit_price,
        reduce_only=order.reduce_only,
    )
