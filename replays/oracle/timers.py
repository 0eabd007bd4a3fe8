"""Timers reckoned anew: which wait, and that each fires when it is due and not before, and no other fires at all."""

from collections.abc import Iterator
from typing import Any

from perptape.core.durations import SECOND_NS
from perptape.core.events import ConfigurationLoaded, SessionStarted, TimerCanceled, TimerFired, TimerSet
from perptape.core.settings import TradingSettings
from perptape.replays.oracle.markets import Markets

CYCLE = "cycle"
RECONCILE = "reconcile"


class Timers:
    """The timers of a tape."""

    def __init__(self, markets: Markets) -> None:
        self.markets = markets
        self.due: dict[str, int] = {}
        """Those that were set."""
        self.cycled_at_ns = 0
        self.awake_at_ns = 0
        """When the process that runs began: what came due before is late then."""

    def waiting(self, tripped: Any) -> Iterator[tuple[str, int]]:
        """Every timer that waits, with those that follow from the last prices: the next cycle, and going stale."""
        yield from self.due.items()
        settings = self.markets.settings
        followed = {symbol: heard for symbol, heard in self.markets.by_symbol.items() if heard.followed}
        last_ns = max((heard.heard_at_ns for heard in followed.values()), default=0)
        if last_ns and last_ns >= self.cycled_at_ns:
            yield CYCLE, next_multiple(last_ns, settings.cycle_s)
        for symbol, heard in followed.items():
            if heard.heard_at_ns and f"staleness:{symbol}" not in tripped:
                yield f"stale:{symbol}", heard.heard_at_ns + settings.guards.staleness_s * SECOND_NS

    def overdue(self, event: Any, at_ns: int, tripped: Any) -> str:
        """What is wrong about time having come to this event, or the empty string."""
        waiting = dict(self.waiting(tripped))
        if isinstance(event, TimerFired):
            due_ns = waiting.get(event.timer_id)
            if due_ns is None:
                return f"{event.timer_id} fired, which does not wait"
            if due_ns > at_ns:
                return f"{event.timer_id} fired {(due_ns - at_ns) / SECOND_NS} s before it was due"
        if isinstance(event, SessionStarted) or at_ns == self.awake_at_ns:
            return ""
        late = [timer for timer, due_ns in waiting.items() if due_ns < at_ns]
        return f"{late[0]} was due and did not fire" if late else ""

    def see(self, event: Any, at_ns: int, settings: TradingSettings) -> None:
        """Take in what an event does to the timers."""
        match event:
            case SessionStarted():
                self.awake_at_ns = at_ns
            case ConfigurationLoaded():
                self.due[RECONCILE] = next_multiple(at_ns, settings.reconciliation.every_s)
            case TimerSet():
                self.due[event.timer_id] = event.due_at_ns
            case TimerCanceled():
                self.due.pop(event.timer_id, None)
            case TimerFired(timer_id="cycle"):
                self.cycled_at_ns = at_ns
            case TimerFired():
                known = self.due.pop(event.timer_id, None)
                if event.timer_id == RECONCILE and known is not None:
                    self.due[RECONCILE] = next_multiple(at_ns, settings.reconciliation.every_s)
            case _:
                pass


def next_multiple(at_ns: int, every_s: int) -> int:
    """The first whole multiple of the interval after a time."""
    return at_ns - at_ns % (every_s * SECOND_NS) + every_s * SECOND_NS
