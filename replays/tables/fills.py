"""The table `fills`: executions that changed the account."""

from collections.abc import Iterable

from perptape.core.codec import Line
from perptape.replays.tables.column import SIDE, SYMBOL, Cells, Column, place
from perptape.replays.tables.ledger import AppliedFill, Ledger

COLUMNS = (
    *place("the event that first reported the fill"),
    Column("venue_at", "time", "the venue's time of the execution"),
    Column("fill_id", "text", "the venue's id; unique in the table"),
    Column("client_order_id", "text", "the bot's id of the order; empty if the bot did not send the order"),
    Column("venue_order_id", "text", "the venue's id of the order"),
    Column("strategy", "text", "the order's strategy; empty for orders of the bot itself and external orders"),
    SYMBOL,
    SIDE,
    Column("purpose", "text", "entry, exit, trailing_stop, flatten or external"),
    Column("price", "decimal", "quote currency"),
    Column("size", "decimal", "contracts, positive"),
    Column("fee", "decimal", "quote currency; negative is a rebate"),
    Column("liquidity", "text", "maker or taker"),
    Column("realised", "decimal", "realised PnL of the fill, before its fee, quote currency"),
    Column("position", "decimal", "position in the symbol after the fill, contracts; negative is short"),
    Column("source", "text", "type of the event that reported it: OrderFilled, OrderLookedUp or AccountReported"),
)


class FillRows:
    """One row for each fill that was applied to the account, in the order in which it was."""

    def __init__(self) -> None:
        self._ledger = Ledger()

    def take(self, line: Line) -> Iterable[Cells]:
        """The new fills of an event."""
        for applied in self._ledger.take(line):
            if isinstance(applied, AppliedFill):
                fill, order = applied.fill, applied.order
                yield (
                    line.version,
                    line.at_ns,
                    fill.venue_at_ns,
                    fill.fill_id,
                    fill.client_order_id,
                    fill.venue_order_id,
                    order.strategy if order else "",
                    fill.symbol,
                    fill.side,
                    order.purpose if order else "external",
                    fill.price,
                    fill.size,
                    fill.fee,
                    fill.liquidity,
                    applied.realised,
                    applied.position,
                    applied.source,
                )

    def end(self) -> Iterable[Cells]:
        """Nothing waits."""
        return ()
