"""The table `blocks`: orders that a guard refused."""

from collections.abc import Iterable

from perptape.core.codec import Line
from perptape.core.events import OrderBlocked
from perptape.core.wording import sentence
from perptape.replays.tables.column import CAUSE, SIDE, SYMBOL, Cells, Column, place

COLUMNS = (
    *place("the refusal"),
    CAUSE,
    Column("strategy", "text", "the order's strategy; empty for orders of the bot itself"),
    SYMBOL,
    SIDE,
    Column("size", "decimal", "contracts"),
    Column("price", "decimal", "quote currency"),
    Column("guard", "text", "the guard that refused it"),
    Column("measured", "quotient", "what the guard measured, in the guard's unit"),
    Column("limit", "quotient", "the guard's limit, in the same unit"),
    Column("reason", "text", "the guard's reason"),
)


class BlockRows:
    """One row for each order that was refused before it was requested."""

    def take(self, line: Line) -> Iterable[Cells]:
        """A row for a refusal."""
        event = line.data
        if isinstance(event, OrderBlocked):
            yield (
                line.version,
                line.at_ns,
                line.cause,
                event.strategy,
                event.symbol,
                event.side,
                event.size,
                event.price,
                event.guard,
                event.measured,
                event.limit,
                sentence(event.reason),
            )

    def end(self) -> Iterable[Cells]:
        """Nothing waits."""
        return ()
