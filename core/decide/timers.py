"""Answers to timers: the cycle, staleness, cooldowns, reconciliation, and the waits of orders."""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import assert_never

from perptape.core.decide.accounts import request_reconciliation
from perptape.core.decide.connection import on_reconnect_timer
from perptape.core.decide.modes import cancel_increasing, clear, trip
from perptape.core.decide.order_reports import on_order_timer
from perptape.core.decide.register import answer
from perptape.core.decide.trading import ask, pursue
from perptape.core.decide.watch import is_half_open, watch_account
from perptape.core.durations import SECOND_NS
from perptape.core.events import Decision, TimerFired, TimerSet
from perptape.core.events.reason import Reason
from perptape.core.money import trimmed
from perptape.core.state import State
from perptape.core.timer_id import parse_timer, timer_id
from perptape.core.waiting import stale_due_ns


def _fired(state: State, event: TimerFired) -> Iterable[Decision]:
    timer = parse_timer(event.timer_id)
    if timer is None:
        return ()
    match timer.kind:
        case "cycle":
            return _cycle(state)
        case "stale":
            return _stale(state, timer.key)
        case "reconcile":
            return request_reconciliation(state, Reason("scheduled"))
        case "calm":
            return _calm(state, timer.key)
        case "errors":
            return _probe(state)
        case "reconnect":
            return on_reconnect_timer(state, timer.key)
        case "retry" | "lookup" | "cancel":
            return on_order_timer(state, timer)
        case _:
            assert_never(timer.kind)


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
    reason = Reason("no_price", {"age_s": age_s, "limit_s": limit_s}, {"symbol": symbol})
    yield from trip(state, "staleness", symbol, measured=age_s, limit=limit_s, mode="normal", reason=reason)
    yield from cancel_increasing(state, reason, symbol)


def _probe(state: State) -> Iterator[Decision]:
    """The breaker's cooldown is over: one harmless question decides whether it closes."""
    if is_half_open(state):
        yield from request_reconciliation(state, Reason("breaker_probe"))


def _calm(state: State, symbol: str) -> Iterator[Decision]:
    """The volatility cooldown is over: clear, unless the price is still outside its band."""
    market = state.markets.get(symbol)
    if market is None:
        return
    breaker = state.settings.guards.volatility
    outside = market.band_high is not None and not market.band_low <= market.price <= market.band_high
    if breaker is not None and outside:
        due_at_ns = state.at_ns + breaker.cooldown_s * SECOND_NS
        yield TimerSet(timer_id=timer_id("calm", symbol), due_at_ns=due_at_ns, reason=Reason("still_moving"))
    else:
        yield from clear(state, "volatility", symbol, Reason("price_calm"))


TIMER_DECISIONS = (answer(TimerFired, _fired),)
