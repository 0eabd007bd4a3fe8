"""All books of a tape together: each event is taken in by those that it concerns, in order."""

from decimal import Decimal
from typing import Any

from perptape.core.events import (
    AccountReported,
    ConfigurationLoaded,
    DriftRepaired,
    FundingPaid,
    GuardCleared,
    MarkUpdated,
    OrderFilled,
    OrderLookedUp,
    OrderRejected,
    OrderSubmissionFailed,
    QuoteUpdated,
    ReconciliationCompleted,
    StrategyFailed,
    TradePrinted,
    TransferRecorded,
)
from perptape.core.money import ZERO
from perptape.core.settings import TradingSettings
from perptape.replays.evidence.tape_event import TapeEvent
from perptape.replays.oracle.conditions import Conditions
from perptape.replays.oracle.markets import Markets
from perptape.replays.oracle.money import Money
from perptape.replays.oracle.orders import Fill, Orders
from perptape.replays.oracle.parts import Parts
from perptape.replays.oracle.timers import Timers


class Books:
    """What a tape comes to, reckoned by plain rules from its events and from nothing else."""

    def __init__(self) -> None:
        self.settings = TradingSettings()
        self.markets = Markets()
        self.orders = Orders()
        self.money = Money(self.markets)
        self.parts = Parts(self.markets)
        self.conditions = Conditions()
        self.timers = Timers(self.markets)
        self.stranger_version = 0
        """The last event that brought a fill of no known order."""
        self.last: Any = None
        """The event that was taken in last."""
        self.seen_fills: dict[str, int] = {}
        self.seen_payments: dict[str, int] = {}

    def see(self, line: TapeEvent) -> None:
        """Take in the next event of the tape."""
        event, at_ns = line.event, line.at_ns
        self.last = event
        self.money.turn_day(at_ns)
        if isinstance(event, ConfigurationLoaded):
            self.settings = event.settings
        before = {symbol: heard.price for symbol, heard in self.markets.by_symbol.items()}
        self.markets.see(event, at_ns)
        if isinstance(event, (QuoteUpdated, MarkUpdated, TradePrinted)):
            self._price(event.symbol, before.get(event.symbol))
        self.conditions.see(event, line.version, at_ns, self.money.day_end_ns, self.settings)
        self.timers.see(event, at_ns, self.settings)
        self._order(event, line.version, at_ns)
        self._account(event, line.version, at_ns)

    def _price(self, symbol: str, before: Decimal | None) -> None:
        """Only another price than before says anything new."""
        heard = self.markets.of(symbol)
        if heard.price == before:
            return
        if not before:
            self.money.first_price(symbol, heard)
        self.parts.price(symbol, heard.price)
        self.money.mark_peak()

    def _order(self, event: Any, version: int, at_ns: int) -> None:
        ended = self.orders.see(event, at_ns)
        match event:
            case OrderFilled():
                self._fill(event, version, at_ns)
            case OrderLookedUp():
                for fill in event.fills if self.orders.of(event.client_order_id) is not None else ():
                    self._fill(fill, version, at_ns)
                rejected = self.orders.looked_up(event, at_ns) and event.status == "rejected"
                order = self.orders.of(event.client_order_id)
                if rejected and order is not None:
                    self.parts.refuse(order, event, at_ns)
            case OrderRejected() | OrderSubmissionFailed():
                order = self.orders.of(event.client_order_id)
                if order is not None and (ended or isinstance(event, OrderSubmissionFailed)):
                    self.parts.refuse(order, event, at_ns)
            case _:
                pass

    def _account(self, event: Any, version: int, at_ns: int) -> None:
        match event:
            case ConfigurationLoaded():
                self.parts.configure(event.settings)
            case StrategyFailed():
                self.parts.fail(event)
            case AccountReported():
                self._report(event, version, at_ns)
            case TransferRecorded():
                self._transfer(event.transfer_id, event.amount, event.venue_at_ns)
            case FundingPaid():
                self._fund(event.payment_id, event.symbol, event.amount, event.venue_at_ns)
            case DriftRepaired(subject="cash"):
                self.money.repair_cash(event.value)
            case DriftRepaired(subject="position"):
                price = self.markets.of(event.key).price or event.price
                self.parts.release(event.key, self.money.repair_position(event.key, event.value, event.price), price)
            case GuardCleared(guard="drawdown"):
                self.money.peak = self.money.equity
            case ReconciliationCompleted():
                self._settle()
            case _:
                pass

    def _settle(self) -> None:
        """The venue has been compared: what is older than it settles need not be known any more."""
        self.money.open()
        since_ns = self.conditions.settled_before_ns
        self.orders.forget(since_ns)
        self.seen_fills = {key: at_ns for key, at_ns in self.seen_fills.items() if at_ns >= since_ns}
        self.seen_payments = {key: at_ns for key, at_ns in self.seen_payments.items() if at_ns >= since_ns}

    def _fill(self, fill: Fill, version: int, at_ns: int) -> None:
        if fill.fill_id in self.seen_fills or fill.venue_at_ns < self.conditions.settled_before_ns:
            return
        self.seen_fills[fill.fill_id] = fill.venue_at_ns
        order = self.orders.fill(fill, at_ns)
        if order is None:
            self.stranger_version = version
        change = fill.size if fill.side == "buy" else -fill.size
        self.money.fill(fill.symbol, change, fill.price, fill.fee)
        self.parts.fill(fill.symbol, "" if order is None else order.strategy, change, fill.price, fill.fee)

    def _report(self, report: AccountReported, version: int, at_ns: int) -> None:
        """A report that cannot be true is no report; the first one says from where on everything counts."""
        if report.cash < 0 or report.hold < 0 or report.cash > self.settings.guards.cash_max:
            return
        self.money.hold = report.hold
        if not self.money.known:
            self.seen_fills = {fill.fill_id: fill.venue_at_ns for fill in report.fills} | self.seen_fills
            self.seen_payments = {paid.payment_id: paid.venue_at_ns for paid in report.payments} | self.seen_payments
            return
        for fill in report.fills:
            self._fill(fill, version, at_ns)
        for paid in report.payments:
            if paid.kind == "funding":
                self._fund(paid.payment_id, paid.symbol, paid.amount, paid.venue_at_ns)
            else:
                self._transfer(paid.payment_id, paid.amount, paid.venue_at_ns)

    def _is_new(self, payment_id: str, venue_at_ns: int) -> bool:
        if payment_id in self.seen_payments or venue_at_ns < self.conditions.settled_before_ns:
            return False
        self.seen_payments[payment_id] = venue_at_ns
        return True

    def _transfer(self, payment_id: str, amount: Decimal, venue_at_ns: int) -> None:
        if self._is_new(payment_id, venue_at_ns):
            self.money.transfer(amount)
        if amount > 0:
            self.parts.deposit()

    def _fund(self, payment_id: str, symbol: str, amount: Decimal, venue_at_ns: int) -> None:
        if self._is_new(payment_id, venue_at_ns):
            held = self.money.held.get(symbol)
            self.money.fund(symbol, amount)
            self.parts.fund(symbol, amount, ZERO if held is None else held.size)
