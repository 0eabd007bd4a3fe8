"""Answers to the market. Most quotes need none, and finding that out is the hot path: it builds nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from core.decide.modes import cancel
from core.decide.placing import close_sleeve
from core.decide.trading import Wish, ask, pursue, wished
from core.decide.watch import watch
from core.errors import StrategyRaisedError
from core.events import (
    CandleClosed,
    Decision,
    FundingRateUpdated,
    MarkUpdated,
    QuoteUpdated,
    TradePrinted,
    TradingStatusChanged,
)
from core.market import Market, Sleeve
from core.state import State, working_orders
from core.strategies.base import View


def _priced(state: State, event: QuoteUpdated | MarkUpdated | TradePrinted) -> Iterable[Decision]:
    """A price: it is held against every limit that a price can pass, and a quote lets the strategies speak."""
    market = state.markets[event.symbol]
    price = market.price
    account, band_high = state.account, market.band_high
    alarmed = (
        state.tripped
        or ((floor := account.floor) is not None and account.equity <= floor)
        or (band_high is not None and not market.band_low <= price <= band_high)
    )
    trigger = "quote" if type(event) is QuoteUpdated else None
    wishes: Sequence[Wish] = ()
    for sleeve in market.sleeves:
        if sleeve.trigger == trigger and not sleeve.stopped:  # as `ask` does, without a call
            try:
                view = View(market, sleeve.position, state.at_ns, sleeve.refusal)
                if signals := sleeve.logic.signals(sleeve.memory, view):
                    wishes = [*wishes, *wished(sleeve, signals)]
            except Exception as error:  # whatever a strategy raises stops that strategy and nothing else
                raise StrategyRaisedError(sleeve.strategy, market.symbol, error) from error
        if sleeve.stop_price is not None and stop_hit(sleeve, price):
            alarmed = True
    if alarmed:
        return _react(state, market, wishes)
    return pursue(state, market, wishes) if wishes else ()


def stop_hit(sleeve: Sleeve, price: Decimal) -> bool:
    """Whether the price has reached the sleeve's trailing stop."""
    if sleeve.stop_price is None:
        return False
    return price <= sleeve.stop_price if sleeve.position.size > 0 else price >= sleeve.stop_price


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
        reason = f"{event.symbol} is {event.status}: {event.reason}"
        yield from cancel(state, working_orders(state, event.symbol), reason)


PRICE_DECISIONS: dict[type[Any], Callable[[State, Any], Iterable[Decision]]] = {
    QuoteUpdated: _priced,
    MarkUpdated: _priced,
    TradePrinted: _priced,
    CandleClosed: _candle,
    FundingRateUpdated: _quiet,
    TradingStatusChanged: _status,
}
