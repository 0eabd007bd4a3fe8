"""Folds of the market: quotes, marks, trades, candles, funding rates, instruments, trading status.

A quote is the most frequent event by far, so its path touches nothing but the symbol's market, position and account.
"""

from bisect import bisect_left
from decimal import Decimal

from perptape.core.alarms import price_alarmed
from perptape.core.durations import SECOND_NS
from perptape.core.errors import StrategyRaisedError
from perptape.core.events import (
    CandleClosed,
    FundingRateUpdated,
    InstrumentUpdated,
    MarkUpdated,
    QuoteUpdated,
    TradePrinted,
    TradingStatusChanged,
)
from perptape.core.evolve.equity import raise_peak, shift_equity
from perptape.core.evolve.register import fold
from perptape.core.market import Market, Sleeve
from perptape.core.money import HALF, ONE
from perptape.core.position import Position
from perptape.core.state import State


def market_of(state: State, symbol: str) -> Market:
    """The symbol's market; one that no settings name is followed from its first message on, but not traded."""
    market = state.markets.get(symbol)
    if market is None:
        market = state.markets[symbol] = Market(symbol=symbol, followed=False)
    return market


def watch_quote(state: State, quote: QuoteUpdated) -> bool:
    """Fold a quote and say whether it may call for decisions, which most quotes do not.

    It may when a strategy is to be asked, or when there is an alarm.
    """
    return take_quote(state, quote) or price_alarmed(state, state.markets[quote.symbol])


def take_quote(state: State, quote: QuoteUpdated) -> bool:
    """Fold a quote, and say whether a strategy is to be asked about it."""
    try:
        market = state.markets[quote.symbol]
    except KeyError:
        market = market_of(state, quote.symbol)
    state.feed_seq = quote.seq
    market.bid = bid = quote.bid
    market.bid_size = quote.bid_size
    market.ask = ask = quote.ask
    market.ask_size = quote.ask_size
    at_ns = state.at_ns
    market.heard_at_ns = at_ns
    before = price = market.price
    if at_ns >= market.mark_fresh_until_ns:  # what `take_price` does, with one loop for stops and strategies
        price = (bid + ask) * HALF
        if price != before:
            _revalue(state, market, price)
        if at_ns >= market.window.next_ns:
            _keep(state, market, price)
    asking = False
    for sleeve in market.sleeves:
        if sleeve.best_price is not None and price != before:
            trail(sleeve, price)
        if sleeve.trigger == "quote" and not sleeve.stopped:
            try:
                sleeve.memory = memory = sleeve.logic.update(sleeve.memory, market)
                if not sleeve.silent_without_signal or memory.signal:
                    asking = True
            except Exception as error:  # whatever a strategy raises stops that strategy and nothing else
                raise StrategyRaisedError(sleeve.strategy, market.symbol, error) from error
    return asking


def _mark(state: State, event: MarkUpdated) -> None:
    market = market_of(state, event.symbol)
    state.feed_seq = event.seq
    market.mark = event.mark
    market.mark_fresh_until_ns = state.at_ns + state.settings.guards.staleness_s * SECOND_NS
    take_price(state, market, event.mark)


def take_price(state: State, market: Market, price: Decimal) -> None:
    """Value everything that depends on the symbol's price: position, equity, trailing stops, window."""
    at_ns = state.at_ns
    market.heard_at_ns = at_ns
    if price != market.price:
        _revalue(state, market, price)
        for sleeve in market.sleeves:
            trail(sleeve, price)
    if at_ns >= market.window.next_ns:
        _keep(state, market, price)


def _revalue(state: State, market: Market, price: Decimal) -> None:
    """The price moved, which most quotes do not say: they change sizes."""
    position = state.positions.get(market.symbol)
    if position is not None and not market.price:
        _value_first(state, position, price)
    elif position is not None:
        unrealised = position.coins * price - position.cost
        account = state.account
        account.equity = equity = account.equity + (unrealised - position.unrealised)
        position.unrealised = unrealised
        if equity > account.peak_equity:
            raise_peak(state)
    market.price = price


def _value_first(state: State, position: Position, price: Decimal) -> None:
    """A position that was there before any price: what it had gained or lost by then is no result of this day."""
    change = position.coins * price - position.cost - position.unrealised
    position.unrealised += change
    shift_equity(state, change)


def trail(sleeve: Sleeve, price: Decimal) -> None:
    """Move the sleeve's trailing stop behind the price when it is better than the best one so far."""
    best, fraction = sleeve.best_price, sleeve.stop_fraction
    if best is not None and fraction is not None and (price > best if sleeve.position.size > 0 else price < best):
        place_stop(sleeve, price, fraction)


def place_stop(sleeve: Sleeve, best: Decimal, fraction: Decimal) -> None:
    """Put the trailing stop behind the best price: best * (1 - fraction) if long, best * (1 + fraction) if short."""
    sleeve.best_price = best
    sleeve.stop_price = best * (ONE - fraction if sleeve.position.size > 0 else ONE + fraction)


def _keep(state: State, market: Market, price: Decimal) -> None:
    """Keep the price in the window and move the volatility band to its new reference."""
    settings = state.settings
    at_ns = state.at_ns
    window = market.window
    times, prices = window.times, window.prices
    times.append(at_ns)
    prices.append(price)
    window.next_ns = at_ns + settings.windows.sample_s * SECOND_NS
    excess = len(times) - settings.windows.length
    if excess > 0:
        del times[:excess]
        del prices[:excess]
    breaker = settings.guards.volatility
    if breaker is None:
        market.band_high = None
        return
    reference = prices[bisect_left(times, at_ns - breaker.window_s * SECOND_NS)]
    reach = reference * breaker.move
    market.band_low = reference - reach
    market.band_high = reference + reach


def remember(market: Market, trigger: str) -> None:
    """Let every strategy of the symbol with this trigger remember; a stopped one no longer does."""
    for sleeve in market.sleeves:
        if sleeve.trigger == trigger and not sleeve.stopped:
            try:
                sleeve.memory = sleeve.logic.update(sleeve.memory, market)
            except Exception as error:  # whatever a strategy raises stops that strategy and nothing else
                raise StrategyRaisedError(sleeve.strategy, market.symbol, error) from error


def _trade(state: State, trade: TradePrinted) -> None:
    state.feed_seq = trade.seq
    market = market_of(state, trade.symbol)
    if not market.bid:
        take_price(state, market, trade.price)
    else:
        market.heard_at_ns = state.at_ns


def _candle(state: State, candle: CandleClosed) -> None:
    market = market_of(state, candle.symbol)
    state.feed_seq = candle.seq
    market.candle = candle
    remember(market, "candle")


def _funding_rate(state: State, event: FundingRateUpdated) -> None:
    state.feed_seq = event.seq
    market_of(state, event.symbol).funding_rate = event.rate


def _instrument(state: State, event: InstrumentUpdated) -> None:
    state.feed_seq = event.seq
    market_of(state, event.instrument.symbol).instrument = event.instrument


def _status(state: State, event: TradingStatusChanged) -> None:
    state.feed_seq = event.seq
    market_of(state, event.symbol).status = event.status


PRICE_FOLDS = (
    fold(QuoteUpdated, take_quote),
    fold(MarkUpdated, _mark),
    fold(TradePrinted, _trade),
    fold(CandleClosed, _candle),
    fold(FundingRateUpdated, _funding_rate),
    fold(InstrumentUpdated, _instrument),
    fold(TradingStatusChanged, _status),
)
