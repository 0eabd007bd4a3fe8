"""The ledger: the money of a tape, by the bot's own fold, with the strategies left out.

Orders, fills, positions, cash and equity do not depend on what a strategy remembers. Settings without strategies give
the same money, and no code that the tape names is needed or run.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, NamedTuple

import msgspec
from msgspec import Raw
from msgspec.structs import replace

from perptape.core.canonical import canonical_json
from perptape.core.codec import Line
from perptape.core.events import (
    AccountReported,
    ConfigurationLoaded,
    FundingPaid,
    OpeningState,
    OrderFilled,
    OrderLookedUp,
    ReportedFill,
    ReportedPayment,
)
from perptape.core.evolve import evolve
from perptape.core.evolve.fills import find_order
from perptape.core.money import ZERO
from perptape.core.order import Order
from perptape.core.state import State
from perptape.replays.tape.errors import DamageError


class AppliedFill(NamedTuple):
    """A fill that changed the account."""

    fill: OrderFilled | ReportedFill
    order: Order | None
    """As it is after the fill; None for an order that is not the bot's and was not adopted."""
    realised: Decimal
    position: Decimal
    """Contracts of the symbol after it."""
    source: str
    """The event type that brought it."""


class AppliedFunding(NamedTuple):
    """A funding payment that changed the account."""

    payment: FundingPaid | ReportedPayment
    source: str


Applied = AppliedFill | AppliedFunding


class Ledger:
    """Folds events one by one and says which fills and payments each of them brought into the account."""

    def __init__(self) -> None:
        self.state = State()

    def take(self, line: Line) -> list[Applied]:
        """Fold the next event. Raises DamageError for one that cannot be folded."""
        try:
            return self._take(line)
        except Exception as error:  # the fold takes everything that was ever recorded: whatever fails is none of it
            what = f"{type(error).__name__}: {error}"
            raise DamageError(line.version, f"cannot be folded: {what}") from error

    def _take(self, line: Line) -> list[Applied]:
        event = line.data
        kind = type(event)
        if kind not in _BRINGING:
            evolve(self.state, _without_strategies(event), line.version, line.at_ns)
            return []
        return [applied for part in _parts(event) if (applied := self._apply(part, line, kind.__name__)) is not None]

    def _apply(self, part: Any, line: Line, source: str) -> Applied | None:
        """Fold an event that brings at most one fill or payment."""
        state = self.state
        total = state.account.total
        fills, realised, known = total.fills, total.realised, state.account.known
        fill, payment = _brought(part)
        new = payment is not None and payment.payment_id not in state.seen_payments
        evolve(state, part, line.version, line.at_ns)
        if fill is not None and total.fills > fills:
            order = find_order(state, fill.client_order_id, fill.venue_order_id)
            held = state.positions.get(fill.symbol)
            return AppliedFill(fill, order, total.realised - realised, held.size if held else ZERO, source)
        if payment is None or not new or payment.payment_id not in state.seen_payments:
            return None
        history = not known and not isinstance(payment, FundingPaid)
        return None if history else AppliedFunding(payment, source)


_BRINGING = frozenset((OrderFilled, OrderLookedUp, AccountReported, FundingPaid))


def _parts(event: Any) -> Iterator[Any]:
    """The event in parts with one fill or payment each, and then whole, when all that it brings is known already."""
    if isinstance(event, OrderLookedUp):
        for fill in event.fills:
            yield replace(event, fills=(fill,), status="unknown")
    elif isinstance(event, AccountReported):
        for fill in event.fills:
            yield replace(event, fills=(fill,), payments=())
        for payment in event.payments:
            yield replace(event, fills=(), payments=(payment,))
    yield event


def _brought(part: Any) -> tuple[OrderFilled | ReportedFill | None, FundingPaid | ReportedPayment | None]:
    """The one fill or funding payment that a part may bring."""
    match part:
        case OrderFilled() | OrderLookedUp(fills=(_,)) | AccountReported(fills=(_,), payments=()):
            return (part if isinstance(part, OrderFilled) else part.fills[0]), None
        case FundingPaid():
            return None, part
        case AccountReported(fills=(), payments=(ReportedPayment(kind="funding") as payment,)):
            return None, payment
        case _:
            return None, None


def _without_strategies(event: Any) -> Any:
    if isinstance(event, ConfigurationLoaded):
        return ConfigurationLoaded(replace(event.settings, strategies=()))
    if isinstance(event, OpeningState):
        state = msgspec.json.decode(bytes(event.state))
        state["settings"]["strategies"] = []
        for market in state["markets"].values():
            market["sleeves"] = []
        return replace(event, state=Raw(canonical_json(state)))
    return event
