"""Answers to account facts: reconciliation, impossible balances, liquidation, funding."""

from collections.abc import Iterable, Iterator

from perptape.core.access import is_locked_out, may_write
from perptape.core.decide.alerts import alert
from perptape.core.decide.modes import cancel, clear, halt, trip
from perptape.core.decide.order_reports import HALTED, look_up
from perptape.core.decide.refusals import is_first_unauthorised, on_refusal
from perptape.core.decide.register import answer
from perptape.core.decide.watch import is_half_open, open_again, watch_account, watch_errors
from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountQueryFailed,
    AccountReported,
    BalanceReported,
    CancelRequested,
    Decision,
    DriftDetected,
    DriftRepaired,
    ExternalOrderAdopted,
    FundingPaid,
    PositionLiquidated,
    PositionReported,
    ReconciliationCompleted,
    ReconciliationRequested,
    TimerSet,
    TransferRecorded,
)
from perptape.core.events.reason import Reason, venue_says
from perptape.core.exposure import position_size
from perptape.core.money import ZERO, trimmed
from perptape.core.reconciliation import (
    Drift,
    compare,
    impossible,
    impossible_cash,
    missing_orders,
    order_key,
    resurfaced,
    unknown_orders,
)
from perptape.core.state import State
from perptape.core.timer_id import RECONCILE


def request_reconciliation(state: State, reason: Reason) -> Iterator[Decision]:
    """Ask for a comparison, unless one is under way or the venue refuses the credentials."""
    if not state.reconciliation.pending and not is_locked_out(state):
        yield ReconciliationRequested(
            request_id=f"reconciliation-{state.reconciliation.ordinal + 1}",
            fills_since_ns=state.reconciliation.settled_before_ns,
            reason=reason,
        )


def _reported(state: State, report: AccountReported) -> Iterator[Decision]:
    fault = impossible(report, state.settings.guards)
    if fault is not None:
        yield from trip(state, "insane_balance", "", measured=report.cash, limit=ZERO, mode="halted", reason=fault)
        yield ask_again(state, fault)
        return
    if state.external_fill_version == state.version:
        listed = Reason("unordered_fills_reported", names={"request_id": report.request_id})
        yield alert(state, "warning", "external_fill", listed)
    yield from clear(state, "insane_balance", "", Reason("balance_possible"))
    if is_half_open(state):
        yield from clear(state, "error_rate", "", Reason("venue_answers"))
    drifts = [*compare(state, report), *resurfaced(state, report)]
    for drift in drifts:
        yield from _repair(state, drift)
    strangers = unknown_orders(state, report)
    for stranger in strangers:
        yield ExternalOrderAdopted(
            client_order_id=order_key(stranger),
            venue_order_id=stranger.venue_order_id,
            symbol=stranger.symbol,
            side=stranger.side,
            order_type=stranger.order_type,
            size=stranger.size,
            filled_size=stranger.filled_size,
            limit_price=stranger.limit_price,
            reduce_only=stranger.reduce_only,
        )
    if state.mode == "halted":
        surfaced = {*map(order_key, strangers), *(drift.key for drift in drifts if drift.subject == "order")}
        orders = [order for key, order in state.orders.items() if key in surfaced and order.purpose != "flatten"]
        yield from cancel(state, orders, HALTED)
    missing = missing_orders(state, report)
    for order in missing:
        yield look_up(order)
    opening = not state.account.known
    yield ReconciliationCompleted(
        request_id=report.request_id,
        differences=len(drifts) + len(strangers) + len(missing),
        settled_before_ns=max(0, state.at_ns - state.settings.reconciliation.settle_s * SECOND_NS),
    )
    if drifts and not opening:
        yield alert(state, "warning", "drift", _repaired(drifts))
    yield from watch_account(state)


def _repaired(drifts: list[Drift]) -> Reason:
    """The numbers of every difference, two for each, in the order in which they were repaired."""
    numbers = {}
    for drift in drifts:
        numbers[f"{drift.subject} {drift.key} ours"] = trimmed(drift.ours)
        numbers[f"{drift.subject} {drift.key} theirs"] = trimmed(drift.theirs)
    return Reason("differences_repaired", numbers)


def _repair(state: State, drift: Drift) -> Iterator[Decision]:
    yield DriftDetected(
        subject=drift.subject, key=drift.key, ours=drift.ours, theirs=drift.theirs, evidence=drift.evidence
    )
    yield DriftRepaired(subject=drift.subject, key=drift.key, value=drift.theirs, price=drift.price)
    order = state.orders.get(drift.key)
    if order is not None and order.cancel_requested and may_write(state):
        yield CancelRequested(client_order_id=order.client_order_id, reason=Reason("still_working"))


def _query_failed(state: State, event: AccountQueryFailed) -> Iterator[Decision]:
    yield from watch_errors(state)
    yield from on_refusal(state, event.code, event.reason)
    reason = venue_says(event.reason)
    if is_half_open(state):
        yield from open_again(state, reason)
    if is_first_unauthorised(state, event.code):
        yield TimerSet(timer_id=RECONCILE, due_at_ns=state.at_ns, reason=reason)
    elif not is_locked_out(state):
        yield ask_again(state, reason)


def ask_again(state: State, reason: Reason) -> TimerSet:
    """Ask for the comparison once more after a wait."""
    due_at_ns = state.at_ns + state.settings.reconciliation.retry_s * SECOND_NS
    return TimerSet(timer_id=RECONCILE, due_at_ns=due_at_ns, reason=reason)


def _balance(state: State, event: BalanceReported) -> Iterator[Decision]:
    fault = impossible_cash(event.cash, state.settings.guards)
    if fault is not None:
        yield from trip(state, "insane_balance", "", measured=event.cash, limit=ZERO, mode="halted", reason=fault)
    elif event.cash != state.account.cash or "insane_balance" in state.tripped:
        yield from request_reconciliation(state, Reason("cash_pushed", {"cash": trimmed(event.cash)}))


def _position(state: State, event: PositionReported) -> Iterator[Decision]:
    if event.size != position_size(state, event.symbol):
        reason = Reason("position_pushed", {"size": trimmed(event.size)}, {"symbol": event.symbol})
        yield from request_reconciliation(state, reason)


def _transfer(state: State, _event: TransferRecorded) -> Iterable[Decision]:
    return watch_account(state)


def _funding(state: State, _event: FundingPaid) -> Iterable[Decision]:
    return watch_account(state)


def _liquidated(state: State, event: PositionLiquidated) -> Iterator[Decision]:
    numbers = {"size": trimmed(event.size), "price": trimmed(event.price)}
    reason = Reason("liquidated", numbers, {"symbol": event.symbol})
    yield from halt(state, "liquidation", reason)
    yield from request_reconciliation(state, reason)


ACCOUNT_DECISIONS = (
    answer(AccountReported, _reported),
    answer(AccountQueryFailed, _query_failed),
    answer(BalanceReported, _balance),
    answer(PositionReported, _position),
    answer(TransferRecorded, _transfer),
    answer(FundingPaid, _funding),
    answer(PositionLiquidated, _liquidated),
)
