"""Reconciliation: the venue's account report held against the state, as a pure comparison. The exchange wins."""

from decimal import Decimal

from msgspec import Struct

from perptape.core.events.account import AccountReported
from perptape.core.events.base import ReportedOrder
from perptape.core.events.decisions import DriftSubject
from perptape.core.events.reason import Reason, ReasonCode
from perptape.core.ids import external_order_id
from perptape.core.money import ZERO, trimmed
from perptape.core.order import Order
from perptape.core.position import entry_price
from perptape.core.settings import GuardSettings
from perptape.core.state import State


class Drift(Struct, frozen=True, gc=False):
    """One difference: what the state says and what the venue says."""

    subject: DriftSubject
    key: str
    ours: Decimal
    theirs: Decimal
    price: Decimal
    """The venue's entry price for a position, 0 otherwise."""
    evidence: Reason


def impossible(report: AccountReported, guards: GuardSettings) -> Reason | None:
    """Why the reported balance cannot be true; None when it can."""
    if report.cash >= 0 > report.hold:
        return Reason("hold_negative", {"hold": trimmed(report.hold)})
    return impossible_cash(report.cash, guards)


def impossible_cash(cash: Decimal, guards: GuardSettings) -> Reason | None:
    """Why there cannot be so much or so little cash; None when there can."""
    if cash < 0:
        return Reason("cash_negative", {"cash": trimmed(cash)})
    if cash > guards.cash_max:
        return Reason("cash_above_maximum", {"cash": trimmed(cash), "limit": trimmed(guards.cash_max)})
    return None


def compare(state: State, report: AccountReported) -> list[Drift]:
    """Differences in positions and cash, positions first. None when the report agrees with the state."""
    drifts = []
    theirs = {position.symbol: position for position in report.positions}
    for symbol in sorted({*state.positions, *theirs}):
        ours = state.positions.get(symbol)
        reported = theirs.get(symbol)
        our_size = ours.size if ours is not None else ZERO
        their_size = reported.size if reported is not None else ZERO
        if our_size != their_size:
            price = reported.entry_price if reported is not None else ZERO
            our_price = entry_price(ours) if ours is not None else None
            sizes = {"theirs": their_size, "their_price": price, "ours": our_size, "our_price": our_price or ZERO}
            evidence = _reported("position_reported", report, sizes)
            drifts.append(Drift("position", symbol, our_size, their_size, trimmed(price), evidence))
    if state.account.cash != report.cash:
        evidence = _reported("cash_reported", report, {"theirs": report.cash, "ours": state.account.cash})
        drifts.append(Drift("cash", "cash", trimmed(state.account.cash), trimmed(report.cash), ZERO, evidence))
    return drifts


def _reported(
    code: ReasonCode, report: AccountReported, numbers: dict[str, Decimal], names: dict[str, str] | None = None
) -> Reason:
    """What the report says beside what the state says."""
    shown = {name: trimmed(number) for name, number in numbers.items()}
    return Reason(code, shown, {"request_id": report.request_id, **(names or {})})


def resurfaced(state: State, report: AccountReported) -> list[Drift]:
    """Orders that the venue lists as working, and that were given up or had ended here before it was asked.

    What has just ended may stand in its list until it has settled.
    """
    settled_ns = state.reconciliation.requested_at_ns - state.settle_ns
    drifts = []
    for listed in report.orders:
        order, left = state.closed_orders.get(order_key(listed)), trimmed(listed.size - listed.filled_size)
        if order is None or left <= 0:
            continue
        if order.status == "abandoned" or order.changed_at_ns < settled_ns:
            evidence = _reported("order_reported", report, {"left": left}, {"status": order.status})
            drifts.append(Drift("order", order.client_order_id, ZERO, left, ZERO, evidence))
    return drifts


def unknown_orders(state: State, report: AccountReported) -> list[ReportedOrder]:
    """Working orders at the venue that the state does not know at all."""
    return [
        order
        for order in report.orders
        if order_key(order) not in state.orders and order_key(order) not in state.closed_orders
    ]


def order_key(order: ReportedOrder) -> str:
    """The id under which the state keeps the order: the client's, or one made from the venue's."""
    return order.client_order_id or external_order_id(order.venue_order_id)


def missing_orders(state: State, report: AccountReported) -> list[Order]:
    """Orders that the state believes open and the venue does not list: each is looked up."""
    listed = {order_key(order) for order in report.orders}
    return [
        order
        for order in state.orders.values()
        if order.status in ("open", "partly_filled") and order.client_order_id not in listed
    ]
