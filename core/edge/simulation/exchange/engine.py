"""The engine: market points and requests in, feed messages out. Deterministic, in the exchange's own virtual time.

Every market point and everything that matters on the agenda gives at least one message, so that the time of the next
cause is the time of the next message.
"""

from collections.abc import Callable
from decimal import Decimal
from heapq import heappop
from typing import Any, assert_never

from msgspec.structs import replace

from perptape.core.codec import decode_data
from perptape.core.edge.market.points import (
    BookPoint,
    CandlePoint,
    FundingPoint,
    MarketPoint,
    MarkPoint,
    PricePoint,
    TradePoint,
)
from perptape.core.edge.simulation.exchange.book import Book
from perptape.core.edge.simulation.exchange.execution import end
from perptape.core.edge.simulation.exchange.execution import match as match_orders
from perptape.core.edge.simulation.exchange.funding import funding_payment
from perptape.core.edge.simulation.exchange.inquiry import look_up, report_account
from perptape.core.edge.simulation.exchange.liquidation import liquidate_if_due
from perptape.core.edge.simulation.exchange.requests import (
    Cancel,
    ExternalOrder,
    ForcedCancel,
    LookUp,
    Relisting,
    ReportAccount,
    Request,
    StatusChange,
    Submit,
    Transfer,
    Utterance,
)
from perptape.core.edge.simulation.exchange.settings import ExchangeSettings
from perptape.core.edge.simulation.exchange.state import Arrival, CancelArrival, ExchangeState, Expiry, LateAnswer
from perptape.core.edge.simulation.exchange.submission import arrive, cancel, cancel_refusal, submit
from perptape.core.errors import SimulationError
from perptape.core.events import (
    SCHEMA_VERSIONS,
    CancelAccepted,
    CandleClosed,
    FundingPaid,
    FundingRateUpdated,
    MarkUpdated,
    Observation,
    QuoteUpdated,
    ReportedPayment,
    TradePrinted,
    TradingStatusChanged,
    TransferRecorded,
)


class Engine:
    """Applies points, requests and what is due to the exchange's state."""

    __slots__ = ("_appliers", "_books", "_feed", "_holdings", "_instant", "state")

    def __init__(self, settings: ExchangeSettings) -> None:
        self.state = ExchangeState(settings)
        self._books = self.state.books
        self._feed = self.state.feed
        self._holdings = self.state.account.holdings
        self._instant = not settings.request_latency_ms and not settings.report_latency_ms
        self._appliers: dict[type, Callable[[Any], None]] = {
            PricePoint: self._apply_price,
            BookPoint: self._apply_book,
            TradePoint: self._apply_trade,
            MarkPoint: self._apply_mark,
            FundingPoint: self._apply_funding,
            CandlePoint: self._apply_candle,
        }

    def apply(self, point: MarketPoint) -> None:
        """The market moves on. Raises SimulationError for a point before the exchange's time."""
        state = self.state
        at_ns = point.at_ns
        if at_ns < state.now_ns:
            raise SimulationError(
                f"market point {point} lies before {state.now_ns}, which the exchange has reached; "
                "sort the path by time"
            )
        state.now_ns = at_ns
        if not state.listed:
            state.describe(at_ns)
        self._appliers[type(point)](point)

    def apply_due(self) -> None:
        """The next thing on the agenda happens."""
        state = self.state
        due_ns, _, due = heappop(state.agenda)
        state.now_ns = max(state.now_ns, due_ns)
        match due:
            case Arrival(request, rejection):
                arrive(state, request, rejection)
            case CancelArrival(order_id):
                cancel(state, order_id)
            case Expiry(order):
                end(state, order, "expired", "good till date: the date is reached")
            case LateAnswer(answer):
                self._feed.report(state.now_ns, replace(answer, seq=self._feed.next_seq()))
            case _:
                assert_never(due)
        liquidate_if_due(state)

    def request(self, request: Request, at_ns: int) -> tuple[Observation, ...]:
        """Act upon a request sent at `at_ns` of the bot's time and answer it; what it causes follows on the feed.

        Without latency it acts at once, otherwise the order's answer comes by the feed too.
        """
        state = self.state
        state.now_ns = max(state.now_ns, at_ns - state.settings.report_ns)
        answers = self._act(request, max(state.now_ns, at_ns + state.settings.request_ns))
        liquidate_if_due(state)
        return answers

    def _act(self, request: Request, effect_ns: int) -> tuple[Observation, ...]:
        state = self.state
        match request:
            case Submit(order, fault):
                rejection = fault.code if fault is not None and fault.effect == "accept_then_reject" else ""
                if self._instant:
                    answer = submit(state, order, rejection)
                    if fault is None or fault.effect != "answer_late":
                        return (answer,)
                    state.schedule(effect_ns + fault.delay_ms * 1_000_000, LateAnswer(answer))
                    return ()
                state.schedule(effect_ns, Arrival(order, rejection))
                return ()
            case Cancel(asked):
                order_id = asked.client_order_id
                if self._instant:
                    return (cancel(state, order_id),)
                refused = cancel_refusal(state, order_id)
                if refused is not None:
                    return (refused,)
                state.schedule(effect_ns, CancelArrival(order_id))
                return (CancelAccepted(order_id),)
            case LookUp(asked):
                return (look_up(state, asked),)
            case ReportAccount(asked):
                return (report_account(state, asked),)
            case ExternalOrder(order):
                return (submit(state, order, ""),)
            case ForcedCancel(order_id, reason):
                return (cancel(state, order_id, reason),)
            case Transfer(payment):
                state.account.transfer(payment)
                seq, transfer_id = self._feed.next_seq(), state.next_id("transfer")
                self._feed.report(state.now_ns, TransferRecorded(seq, transfer_id, payment, state.now_ns))
                state.payments.append(ReportedPayment("transfer", transfer_id, "", payment, state.now_ns))
                return ()
            case StatusChange(symbol, status, reason):
                self._book(symbol).status = status
                seq = self._feed.next_seq()
                self._feed.publish(state.now_ns, TradingStatusChanged(seq, symbol, status, reason))
                return ()
            case Relisting(instrument):
                state.relist(instrument)
                return ()
            case Utterance(message_type, message):
                said = decode_data(message_type, SCHEMA_VERSIONS[message_type], message)
                seq = self._feed.next_seq()
                self._feed.report(state.now_ns, replace(said, seq=seq))
                return ()
            case _:
                assert_never(request)

    def _book(self, symbol: str) -> Book:
        book = self._books.get(symbol)
        if book is None:
            raise SimulationError(f"{symbol} is not listed at the exchange; listed are {', '.join(self._books)}")
        return book

    def _priced_book(self, symbol: str, price: Decimal) -> Book:
        state = self.state
        book = self._books.get(symbol) or state.list_symbol(symbol, price, state.now_ns)
        if not book.depth:
            book.set_depth(state.settings.depth, price)
        return book

    def _apply_price(self, point: PricePoint) -> None:
        book = self._books.get(point.symbol)
        if book is None or not book.depth:
            book = self._priced_book(point.symbol, point.price)
        book.quote_around(point.price)
        self._publish_quote(book, point.at_ns)

    def _apply_book(self, point: BookPoint) -> None:
        book = self._priced_book(point.symbol, point.bid)
        bid_size = book.depth if point.bid_size is None else point.bid_size
        ask_size = book.depth if point.ask_size is None else point.ask_size
        book.quote(point.bid, bid_size, point.ask, ask_size)
        self._publish_quote(book, point.at_ns)

    def _publish_quote(self, book: Book, at_ns: int) -> None:
        feed = self._feed
        feed.seq += 1
        quote = QuoteUpdated(feed.seq, book.instrument.symbol, book.bid, book.bid_size, book.ask, book.ask_size, at_ns)
        feed.queue.append((at_ns + feed.delay_ns, quote))
        if book.working:
            match_orders(self.state, book)
        if self._holdings:
            liquidate_if_due(self.state)

    def _apply_trade(self, point: TradePoint) -> None:
        book = self._priced_book(point.symbol, point.price)
        book.last = point.price
        seq = self._feed.next_seq()
        trade = TradePrinted(seq, point.symbol, point.price, point.size, point.side, point.trade_id, point.at_ns)
        self._feed.publish(point.at_ns, trade)
        if book.working:
            match_orders(self.state, book)

    def _apply_mark(self, point: MarkPoint) -> None:
        book = self._priced_book(point.symbol, point.price)
        book.marked = True
        book.mark = point.price
        seq = self._feed.next_seq()
        self._feed.publish(point.at_ns, MarkUpdated(seq, point.symbol, point.price, None, point.at_ns))
        if self._holdings:
            liquidate_if_due(self.state)

    def _apply_candle(self, point: CandlePoint) -> None:
        row = point.row
        seq = self._feed.next_seq()
        candle = CandleClosed(
            seq, point.symbol, row.start_ns, row.end_ns, row.open, row.high, row.low, row.close, row.volume
        )
        self._feed.publish(point.at_ns, candle)

    def _apply_funding(self, point: FundingPoint) -> None:
        state, feed = self.state, self._feed
        symbol, rate, at_ns = point.symbol, point.rate, point.at_ns
        interval_s = state.settings.funding_interval_s
        feed.publish(at_ns, FundingRateUpdated(feed.next_seq(), symbol, rate, interval_s, at_ns))
        holding = self._holdings.get(symbol)
        if holding is None:
            return
        payment = funding_payment(holding.size, holding.contract_size, self._books[symbol].mark, rate)
        state.account.fund(payment)
        seq, payment_id = feed.next_seq(), state.next_id("payment")
        feed.report(at_ns, FundingPaid(seq, payment_id, symbol, payment, rate, holding.size, at_ns))
        state.payments.append(ReportedPayment("funding", payment_id, symbol, payment, at_ns))
        liquidate_if_due(state)
