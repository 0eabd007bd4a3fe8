"""Answers to the connection: a lost channel is connected again with growing waits, and nothing is assumed meanwhile.

While a channel is down, or the venue has not been compared with the state since, no order leaves
(perptape.core.guards.modes).
Prices from before an outage or a gap of the market feed do not count: a symbol is stale until a fresh one comes.
"""

from collections.abc import Iterator
from decimal import Decimal

from perptape.core.decide.accounts import request_reconciliation
from perptape.core.decide.alerts import alert
from perptape.core.decide.modes import cancel_increasing, trip
from perptape.core.decide.order_reports import backoff_ns
from perptape.core.decide.register import answer
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    ConnectionLost,
    ConnectionRestored,
    Decision,
    ReconnectRequested,
    StreamGapDetected,
    TimerCanceled,
    TimerSet,
)
from perptape.core.events.reason import Reason, venue_says
from perptape.core.money import trimmed
from perptape.core.state import State
from perptape.core.timer_id import TimerKind, parse_timer, timer_id


def _lost(state: State, event: ConnectionLost) -> Iterator[Decision]:
    """One alert for each outage; an attempt that failed is only followed by the next one."""
    outage, timer = state.outages[event.channel], timer_id("reconnect", event.channel)
    if timer in state.timers:
        return
    wait_ns = backoff_ns(state, 1 + outage.attempts)
    yield TimerSet(timer_id=timer, due_at_ns=state.at_ns + wait_ns, reason=venue_says(event.reason))
    if outage.attempts:
        return
    if event.channel == "market":
        reason = Reason("market_down")
        yield from _doubt_prices(state, reason)
        yield from cancel_increasing(state, reason)
    yield alert(state, "warning", "connection_lost", venue_says(event.reason), subject=event.channel)


def on_reconnect_timer(state: State, lost: str) -> Iterator[Decision]:
    """The wait before an attempt is over."""
    for channel in state.lost_channels:
        if lost == channel:
            yield ReconnectRequested(channel=channel, attempt=state.outages[channel].attempts + 1)


def forget_attempts(state: State) -> Iterator[Decision]:
    """A new session has connected everywhere, or is told where it has not: what waits to connect again is over."""
    for timer in timers_of(state, "reconnect"):
        yield TimerCanceled(timer_id=timer)


def timers_of(state: State, kind: TimerKind) -> list[str]:
    """The ids of the timers of one kind."""
    return [text for text in state.timers if (timer := parse_timer(text)) is not None and timer.kind == kind]


def _restored(state: State, event: ConnectionRestored) -> Iterator[Decision]:
    """The first thing that is asked after an outage is what the account looks like now."""
    timer, outage = timer_id("reconnect", event.channel), state.outages.get(event.channel)
    was_lost = outage is not None and outage.restored_version == state.version
    if timer in state.timers:
        yield TimerCanceled(timer_id=timer)
    if not state.lost_channels:
        yield from request_reconciliation(state, Reason("connection_restored", names={"channel": event.channel}))
    if event.channel == "rest":
        for waiting in timers_of(state, "cancel"):
            yield TimerSet(timer_id=waiting, due_at_ns=state.at_ns, reason=Reason("reachable_again"))
    if outage is not None and was_lost:
        lasted_s = trimmed(Decimal(state.at_ns - outage.lost_at_ns) / SECOND_NS)
        lasted = Reason("down_for", {"seconds": lasted_s})
        yield alert(state, "info", "connection_restored", lasted, subject=event.channel)


def _gap(state: State, event: StreamGapDetected) -> Iterator[Decision]:
    numbers = {"expected": Decimal(event.expected_seq), "received": Decimal(event.received_seq)}
    reason = Reason("feed_gap", numbers, {"channel": event.channel})
    if event.channel == "market":
        yield from _doubt_prices(state, reason)
    yield from request_reconciliation(state, reason)


def _doubt_prices(state: State, why: Reason) -> Iterator[Decision]:
    """No symbol's price counts until a fresh one has come."""
    limit_s = Decimal(state.settings.guards.staleness_s)
    for market in state.markets.values():
        if market.followed and market.heard_at_ns:
            age_s = trimmed(Decimal(state.at_ns - market.heard_at_ns) / SECOND_NS)
            yield from trip(state, "staleness", market.symbol, measured=age_s, limit=limit_s, mode="normal", reason=why)


CONNECTION_DECISIONS = (
    answer(ConnectionLost, _lost),
    answer(ConnectionRestored, _restored),
    answer(StreamGapDetected, _gap),
)
