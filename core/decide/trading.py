"""Trading: strategies are asked, their signals become one outcome per symbol, and that becomes an order."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import get_args

from msgspec import Struct

from perptape.core.access import is_permitted
from perptape.core.aggregation import Bid, aggregate
from perptape.core.decide.placing import close_sleeve, place
from perptape.core.errors import StrategyLoadError, StrategyRaisedError
from perptape.core.events import Action, Decision, SignalGenerated, SignalsAggregated
from perptape.core.evolve.fills import find_sleeve
from perptape.core.evolve.safety import PAUSE
from perptape.core.exposure import strategy_working
from perptape.core.instruments import Instrument
from perptape.core.market import Market, Sleeve
from perptape.core.money import ONE, ZERO, trimmed
from perptape.core.sizing import position_notional, position_size
from perptape.core.state import State
from perptape.core.strategies.base import Signal, View

ACTIONS: frozenset[str] = frozenset(get_args(Action))


class Wish(Struct, frozen=True, gc=False):
    """A signal and the sleeve it comes from."""

    sleeve: Sleeve
    signal: Signal


def ask(market: Market, trigger: str, at_ns: int) -> Sequence[Wish]:
    """What the strategies with this trigger want in the symbol; usually nothing."""
    wishes: Sequence[Wish] = ()
    for sleeve in market.sleeves:
        if sleeve.trigger == trigger and not sleeve.stopped:
            try:
                if not sleeve.silent_without_signal or sleeve.memory.signal:
                    view = View(market, sleeve.position, at_ns, sleeve.refusal)
                    if signals := sleeve.logic.signals(sleeve.memory, view):
                        wishes = [*wishes, *wished(sleeve, signals)]
            except StrategyLoadError:
                raise
            except Exception as error:  # whatever a strategy raises stops that strategy and nothing else
                raise StrategyRaisedError(sleeve.strategy, market.symbol, error) from error
    return wishes


def wished(sleeve: Sleeve, signals: Iterable[Signal]) -> list[Wish]:
    """The signals as wishes. Raises ValueError for what no signal may say, since it is a user's code that says it."""
    wishes = []
    for signal in signals:
        if signal.action not in ACTIONS or not ZERO <= signal.confidence <= ONE:
            raise ValueError(f"{signal.action!r} with confidence {signal.confidence} is no signal")
        wishes.append(Wish(sleeve, signal))
    return wishes


def pursue(state: State, market: Market, wishes: Sequence[Wish]) -> Iterator[Decision]:
    """Record every signal and act: each close in its own sleeve, the entries as one outcome in the leading winner's.

    A close only takes a strategy's own risk away, so it competes with nobody.
    """
    for wish in wishes:
        signal = wish.signal
        yield SignalGenerated(
            strategy=wish.sleeve.strategy,
            symbol=market.symbol,
            action=signal.action,
            confidence=trimmed(signal.confidence),
            price=trimmed(market.price),
            reason=signal.reason,
        )
    if not wishes or state.mode == "halted" or PAUSE in state.restricted:
        return
    entries = []
    for wish in wishes:
        if wish.signal.action == "close":
            yield from close_sleeve(state, market, wish.sleeve, "exit")
            elsewhere = stand_in(state, market, wish.sleeve.strategy)
            if elsewhere is not None:
                yield from close_sleeve(state, *elsewhere, "exit")
        else:
            entries.append(wish)
    settings = state.settings.aggregation
    if len(entries) == 1:
        wish = entries[0]
        if wish.signal.confidence >= settings.threshold:
            yield from act(state, market, wish.sleeve, wish.signal.action)
        return
    if not entries:
        return
    outcome = aggregate(settings.method, [_bid(wish) for wish in entries], settings.threshold)
    yield SignalsAggregated(
        symbol=market.symbol,
        method=settings.method,
        action=outcome.action,
        confidence=trimmed(outcome.confidence),
        winners=outcome.winners,
        losers=outcome.losers,
    )
    if outcome.action is not None:
        leader = next(wish.sleeve for wish in entries if wish.sleeve.strategy == outcome.winners[0])
        yield from act(state, market, leader, outcome.action)


def _bid(wish: Wish) -> Bid:
    settings = wish.sleeve.settings
    return Bid(
        strategy=wish.sleeve.strategy,
        action=wish.signal.action,
        confidence=wish.signal.confidence,
        priority=settings.priority,
        weight=settings.weight,
    )


def act(state: State, market: Market, sleeve: Sleeve, action: Action) -> Iterable[Decision]:
    """Move the sleeve to long, or short, or flat where it may not be short. One that is there already is left alone."""
    if state.tripped and not is_permitted(state, market.symbol):
        elsewhere = stand_in(state, market, sleeve.strategy)
        if elsewhere is not None:
            return act_elsewhere(state, *elsewhere, action)
    return _move(state, market, sleeve, action)


def _move(state: State, market: Market, sleeve: Sleeve, action: Action) -> Iterable[Decision]:
    held = sleeve.position.size
    instrument = market.instrument
    if action == "sell" and not sleeve.settings.short_allowed:
        return close_sleeve(state, market, sleeve, "exit") if held > 0 else ()
    coming = strategy_working(state, market.symbol, sleeve.strategy)
    reached = held + coming
    if (reached > ZERO if action == "buy" else reached < ZERO) or instrument is None or not market.price:
        return ()
    if state.mode == "reduce_only" and held:
        return close_sleeve(state, market, sleeve, "exit")
    target = _size(state, market, instrument, sleeve)
    if not target:
        return ()
    return place(state, market, sleeve.strategy, (target if action == "buy" else -target) - held - coming, "entry")


def stand_in(state: State, market: Market, strategy: str) -> tuple[Market, Sleeve] | None:
    """The spot market that stands in for a future, and the strategy's sleeve in it; None where there is none."""
    spot = state.markets.get(state.settings.orders.spot_fallback.get(market.symbol, ""))
    if spot is None:
        return None
    sleeve = find_sleeve(spot, strategy)
    return None if sleeve is None or sleeve.stopped else (spot, sleeve)


def act_elsewhere(state: State, spot: Market, sleeve: Sleeve, action: Action) -> Iterable[Decision]:
    """Do in the spot market what a strategy wants in the future that it stands in for: long, or flat."""
    return _move(state, spot, sleeve, "buy") if action == "buy" else close_sleeve(state, spot, sleeve, "exit")


def _size(state: State, market: Market, instrument: Instrument, sleeve: Sleeve) -> Decimal:
    """Contracts that the sleeve's capital and the sizing settings ask for; positive or zero."""
    wanted = position_notional(
        state.settings.sizing,
        state.account.equity,
        sleeve.settings.capital_share,
        state.settings.guards.leverage_max,
        market.window.prices,
    )
    return position_size(instrument, wanted, market.price)
