"""A small tape recorder: observations in, the bot's own decisions beside them, a recording out."""

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec

from perptape.core.codec import encode_body
from perptape.core.decide import take_turn
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountReported,
    AlertDelivered,
    AlertRaised,
    ConfigurationLoaded,
    InstrumentUpdated,
    OrderAccepted,
    OrderFilled,
    OrderRequested,
    QuoteUpdated,
    ReconciliationRequested,
    ReportedPosition,
    SessionStarted,
    TimerFired,
)
from perptape.core.instruments import Instrument
from perptape.core.money import arithmetic, trimmed
from perptape.core.settings import TradingSettings
from perptape.core.state import State
from perptape.core.waiting import next_timer
from perptape.replays.tape import Header, Provenance, RecordingWriter, genesis_hash
from perptape.replays.tape.header import FORMAT, FORMAT_VERSION

START_NS = 1_700_000_000_000_000_000
STREAM = "bot"
NONCE = "nonce"
CASH = Decimal(10_000)


def instrument(symbol: str) -> Instrument:
    """A coin's perpetual future of contract size 1."""
    return Instrument(
        symbol=symbol,
        underlying=symbol.partition("-")[0],
        price_increment=Decimal("0.5"),
        size_increment=Decimal("0.0001"),
        size_min=Decimal("0.0001"),
        size_max=Decimal(1000),
        notional_min=Decimal(10),
        contract_size=Decimal(1),
        maker_fee_rate=Decimal("0.0002"),
        taker_fee_rate=Decimal("0.0005"),
        initial_margin_rate=Decimal("0.1"),
        maintenance_margin_rate=Decimal("0.03"),
    )


def header(settings: TradingSettings, stream: str = STREAM) -> Header:
    """The header of a recording from version 1 on."""
    trading = msgspec.Raw(msgspec.json.encode(settings))
    provenance = Provenance("0.1.0", "0")
    return Header(
        FORMAT, FORMAT_VERSION, stream, NONCE, 1, genesis_hash(stream, NONCE, bytes(trading)), trading, provenance
    )


class Tape:
    """Plays observations to the bot and writes whole turns. A venue that is always in agreement answers its effects."""

    def __init__(self, path: Path, settings: TradingSettings, stream: str = STREAM) -> None:
        self.settings = settings
        self.state = State()
        self.at_ns = START_NS
        self.seq = 0
        self.answer_order: Callable[[OrderRequested], None] = self.fill
        self._writer = RecordingWriter(path, header(settings, stream))

    def start(self, session: int = 1) -> None:
        """A process takes up the stream and learns its settings and instruments."""
        self.observe(SessionStarted(session, NONCE, "sim", 0, idempotent_client_ids=True, tasks=()))
        if session == 1:
            self.observe(ConfigurationLoaded(self.settings))
            for symbol in self.settings.symbols:
                self.observe(InstrumentUpdated(0, instrument(symbol)))

    def observe(self, observation: Any) -> list[Any]:
        """One turn, and the venue's answers to its effects."""
        first = self.state.version + 1
        with arithmetic():
            bodies = [encode_body(first, observation, self.at_ns, None)]
            decisions = []
            for decision in take_turn(self.state, observation, self.at_ns):
                bodies.append(encode_body(self.state.version, decision, self.at_ns, first))
                decisions.append(decision)
        for body in bodies:
            self._writer.write(body)
        for decision in decisions:
            self._answer(decision)
        return decisions

    def quote(self, symbol: str, price: Decimal | int, after_s: int = 1) -> list[Any]:
        """Time passes, timers fire, and the symbol is quoted half a unit around the price."""
        until = self.at_ns + after_s * SECOND_NS
        while (due := next_timer(self.state))[0] <= until:
            self.at_ns = max(self.at_ns, due[0])
            self.observe(TimerFired(due[1]))
        self.at_ns = until
        self.seq += 1
        half, size = Decimal("0.5"), Decimal(5)
        return self.observe(QuoteUpdated(self.seq, symbol, price - half, size, price + half, size, until))

    def accept(self, order: OrderRequested) -> None:
        """The venue takes the order."""
        self.observe(
            OrderAccepted(
                0,
                order.client_order_id,
                f"v{order.intent}",
                order.symbol,
                order.side,
                order.order_type,
                order.size,
                order.limit_price,
                self.at_ns,
            )
        )

    def fill(self, order: OrderRequested) -> None:
        """The venue takes the order and fills it at once at the touch."""
        self.accept(order)
        self.observe(self.execution(order))

    def execution(self, order: OrderRequested) -> OrderFilled:
        """The whole order as one fill."""
        market = self.state.markets[order.symbol]
        price = order.limit_price or (market.ask if order.side == "buy" else market.bid)
        fee = trimmed(price * order.size * Decimal("0.0005"))
        return OrderFilled(
            0,
            f"f{order.intent}",
            order.client_order_id,
            f"v{order.intent}",
            order.symbol,
            order.side,
            price,
            order.size,
            fee,
            "taker",
            self.at_ns,
        )

    def close(self) -> None:
        """The recording is whole."""
        self._writer.close()

    def _answer(self, decision: Any) -> None:
        match decision:
            case OrderRequested():
                self.answer_order(decision)
            case ReconciliationRequested():
                self.observe(self._account(decision.request_id))
            case AlertRaised():
                self.observe(AlertDelivered(decision.alert_id))

    def _account(self, request_id: str) -> AccountReported:
        account = self.state.account
        positions = tuple(
            ReportedPosition(symbol, position.size, position.cost / position.coins)
            for symbol, position in self.state.positions.items()
        )
        cash = account.cash if account.known else CASH
        return AccountReported(request_id, cash, cash, Decimal(0), positions, (), (), (), self.at_ns)
