"""Answers to the market. Most quotes need none, as `perptape.core.evolve.watch_quote` finds out."""

from collections.abc import Iterable, Iterator, Sequence

from perptape.core.alarms import price_alarmed, stop_hit
from perptape.core.decide.modes import cancel
from perptape.core.decide.placing import close_sleeve
from perptape.core.decide.register import answer
from perptape.core.decide.trading import Wish, ask, pursue
from perptape.core.decide.watch import watch
from perptape.core.events import (
    CandleClosed,
    Decision,
    FundingRateUpdated,
    MarkUpdated,
    QuoteUpdated,
    TradePrinted,
    TradingStatusChanged,
)
from perptape.core.events.reason import Reason
from perptape.core.market import Market
from perptape.core.state import State, working_orders


def _quoted(state: State, event: QuoteUpdated) -> Iterable[Decision]:
    """A quote is a price, and lets the strategies speak."""
    market = state.markets[event.symbol]
    wishes = ask(market, "quote", state.at_ns)
    if price_alarmed(state, market):
        return _react(state, market, wishes)
    return pursue(state, market, wishes) if wishes else ()


def _priced(state: State, event: MarkUpdated | TradePrinted) -> Iterable[Decision]:
    """A price is held against every limit that a price can pass."""
    market = state.markets[event.symbol]
    return _react(state, market, ()) if price_alarmed(state, market) else ()


def _react(state: State, market: Market, wishes: Sequence[Wish]) -> Iterator[Decision]:
    """Protection first, then exits, then what the strategies want."""
    yield from watch(state, market)
    if state.mode != "halted":
        for sleeve in market.sleeves:
            if stop_hit(sleeve, market.price):
                yield from close_sleeve(state, market, sleeve, "trailing_stop")
    yield from pursue(state, market, wishes)


def _candle(state: State, event: CandleClosed) -> Iterable[Decision]:
    market = state.markets[event.symbol]
    wishes = ask(market, "candle", state.at_ns)
    return pursue(state, market, wishes) if wishes else ()


def _quiet(_state: State, _event: FundingRateUpdated) -> Iterable[Decision]:
    """The rate is looked at on the strategies' own triggers."""
    return ()


def _status(state: State, event: TradingStatusChanged) -> Iterator[Decision]:
    """Orders in a symbol that no longer trades are taken back, unless the settings keep them."""
    if event.status in ("halted", "closed") and state.settings.orders.on_trading_halt == "cancel":
        names = {"symbol": event.symbol, "status": event.status}
        reason = Reason("symbol_not_trading", names=names, text=event.reason)
        yield from cancel(state, working_orders(state, event.symbol), reason)


PRICE_DECISIONS = (
    answer(QuoteUpdated, _quoted),
    answer(MarkUpdated, _priced),
    answer(TradePrinted, _priced),
    answer(CandleClosed, _candle),
    answer(FundingRateUpdated, _quiet),
    answer(TradingStatusChanged, _status),
)
