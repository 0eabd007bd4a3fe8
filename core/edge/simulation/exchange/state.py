"""Everything the exchange knows, in one place; the other modules are functions over it."""

from decimal import Decimal
from heapq import heappop, heappush
from typing import NamedTuple

from perptape.core.edge.simulation.exchange.account import Holding, VenueAccount
from perptape.core.edge.simulation.exchange.book import Book
from perptape.core.edge.simulation.exchange.feed import MessageQueue
from perptape.core.edge.simulation.exchange.listing import derived_instrument
from perptape.core.edge.simulation.exchange.order import VenueOrder
from perptape.core.edge.simulation.exchange.settings import ExchangeSettings
from perptape.core.errors import SimulationError
from perptape.core.events import (
    InstrumentUpdated,
    OrderAccepted,
    OrderRejected,
    OrderRequested,
    ReportedFill,
    ReportedPayment,
)
from perptape.core.ids import external_order_id
from perptape.core.instruments import Instrument
from perptape.core.money import ZERO


class Arrival(NamedTuple):
    """An order request that is still on its way."""

    request: OrderRequested
    rejection: str
    """Code of a scripted rejection after acceptance; empty otherwise."""


class CancelArrival(NamedTuple):
    """A cancel request that is still on its way."""

    order_id: str


class Expiry(NamedTuple):
    """The end of a good-till-date order."""

    order: VenueOrder


class LateAnswer(NamedTuple):
    """The answer to an order that is still on its way back."""

    answer: OrderAccepted | OrderRejected


Due = Arrival | CancelArrival | Expiry | LateAnswer


class ExchangeState:
    """The state of the exchange."""

    __slots__ = (
        "account",
        "agenda",
        "books",
        "feed",
        "fills",
        "listed",
        "now_ns",
        "orders",
        "ordinals",
        "payments",
        "settings",
    )

    def __init__(self, settings: ExchangeSettings) -> None:
        self.settings = settings
        self.now_ns = 0
        """The exchange's own time; the bot's is behind it by the report latency."""
        self.account = VenueAccount(settings.cash, settings.hold)
        self.books: dict[str, Book] = {}
        self.orders: dict[str, VenueOrder] = {}
        """Every order ever accepted, by client order id, or as perptape.core.ids names an order that has none."""
        self.fills: list[ReportedFill] = []
        self.payments: list[ReportedPayment] = []
        self.feed = MessageQueue(settings.report_ns)
        self.agenda: list[tuple[int, int, Due]] = []
        """A heap of what is due when; the second number keeps the order of equal times."""
        self.ordinals = {"order": 0, "fill": 0, "due": 0, "payment": 0, "transfer": 0}
        self.listed = False
        """Whether the instruments have been described on the feed."""
        for instrument in settings.instruments:
            self.books[instrument.symbol] = Book(instrument, settings)
        for opening in settings.positions:
            book = self.books.get(opening.symbol)
            if book is None or not opening.size or opening.entry_price <= ZERO:
                raise SimulationError(
                    f"opening position {opening.symbol} {opening.size} at {opening.entry_price} is not possible; "
                    "name a symbol of `instruments`, a size other than 0 and a positive price"
                )
            book.mark = opening.entry_price
            self.account.trade(opening.symbol, opening.size, opening.entry_price, ZERO, self.flat(book))

    def next_id(self, kind: str) -> str:
        """A new id, derived from its ordinal alone so that a repeated run gives the same."""
        self.ordinals[kind] += 1
        return f"{self.settings.name}-{kind}-{self.ordinals[kind]}"

    def schedule(self, due_ns: int, due: Due) -> None:
        """Put something on the agenda."""
        self.ordinals["due"] += 1
        heappush(self.agenda, (due_ns, self.ordinals["due"], due))

    def next_due(self) -> int | None:
        """When the next thing on the agenda happens; what no longer matters is dropped."""
        while self.agenda:
            due_ns, _, due = self.agenda[0]
            if self.matters(due):
                return due_ns
            heappop(self.agenda)
        return None

    def matters(self, due: Due) -> bool:
        """Whether something on the agenda still has an effect, and so a message."""
        match due:
            case Arrival() | LateAnswer():
                return True
            case CancelArrival(order_id):
                order = self.find(order_id)
                return order is not None and order.status == "open"
            case Expiry(order):
                return order.status == "open"

    def find(self, order_id: str) -> VenueOrder | None:
        """An order by client order id, or by the name that perptape.core.ids gives an order without one."""
        return self.orders.get(order_id)

    def keep(self, order: VenueOrder) -> None:
        """Remember an order for ever."""
        self.orders[order.request.client_order_id or external_order_id(order.venue_order_id)] = order

    def describe(self, at_ns: int) -> None:
        """Open the feed with the instruments."""
        self.listed = True
        for book in self.books.values():
            self.feed.publish(at_ns, InstrumentUpdated(self.feed.next_seq(), book.instrument))

    def list_symbol(self, symbol: str, price: Decimal, at_ns: int) -> Book:
        """A book for a symbol that no instrument was configured for."""
        book = self.books[symbol] = Book(derived_instrument(symbol, price), self.settings)
        self.feed.publish(at_ns, InstrumentUpdated(self.feed.next_seq(), book.instrument))
        return book

    def relist(self, instrument: Instrument) -> None:
        """Describe an instrument anew."""
        book = self.books.get(instrument.symbol)
        if book is None:
            self.books[instrument.symbol] = Book(instrument, self.settings)
        else:
            book.instrument = instrument
            book.tick = instrument.price_increment
            book.decimal_tick = instrument.price_increment.normalize().as_tuple().digits == (1,)
        self.feed.publish(self.now_ns, InstrumentUpdated(self.feed.next_seq(), instrument))

    def flat(self, book: Book) -> Holding:
        """An empty position in a symbol."""
        return Holding(book.instrument.contract_size, book.instrument.maintenance_margin_rate)

    def working(self) -> list[VenueOrder]:
        """Working orders of all symbols, oldest first within a symbol."""
        return [order for book in self.books.values() for order in book.working]
