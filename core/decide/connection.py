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
from perptape.core.decide.order_reports import CANCEL, backoff_ns
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
from perptape.core.money import trimmed
from perptape.core.state import State

RECONNECT = "reconnect:"


def _lost(state: State, event: ConnectionLost) -> Iterator[Decision]:
    """One alert for each outage; an attempt that failed is only followed by the next one."""
    outage, timer_id = state.outages[event.channel], RECONNECT + event.channel
    if timer_id in state.timers:
        return
    wait_ns = backoff_ns(state, 1 + outage.attempts)
    yield TimerSet(timer_id=timer_id, due_at_ns=state.at_ns + wait_ns, reason=event.reason)
    if outage.attempts:
        return
    if event.channel == "market":
        reason = "the market connection is lost"
        yield from _doubt_prices(state, reason)
        yield from cancel_increasing(state, reason)
    yield alert(state, "warning", f"{event.channel} connection lost", event.reason)


def on_reconnect_timer(state: State, timer_id: str) -> Iterator[Decision]:
    """The wait before an attempt is over."""
    for channel in state.lost_channels:
        if timer_id == RECONNECT + channel:
            yield ReconnectRequested(channel=channel, attempt=state.outages[channel].attempts + 1)


def forget_attempts(state: State) -> Iterator[Decision]:
    """A new session has connected everywhere, or is told where it has not: what waits to connect again is over."""
    for timer_id in [timer_id for timer_id in state.timers if timer_id.startswith(RECONNECT)]:
        yield TimerCanceled(timer_id=timer_id)


def _restored(state: State, event: ConnectionRestored) -> Iterator[Decision]:
    """The first thing that is asked after an outage is what the account looks like now."""
    timer_id, outage = RECONNECT + event.channel, state.outages.get(event.channel)
    was_lost = outage is not None and outage.restored_version == state.version
    if timer_id in state.timers:
        yield TimerCanceled(timer_id=timer_id)
    if not state.lost_channels:
        yield from request_reconciliation(state, f"{event.channel} connection restored")
    if event.channel == "rest":
        for waiting in [timer_id for timer_id in state.timers if timer_id.startswith(CANCEL)]:
            yield TimerSet(timer_id=waiting, due_at_ns=state.at_ns, reason="the venue can be asked again")
    if outage is not None and was_lost:
        yield alert(state, "info", f"{event.channel} connection restored", _lasted(state, outage.lost_at_ns))


def _lasted(state: State, since_ns: int) -> str:
    return f"it was down for {trimmed(Decimal(state.at_ns - since_ns) / SECOND_NS):f} s"


def _gap(state: State, event: StreamGapDetected) -> Iterator[Decision]:
    reason = f"{event.channel} feed jumped from {event.expected_seq} to {event.received_seq}"
    if event.channel == "market":
        yield from _doubt_prices(state, reason)
    yield from request_reconciliation(state, reason)


def _doubt_prices(state: State, why: str) -> Iterator[Decision]:
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
