"""Virtual time: the market path and the bot's own timers, one after the other, as fast as they can be worked off."""

from collections.abc import Callable

from perptape.core.edge.simulation.exchange import SimulatedExchange
from perptape.core.orchestrator import Orchestrator
from perptape.core.waiting import next_timer


class VirtualClock:
    """Receipt time in a recording: the exchange's virtual time, nothing else."""

    def __init__(self, exchange: SimulatedExchange) -> None:
        self._exchange = exchange
        self._start_ns = 0

    def begin(self, start_ns: int) -> None:
        """The time before the first message: where the tape ended, or where the market begins."""
        self._start_ns = start_ns

    def now_ns(self) -> int:
        """The time of the last message or timer."""
        return max(self._exchange.now_ns, self._start_ns)


async def run_to_end(
    orchestrator: Orchestrator, exchange: SimulatedExchange, progress: Callable[[int], None] | None = None
) -> None:
    """Drive the bot until the exchange's feed ends. At equal times timers come first, by id.

    `progress` is told the virtual time now and then.
    """
    steps = 0
    while (feed_ns := exchange.peek_ns()) is not None:
        due_ns, _ = next_timer(orchestrator.state)
        if due_ns <= feed_ns:
            exchange.advance_to(due_ns)
            await orchestrator.fire_due(due_ns)
        else:
            await orchestrator.observe(exchange.take())
        steps += 1
        if progress is not None and not steps & 0x3FF:
            progress(feed_ns)
