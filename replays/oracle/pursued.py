"""Holding what becomes of signals and trailing stops against what has to become of them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from perptape.core.access import PERMISSION
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    CandleClosed,
    MarkUpdated,
    OrderBlocked,
    OrderRequested,
    QuoteUpdated,
    SignalGenerated,
    SignalsAggregated,
    TimerFired,
    TradePrinted,
)
from perptape.core.order import WORKING
from perptape.core.settings import StrategySettings
from perptape.replays.evidence.expectation import Expectation
from perptape.replays.evidence.run import Run
from perptape.replays.oracle.orders import Kept
from perptape.replays.oracle.parts import Part
from perptape.replays.oracle.sized import target_size
from perptape.replays.oracle.turns import Turn, hold_each

PRICES = (QuoteUpdated, MarkUpdated, TradePrinted)
_TRIGGERS: dict[type[Any], str] = {QuoteUpdated: "quote", CandleClosed: "candle"}


class Due(NamedTuple):
    """An order that a turn has to request, or block."""

    strategy: str
    symbol: str
    side: str


def signals_are_pursued(phrase: str) -> Expectation:
    """Each signal and each stop that is hit leads to the order that it has to lead to, and nothing else does."""

    def check(run: Run) -> None:
        plans = _Plans()
        hold_each(run, lambda turn: _pursued(turn, plans))

    return Expectation(phrase, "each signal and each stop leads to its order and nothing else does", check)


def _pursued(turn: Turn, plans: "_Plans") -> Iterator[str]:
    yield from plans.wrong(turn)
    event = turn.event
    if not isinstance(event, (*PRICES, CandleClosed, TimerFired)):
        return
    expected = Counter(_due(turn))
    placed = [order for order in turn.decided(OrderRequested) if order.strategy] + turn.decided(OrderBlocked)
    found = Counter(Due(order.strategy, order.symbol, order.side) for order in placed if order.strategy)
    if expected != found:
        yield f"orders {sorted(found.elements())}, and there have to be {sorted(expected.elements())}"
    for signal in turn.decided(SignalGenerated):
        if signal.price != turn.books.markets.of(signal.symbol).price or not signal.reason:
            yield f"{signal.strategy} is said to have looked at {signal.price:f}"


def _due(turn: Turn) -> Iterator[Due]:
    """The orders of a turn: stops first, then closes, then the one outcome of the entries, symbol by symbol."""
    kept = turn.books.conditions
    if kept.mode == "halted":
        return
    left: set[tuple[str, str]] = set()
    if isinstance(turn.event, PRICES):
        symbol = turn.event.symbol
        price = turn.books.markets.of(symbol).price
        for part in turn.books.parts.by_symbol.get(symbol, ()):
            if part.stop is not None and (price - part.stop) * (1 if part.held.size > 0 else -1) <= 0:
                yield from _exit(turn, symbol, part.strategy, left)
    if "pause" in kept.restricted:
        return
    signals = turn.decided(SignalGenerated)
    for symbol in dict.fromkeys(signal.symbol for signal in signals):
        mine = [signal for signal in signals if signal.symbol == symbol]
        for signal in mine:
            if signal.action == "close":
                yield from _exit(turn, symbol, signal.strategy, left)
                if _stands_in(turn, symbol, signal.strategy):
                    spot = turn.books.settings.orders.spot_fallback[symbol]
                    yield from _exit(turn, spot, signal.strategy, left)
        yield from _entry(turn, symbol, [signal for signal in mine if signal.action != "close"], left)


def _working(turn: Turn, strategy: str, symbol: str) -> list[Kept]:
    """The strategy's working orders, without those of this turn."""
    fresh = {order.client_order_id for order in turn.decided(OrderRequested)}
    return [
        order
        for key, order in turn.books.orders.by_id.items()
        if order.status in WORKING and key not in fresh
        if (order.strategy, order.asked.symbol) == (strategy, symbol)
    ]


def _exit(turn: Turn, symbol: str, strategy: str, left: set[tuple[str, str]]) -> Iterator[Due]:
    part = turn.books.parts.of(symbol, strategy)
    instrument = turn.books.markets.of(symbol).instrument
    if part is None or instrument is None or abs(part.held.size) < instrument.size_increment:
        return
    leaving = any(order.purpose != "entry" and order.remaining for order in _working(turn, strategy, symbol))
    if not leaving and (strategy, symbol) not in left:
        if turn.decided(OrderRequested, strategy=strategy, symbol=symbol):
            left.add((strategy, symbol))
        yield Due(strategy, symbol, "sell" if part.held.size > 0 else "buy")


def _entry(turn: Turn, symbol: str, signals: Sequence[SignalGenerated], left: set[tuple[str, str]]) -> Iterator[Due]:
    aggregated = turn.decided(SignalsAggregated, symbol=symbol)
    settings = turn.books.settings.aggregation
    if len(signals) == 1 and not aggregated:
        if signals[0].confidence >= settings.threshold:
            yield from _act(turn, symbol, signals[0].strategy, signals[0].action, left)
    elif signals:
        winner, action = _outcome(turn, signals)
        if len(aggregated) != 1 or aggregated[0].action != action or (action and aggregated[0].winners[0] != winner):
            yield Due("the outcome of several signals", symbol, f"{action} by {winner}")
        elif action:
            yield from _act(turn, symbol, winner, action, left)


def _outcome(turn: Turn, signals: Sequence[SignalGenerated]) -> tuple[str, str | None]:
    """What several signals come to, and the strategy that leads it."""
    aggregation = turn.books.settings.aggregation
    of = {strategy.name: strategy for strategy in turn.books.settings.strategies}

    def strength(signal: SignalGenerated) -> tuple[Decimal, ...]:
        match aggregation.method:
            case "priority":
                return Decimal(of[signal.strategy].priority), signal.confidence
            case "majority":
                return (signal.confidence,)
            case _:
                return (of[signal.strategy].weight * signal.confidence,)

    def score(action: str) -> tuple[Decimal, ...]:
        votes = [signal for signal in signals if signal.action == action]
        if aggregation.method == "priority":
            return max((strength(vote) for vote in votes), default=(Decimal(-1_000_000), Decimal(0)))
        if aggregation.method == "majority":
            return (Decimal(len(votes)),)
        return (sum((strength(vote)[0] for vote in votes), Decimal(0)),)

    buy, sell = score("buy"), score("sell")
    if buy == sell:
        return "", None
    action = "buy" if buy > sell else "sell"
    votes = [signal for signal in signals if signal.action == action]
    match aggregation.method:
        case "priority":
            confidence = max(buy, sell)[1]
        case "majority":
            confidence = sum((vote.confidence for vote in votes), Decimal(0)) / len(votes)
        case _:
            confidence = abs(buy[0] - sell[0])
    if min(confidence, Decimal(1)) < aggregation.threshold:
        return "", None
    leader = min(votes, key=lambda vote: (tuple(-each for each in strength(vote)), vote.strategy))
    return leader.strategy, action


def _act(turn: Turn, symbol: str, strategy: str, action: str, left: set[tuple[str, str]]) -> Iterator[Due]:
    books = turn.books
    part, heard = books.parts.of(symbol, strategy), books.markets.of(symbol)
    if f"{PERMISSION}:{symbol}" in books.conditions.tripped:
        spot = books.settings.orders.spot_fallback.get(symbol, "")
        if _stands_in(turn, symbol, strategy):
            yield from (
                _act(turn, spot, strategy, action, left) if action == "buy" else _exit(turn, spot, strategy, left)
            )
            return
    settings = next(one for one in books.settings.strategies if one.name == strategy)
    held = Decimal(0) if part is None else part.held.size
    if action == "sell" and not settings.short_allowed:
        if held > 0:
            yield from _exit(turn, symbol, strategy, left)
        return
    sign = 1 if action == "buy" else -1
    placed = turn.decided(OrderRequested, strategy=strategy, symbol=symbol)
    leaving = [order for order in placed if order.purpose != "entry"]
    coming = [(order.asked.side, order.remaining) for order in _working(turn, strategy, symbol)]
    coming += [(order.side, order.size) for order in leaving]
    there = held + sum((size if side == "buy" else -size for side, size in coming), Decimal(0))
    if there * sign > 0 or heard.instrument is None or not heard.price:
        return
    if books.conditions.mode == "reduce_only" and held:
        yield from _exit(turn, symbol, strategy, left)
    elif target_size(books, strategy, symbol):
        yield Due(strategy, symbol, action)


def _stands_in(turn: Turn, symbol: str, strategy: str) -> bool:
    """Whether the settings name a spot market for the future in which the strategy has a part."""
    spot = turn.books.settings.orders.spot_fallback.get(symbol, "")
    instead = turn.books.parts.of(spot, strategy) if spot else None
    return instead is not None and not instead.stopped


class _Plans:
    """What scripted strategies have to say: each line once, at the first trigger at or after its time."""

    def __init__(self) -> None:
        self.heard: dict[tuple[str, str], int] = {}
        self.plans: dict[tuple[str, str], Any] = {}

    def wrong(self, turn: Turn) -> Iterator[str]:
        """Lines that are due and were not said, or were said and not due."""
        event = turn.event
        is_cycle = isinstance(event, TimerFired) and event.timer_id == "cycle"
        trigger = "cycle" if is_cycle else _TRIGGERS.get(type(event), "")
        if not trigger:
            return
        symbols = list(turn.books.parts.by_symbol) if trigger == "cycle" else [turn.event.symbol]
        for symbol in symbols:
            heard = turn.books.markets.of(symbol)
            if trigger == "cycle" and (not heard.price or not heard.followed):
                continue
            for part in turn.books.parts.by_symbol.get(symbol, ()):
                yield from self._said(turn, symbol, part, trigger)

    def _said(self, turn: Turn, symbol: str, part: Part, trigger: str) -> Iterator[str]:
        settings = next((one for one in turn.books.settings.strategies if one.name == part.strategy), None)
        if settings is None or settings.kind != "scripted":
            return
        said = [
            (signal.action, signal.confidence)
            for signal in turn.decided(SignalGenerated, symbol=symbol, strategy=part.strategy)
        ]
        if part.stopped or part.trigger != trigger:
            if said:
                yield f"{part.strategy} says {said}, and is not to be asked"
            return
        key = symbol, part.strategy
        if self.plans.get(key) != (settings.parameters, settings.trigger):
            self.plans[key] = settings.parameters, settings.trigger
            self.heard.pop(key, None)
        before, now = self.heard.get(key, 0), turn.books.markets.of(symbol).heard_at_ns
        self.heard[key] = now
        due = list(_due_lines(settings, symbol, before, now))
        if said != due:
            yield f"{part.strategy} says {said}, and has to say {due}"


def _due_lines(settings: StrategySettings, symbol: str, before: int, now: int) -> Iterator[tuple[str, Decimal]]:
    start_ns = int(settings.parameters["start_ns"])
    for line in str(settings.parameters["plan"]).split(";"):
        words = line.split()
        if not words or words[0] != symbol or words[2] == "raise":
            continue
        first, _, last = words[1].partition("..")
        from_ns = start_ns + int(Decimal(first) * SECOND_NS)
        until_ns = start_ns + int(Decimal(last or first) * SECOND_NS)
        due = from_ns <= now < until_ns if until_ns > from_ns else before < from_ns <= now
        if due:
            yield words[2], Decimal(words[3]) if len(words) > 3 else Decimal(1)
