"""Links of an order's chain, as a person reads them: quote, signal, order, report."""

from typing import Any

from perptape.core.events import (
    CancelRejected,
    CancelRequested,
    CandleClosed,
    ExternalOrderAdopted,
    OperatorCommandReceived,
    OrderAbandoned,
    OrderAccepted,
    OrderBlocked,
    OrderCanceled,
    OrderFilled,
    OrderLookedUp,
    OrderLookupRequested,
    OrderOutcomeUnknown,
    OrderRejected,
    OrderRequested,
    OrderResubmitted,
    OrderSubmissionFailed,
    QuoteUpdated,
    ReportedFill,
    SignalGenerated,
    SignalsAggregated,
    TimerFired,
)
from perptape.core.money import plain, trimmed
from perptape.core.wording import sentence, spoken, why
from perptape.replays.report.summary import Step

TEXT_MAX = 160
"""Longer texts of venues and strategies are cut: the recording has them whole."""


def step(version: int, at_ns: int, event: Any) -> Step:
    """The link that this event makes."""
    return Step(version, at_ns, type(event).__name__, shortened(describe(event)))


def shortened(text: str) -> str:
    """The text, or its beginning."""
    return text if len(text) <= TEXT_MAX else f"{text[: TEXT_MAX - 1]}…"


def describe(event: Any) -> str:
    """What of an event matters in a chain; nothing for those whose name says all."""
    match event:
        case QuoteUpdated():
            return f"{event.symbol} bid {plain(event.bid)}, ask {plain(event.ask)}"
        case CandleClosed():
            return f"{event.symbol} closed at {plain(event.close)}"
        case TimerFired():
            return event.timer_id
        case OperatorCommandReceived():
            return f"{event.command} by {event.actor}: {event.reason}"
        case SignalGenerated():
            return f"{event.strategy}: {event.action}, {event.reason}"
        case SignalsAggregated():
            return f"{event.action or 'nothing'} by {event.method}: {', '.join(event.winners)}"
        case OrderFilled() | ReportedFill():
            return f"{plain(event.size)} at {plain(event.price)}, fee {plain(trimmed(event.fee))}, {event.liquidity}"
        case _:
            return _describe_order(event)


def _describe_order(event: Any) -> str:
    match event:
        case OrderRequested():
            price = "" if event.limit_price is None else f" at {plain(event.limit_price)}"
            return f"{event.side} {plain(event.size)} {event.order_type}{price}, {event.purpose}"
        case OrderBlocked():
            return f"{event.side} {plain(event.size)}, by guard {spoken(event.guard)}: {why(event)}"
        case OrderAccepted():
            return f"venue order id {event.venue_order_id}"
        case OrderResubmitted():
            return f"attempt {event.attempt}: {sentence(event.reason)}"
        case OrderRejected() | OrderSubmissionFailed() | CancelRejected():
            return f"{event.code}: {event.reason}"
        case OrderLookedUp():
            return f"found {event.status}" if event.found else "not found"
        case OrderLookupRequested():
            return f"attempt {event.attempt}"
        case ExternalOrderAdopted():
            return f"{event.side} {plain(event.size)}, not sent by this bot"
        case OrderAbandoned() | CancelRequested():
            return sentence(event.reason)
        case OrderCanceled() | OrderOutcomeUnknown():
            return event.reason
        case _:
            return getattr(event, "symbol", "")
