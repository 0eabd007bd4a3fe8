"""What happened in a scenario: the tape, the states on the way, what the venue holds, and what it was asked."""

import copy
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Literal, TypeVar

from perptape.core.codec import decode_data
from perptape.core.durations import SECOND_NS
from perptape.core.edge.simulation.exchange.state import ExchangeState
from perptape.core.events import AlertRaised, OrderFilled
from perptape.core.events.reason import AlertTopic
from perptape.core.evolve import evolve
from perptape.core.ids import client_order_id
from perptape.core.market import Sleeve
from perptape.core.money import ZERO, arithmetic
from perptape.core.order import Order
from perptape.core.ports import LoggedEvent
from perptape.core.state import State
from perptape.replays.evidence.expectation import UnmetError, shown
from perptape.replays.evidence.tape_event import TapeEvent
from perptape.replays.evidence.venue_call import VenueCall

Event = TypeVar("Event")


class Run:
    """The whole run. Expectations ask it; asking changes nothing."""

    def __init__(
        self,
        tape: Sequence[LoggedEvent],
        nonce: str,
        venue: ExchangeState,
        calls: Sequence[VenueCall],
        *,
        start_ns: int,
        log_refusals: Sequence[tuple[int, int]] = (),
    ) -> None:
        self.start_ns = start_ns
        """Second 0 of the session."""
        self.log_refusals = list(log_refusals)
        """From when until when, in ns, the log took nothing."""
        self.nonce = nonce
        self.venue = venue
        """What the simulated exchange holds at the end."""
        self.calls = list(calls)
        """What reached for the venue, in order."""
        self.tape = list(tape)
        """The stored events as they are."""
        self.events = [
            TapeEvent(line.version, line.at_ns, line.cause, decode_data(line.type, line.schema, line.data))
            for line in tape
        ]
        """Every event, decoded."""
        self.state = State()
        """The state at the end."""
        self.orders: dict[str, Order] = {}
        """Every order that the bot ever knew, by client order id, as it was last."""
        self._passed: dict[str, list[str]] = {}
        self._fold()

    def _fold(self) -> None:
        with arithmetic():
            for line in self.events:
                evolve(self.state, line.event, line.version, line.at_ns)
                for key, order in [*self.state.orders.items(), *self.state.closed_orders.items()]:
                    passed = self._passed.setdefault(key, [])
                    mark = order.status if order.status != "partly_filled" else f"partly_filled {order.filled_size:f}"
                    if not passed or passed[-1] != mark:
                        passed.append(mark)
                        self.orders[key] = copy.copy(order)
                    elif order.note != self.orders[key].note:
                        self.orders[key] = copy.copy(order)

    def second(self, at_ns: int) -> Decimal:
        """A time as seconds of the session."""
        return Decimal(at_ns - self.start_ns) / SECOND_NS

    def at(self, second: int | Decimal) -> int:
        """A second of the session as a time in ns."""
        return self.start_ns + int(second * SECOND_NS)

    def state_at(self, second: int | Decimal) -> State:
        """The state after the last event not later than this second."""
        return self._state_after([line for line in self.events if line.at_ns <= self.at(second)])

    def state_after(self, version: int) -> State:
        """The state after this version."""
        return self._state_after(self.events[:version])

    def _state_after(self, events: Sequence[TapeEvent]) -> State:
        state = State()
        with arithmetic():
            for line in events:
                evolve(state, line.event, line.version, line.at_ns)
        return state

    def lines(
        self,
        kind: type[Event],
        *,
        since: Decimal | int | None = None,
        until: Decimal | int | None = None,
        **fields: Any,
    ) -> list[TapeEvent]:
        """The tape's events of a type with these field values, optionally from one second until before another."""
        return [
            line
            for line in self.events
            if type(line.event) is kind
            and (since is None or line.at_ns >= self.at(since))
            and (until is None or line.at_ns < self.at(until))
            and all(getattr(line.event, name) == value for name, value in fields.items())
        ]

    def all(self, kind: type[Event], **fields: Any) -> list[Event]:
        """The same, as events alone."""
        return [line.event for line in self.lines(kind, **fields)]

    def one(self, kind: type[Event], **fields: Any) -> Event:
        """The only such event. Raises UnmetError when there is none or are several."""
        event: Event = self.line(kind, **fields).event
        return event

    def line(self, kind: type[Any], **fields: Any) -> TapeEvent:
        """The same, with its place on the tape."""
        found = self.lines(kind, **fields)
        if len(found) != 1:
            raise UnmetError(f"expected one {_described(kind, fields)}, found {len(found)}{_where(self, found)}")
        return found[0]

    def first(self, kind: type[Any], **fields: Any) -> TapeEvent:
        """The first such event. Raises UnmetError when there is none."""
        found = self.lines(kind, **fields)
        if not found:
            raise UnmetError(f"expected {_described(kind, fields)}, found none")
        return found[0]

    def last(self, kind: type[Any], **fields: Any) -> TapeEvent:
        """The last such event. Raises UnmetError when there is none."""
        self.first(kind, **fields)
        return self.lines(kind, **fields)[-1]

    def none(self, kind: type[Any], **fields: Any) -> None:
        """Raises UnmetError when there is such an event."""
        found = self.lines(kind, **fields)
        if found:
            raise UnmetError(f"expected no {_described(kind, fields)}, found {len(found)}{_where(self, found)}")

    def order(self, intent: int) -> Order:
        """The bot's order of this intent, as it was last. Raises UnmetError when there is none."""
        key = client_order_id(self.nonce, intent)
        if key not in self.orders:
            raise UnmetError(f"expected an order of intent {intent}, found none; intents: {self.state.intents}")
        return self.orders[key]

    def statuses(self, intent: int) -> list[str]:
        """The statuses that the order of this intent passed through; `partly_filled SIZE` once for each size."""
        self.order(intent)
        return self._passed[client_order_id(self.nonce, intent)]

    def fills(self, intent: int) -> list[OrderFilled]:
        """The fills of the order of this intent that came by the feed."""
        return self.all(OrderFilled, client_order_id=client_order_id(self.nonce, intent))

    def at_venue(self, intent: int) -> int:
        """How many orders the venue holds for this intent."""
        key = client_order_id(self.nonce, intent)
        return sum(order.request.client_order_id == key for order in self.venue.orders.values())

    def called(self, kind: str, intent: int | None = None) -> list[VenueCall]:
        """The calls of a kind, optionally about the order of an intent."""
        key = None if intent is None else client_order_id(self.nonce, intent)
        return [call for call in self.calls if call.kind == kind and key in (None, call.key)]

    def alerts(self, topic: AlertTopic | Literal[""] = "", subject: str = "") -> list[AlertRaised]:
        """Alerts of this topic, about this; each once, however often it was repeated."""
        raised = {alert.alert_id: alert for alert in self.all(AlertRaised)}
        return [alert for alert in raised.values() if topic in ("", alert.topic) and subject in ("", alert.subject)]

    def sleeve(self, symbol: str, strategy: str) -> Sleeve:
        """A strategy's sleeve in a symbol at the end. Raises UnmetError when there is none."""
        return _sleeve(self.state, symbol, strategy)

    def sleeve_at(self, second: int | Decimal, symbol: str, strategy: str) -> Sleeve:
        """The same after the last event not later than this second."""
        return _sleeve(self.state_at(second), symbol, strategy)

    def position(self, symbol: str) -> Decimal:
        """Signed contracts that the bot holds at the end."""
        position = self.state.positions.get(symbol)
        return position.size if position is not None else ZERO

    def agrees_with_venue(self) -> None:
        """Raises UnmetError unless positions, cash and working orders are the same, with one order for each intent."""
        there = {symbol: holding.size for symbol, holding in self.venue.account.holdings.items()}
        here = {symbol: position.size for symbol, position in self.state.positions.items()}
        if here != there:
            raise UnmetError(f"positions: the venue holds {there}, the bot {here}")
        if self.state.account.cash != self.venue.account.cash:
            raise UnmetError(f"cash: the venue holds {self.venue.account.cash:f}, the bot {self.state.account.cash:f}")
        working = sorted(order.request.client_order_id for order in self.venue.working())
        mine = sorted(key for key, order in self.state.orders.items() if order.purpose != "external")
        strangers = sum(order.purpose == "external" for order in self.state.orders.values())
        if sorted(key for key in working if key) != mine or working.count("") != strangers:
            raise UnmetError(f"working orders: the venue holds {working}, the bot {sorted(self.state.orders)}")
        intents = [order.request.intent for order in self.venue.orders.values() if order.request.client_order_id]
        if len(intents) != len(set(intents)):
            raise UnmetError(f"the venue holds more than one order for an intent: {sorted(intents)}")


def _sleeve(state: State, symbol: str, strategy: str) -> Sleeve:
    for sleeve in state.markets[symbol].sleeves:
        if sleeve.strategy == strategy:
            return sleeve
    raise UnmetError(f"expected a sleeve of {strategy} in {symbol}, found none")


def _described(kind: type[Any], fields: dict[str, Any]) -> str:
    said = ", ".join(f"{name} {shown(value)}" for name, value in fields.items() if value is not None)
    return f"{kind.__name__} ({said})" if said else kind.__name__


def _where(run: Run, found: Sequence[TapeEvent]) -> str:
    return "".join(f"; version {line.version} at {run.second(line.at_ns):f} s" for line in found[:3])
