"""Waiting: the timers of the state and when the next one is due.

Most timers are set and kept by id. That a symbol goes stale, and that the next cycle comes, are timers too; they follow
from the last price and need no entry that every price would move.
"""

from perptape.core.durations import SECOND_NS
from perptape.core.market import Market
from perptape.core.state import State, trip_key
from perptape.core.timer_id import CYCLE, timer_id

NEVER_NS = 1 << 63


def stale_due_ns(state: State, market: Market) -> int:
    """When the symbol goes stale unless a price comes; NEVER_NS when it is not followed, is stale, or has no price."""
    if not market.followed or not market.heard_at_ns or trip_key("staleness", market.symbol) in state.tripped:
        return NEVER_NS
    return market.heard_at_ns + state.settings.guards.staleness_s * SECOND_NS


def cycle_due_ns(state: State) -> int:
    """The first whole multiple of the cycle after a price that no cycle has seen; NEVER_NS while there is none.

    Without a new price a cycle could only say again what the last one said.
    """
    heard_at_ns = max((market.heard_at_ns for market in state.markets.values() if market.followed), default=0)
    if not heard_at_ns or heard_at_ns < state.cycled_at_ns:
        return NEVER_NS
    cycle_ns = state.settings.cycle_s * SECOND_NS
    return (heard_at_ns // cycle_ns + 1) * cycle_ns


def next_timer(state: State) -> tuple[int, str]:
    """The timer that is due first, with its time; ties by id. (NEVER_NS, "") when nothing waits."""
    first = min(((due_ns, timer_id) for timer_id, due_ns in state.timers.items()), default=(NEVER_NS, ""))
    first = min(first, (cycle_due_ns(state), CYCLE))
    for symbol, market in state.markets.items():
        due = (stale_due_ns(state, market), timer_id("stale", symbol))
        first = min(first, due)
    return first
