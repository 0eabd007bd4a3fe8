"""The table `signals`: what the strategies wanted."""

from collections.abc import Iterable

from perptape.core.codec import Line
from perptape.core.events import SignalGenerated
from perptape.replays.tables.column import CAUSE, SYMBOL, Cells, Column, place

COLUMNS = (
    *place("the signal"),
    CAUSE,
    Column("strategy", "text", "name of the strategy in the settings"),
    SYMBOL,
    Column("action", "text", "buy (be long), sell (be short) or close (be flat)"),
    Column("confidence", "quotient", "0 to 1"),
    Column("price", "quotient", "price that the strategy used, quote currency"),
    Column("reason", "text", "the strategy's reason"),
)


class SignalRows:
    """One row for each signal of a strategy, before signals for the same symbol are aggregated."""

    def take(self, line: Line) -> Iterable[Cells]:
        """A row for a signal."""
        event = line.data
        if isinstance(event, SignalGenerated):
            yield (
                line.version,
                line.at_ns,
                line.cause,
                event.strategy,
                event.symbol,
                event.action,
                event.confidence,
                event.price,
                event.reason,
            )

    def end(self) -> Iterable[Cells]:
        """Nothing waits."""
        return ()
