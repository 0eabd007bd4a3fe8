"""The table `funding`: funding payments that changed the account."""

from collections.abc import Iterable

from perptape.core.codec import Line
from perptape.core.events import FundingPaid
from perptape.replays.tables.column import SYMBOL, Cells, Column, place
from perptape.replays.tables.ledger import AppliedFunding, Ledger

COLUMNS = (
    *place("the event that first reported the payment"),
    Column("venue_at", "time", "when the venue booked it"),
    Column("payment_id", "text", "the venue's id; unique in the table"),
    SYMBOL,
    Column("amount", "decimal", "quote currency; positive: received, negative: paid"),
    Column("rate", "decimal", "funding rate of the interval, a fraction of notional; null from an account report"),
    Column("position", "decimal", "contracts that the venue charged; null from an account report"),
    Column("source", "text", "type of the event that reported it: FundingPaid or AccountReported"),
)


class FundingRows:
    """One row for each funding payment that was applied to the account."""

    def __init__(self) -> None:
        self._ledger = Ledger()

    def take(self, line: Line) -> Iterable[Cells]:
        """The new payments of an event."""
        for applied in self._ledger.take(line):
            if isinstance(applied, AppliedFunding):
                paid = applied.payment
                by_feed = paid if isinstance(paid, FundingPaid) else None
                yield (
                    line.version,
                    line.at_ns,
                    paid.venue_at_ns,
                    paid.payment_id,
                    paid.symbol,
                    paid.amount,
                    by_feed.rate if by_feed else None,
                    by_feed.position_size if by_feed else None,
                    applied.source,
                )

    def end(self) -> Iterable[Cells]:
        """Nothing waits."""
        return ()
