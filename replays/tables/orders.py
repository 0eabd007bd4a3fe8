"""The table `orders`: every order with what became of it."""

from collections.abc import Iterable, Iterator

from perptape.core.codec import Line
from perptape.core.events import ExternalOrderAdopted, OpeningState, OrderRequested, ReconciliationCompleted
from perptape.core.order import Order, average_price, is_working
from perptape.core.wording import sentence
from perptape.replays.tables.column import SIDE, SYMBOL, Cells, Column, place
from perptape.replays.tables.ledger import Ledger

COLUMNS = (
    *place("the request, or of the adoption of an external order"),
    Column("client_order_id", "text", "the bot's id"),
    Column("venue_order_id", "text", "the venue's id; empty until the venue reports it"),
    Column("intent", "integer", "ordinal of the intent in the stream; 0 for an external order"),
    Column("strategy", "text", "the order's strategy; empty for orders of the bot itself and external orders"),
    SYMBOL,
    SIDE,
    Column("order_type", "text", "market, limit or stop_limit"),
    Column("purpose", "text", "entry, exit, trailing_stop, flatten or external"),
    Column("time_in_force", "text", "gtc, gtd, ioc or fok"),
    Column("post_only", "boolean", "whether the order is post-only"),
    Column("reduce_only", "boolean", "whether the order may only reduce a position"),
    Column("size", "decimal", "contracts, positive"),
    Column("limit_price", "decimal", "quote currency; null without one"),
    Column("stop_price", "decimal", "quote currency; null without one"),
    Column("reference_price", "decimal", "price on which the decision was based, quote currency"),
    Column("status", "text", "the last status, for example open, filled, canceled, rejected"),
    Column("filled_size", "decimal", "contracts"),
    Column("average_price", "quotient", "size-weighted price of the fills; null without fills"),
    Column("fees", "decimal", "quote currency"),
    Column("attempts", "integer", "number of times it was sent"),
    Column("ended_at", "time", "when it ended; null while it is working"),
    Column("note", "text", "the venue's reason for a rejection or cancel, verbatim"),
)


class OrderRows:
    """One row for each order, by version of the request; a row waits until nothing can change it any more.

    What waits is what the state itself keeps (working orders, and ended ones until they are reconciled) and the rows
    behind the oldest of them.
    """

    def __init__(self) -> None:
        self._ledger = Ledger()
        self._waiting: dict[str, tuple[int, Order]] = {}

    def take(self, line: Line) -> Iterable[Cells]:
        """Follow orders; the rows of those that have left the state."""
        self._ledger.take(line)
        event, orders = line.data, self._ledger.state.orders
        if isinstance(event, OrderRequested | ExternalOrderAdopted):
            self._follow(line.version, orders[event.client_order_id])
        elif isinstance(event, OpeningState):
            for order in (*self._ledger.state.closed_orders.values(), *orders.values()):
                self._follow(line.version, order)
        elif isinstance(event, ReconciliationCompleted):
            yield from self._settled()

    def _follow(self, version: int, order: Order) -> None:
        """Wait for this order; one that is waited for already keeps its version."""
        begun, _order = self._waiting.get(order.client_order_id, (version, None))
        self._waiting[order.client_order_id] = (begun, order)

    def _settled(self) -> Iterator[Cells]:
        state = self._ledger.state
        settled = []
        for key in self._waiting:
            if key in state.orders or key in state.closed_orders:
                break
            settled.append(key)
        for key in settled:
            yield _row(*self._waiting.pop(key))

    def end(self) -> Iterable[Cells]:
        """The orders that are left."""
        for version, order in self._waiting.values():
            yield _row(version, order)


def _row(version: int, order: Order) -> Cells:
    return (
        version,
        order.requested_at_ns,
        order.client_order_id,
        order.venue_order_id,
        order.intent,
        order.strategy,
        order.symbol,
        order.side,
        order.order_type,
        order.purpose,
        order.time_in_force,
        order.post_only,
        order.reduce_only,
        order.size,
        order.limit_price,
        order.stop_price,
        order.reference_price,
        order.status,
        order.filled_size,
        average_price(order),
        order.fees,
        order.attempts,
        None if is_working(order) else order.changed_at_ns,
        sentence(order.note) if order.note is not None else "",
    )
