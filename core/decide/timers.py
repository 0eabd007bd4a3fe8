"""Answers to timers: the cycle, staleness, cooldowns, reconciliation, and the waits of orders."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from perptape.core.decide.accounts import request_reconciliation
from perptape.core.decide.connection import RECONNECT, on_reconnect_timer
from perptape.core.decide.modes import cancel_increasing, clear, trip
from perptape.core.decide.order_reports import CANCEL, LOOKUP, RETRY, on_order_timer
from perptape.core.decide.register import answer
from perptape.core.decide.trading import ask, pursue
from perptape.core.decide.watch import CALM, ERRORS, is_half_open, watch_account
from perptape.core.durations import SECOND_NS
from perptape.core.events import Decision, TimerFired, TimerSet
from perptape.core.money import trimmed
from perptape.core.state import State
from perptape.core.waiting import CYCLE, RECONCILE, STALE, stale_due_ns


def _fired(state: State, event: TimerFired) -> Iterable[Decision]:
    timer_id = event.timer_id
    if timer_id == CYCLE:
        return _cycle(state)
    if timer_id.startswith(STALE):
        return _stale(state, timer_id.removeprefix(STALE))
    if timer_id == RECONCILE:
        return request_reconciliation(state, "its time has come")
    if timer_id.startswith(CALM):
        return _calm(state, timer_id.removeprefix(CALM))
    if timer_id == ERRORS:
        return _probe(state)
    if timer_id.startswith(RECONNECT):
        return on_reconnect_timer(state, timer_id)
    if timer_id.startswith((RETRY, LOOKUP, CANCEL)):
        return on_order_timer(state, timer_id)
    return ()


def _cycle(state: State) -> Iterator[Decision]:
    if state.cycled_at_ns != state.at_ns:
        return
    yield from watch_account(state)
    for market in list(state.markets.values()):
        if market.followed and market.price:
            yield from pursue(state, market, ask(market, "cycle", state.at_ns))


def _stale(state: State, symbol: str) -> Iterator[Decision]:
    """No price for too long: entries stop, resting ones are taken back; fresh prices clear it."""
    market = state.markets.get(symbol)
    if market is None or stale_due_ns(state, market) > state.at_ns:
        return
    limit_s = Decimal(state.settings.guards.staleness_s)
    age_s = trimmed(Decimal(state.at_ns - market.heard_at_ns) / SECOND_NS)
    reason = f"no price of {symbol} for {age_s:f} s, limit {limit_s:f} s"
    yield from trip(state, "staleness", symbol, measured=age_s, limit=limit_s, mode="normal", reason=reason)
    yield from cancel_increasing(state, reason, symbol)


def _probe(state: State) -> Iterator[Decision]:
    """The breaker's cooldown is over: one harmless question decides whether it closes."""
    if is_half_open(state):
        yield from request_reconciliation(state, "circuit breaker half open: probing")


def _calm(state: State, symbol: str) -> Iterator[Decision]:
    """The volatility cooldown is over: clear, unless the price is still outside its band."""
    market = state.markets.get(symbol)
    if market is None:
        return
    breaker = state.settings.guards.volatility
    outside = market.band_high is not None and not market.band_low <= market.price <= market.band_high
    if breaker is not None and outside:
        due_at_ns = state.at_ns + breaker.cooldown_s * SECOND_NS
        yield TimerSet(timer_id=CALM + symbol, due_at_ns=due_at_ns, reason="still moving")
    else:
        yield from clear(state, "volatility", symbol, "the price has calmed down")


TIMER_DECISIONS = (answer(TimerFired, _fired),)
