"""Answers to account facts: reconciliation, impossible balances, liquidation, funding."""

from collections.abc import Iterable, Iterator

from perptape.core.access import is_locked_out, may_write
from perptape.core.decide.alerts import alert
from perptape.core.decide.modes import cancel, clear, halt, trip
from perptape.core.decide.order_reports import HALTED, look_up
from perptape.core.decide.refusals import heed, is_first_unauthorised
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
from perptape.core.exposure import position_size
from perptape.core.money import ZERO
from perptape.core.reconciliation import (
    Drift,
    compare,
    impossible,
    missing_orders,
    order_key,
    resurfaced,
    unknown_orders,
)
from perptape.core.state import State
from perptape.core.waiting import RECONCILE


def request_reconciliation(state: State, reason: str) -> Iterator[Decision]:
    """Ask for a comparison, unless one is under way or the venue refuses the credentials."""
    if not state.reconciliation.pending and not is_locked_out(state):
        yield ReconciliationRequested(
            request_id=f"reconciliation-{state.reconciliation.ordinal + 1}",
            fills_since_ns=state.reconciliation.settled_before_ns,
            reason=reason,
        )


def _reported(state: State, report: AccountReported) -> Iterator[Decision]:
    fault = impossible(report, state.settings.guards)
    if fault:
        yield from trip(state, "insane_balance", "", measured=report.cash, limit=ZERO, mode="halted", reason=fault)
        yield ask_again(state, fault)
        return
    if state.external_fill_version == state.version:
        yield alert(
            state, "warning", "external fill", f"report {report.request_id} lists fills of orders not known here"
        )
    yield from clear(state, "insane_balance", "", "the balance is possible again")
    if is_half_open(state):
        yield from clear(state, "error_rate", "", "closed: the venue answers again")
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
        listed = "; ".join(f"{drift.subject} {drift.key}: {drift.ours:f} -> {drift.theirs:f}" for drift in drifts)
        yield alert(state, "warning", "state and venue differed", listed)
    yield from watch_account(state)


def _repair(state: State, drift: Drift) -> Iterator[Decision]:
    yield DriftDetected(
        subject=drift.subject, key=drift.key, ours=drift.ours, theirs=drift.theirs, evidence=drift.evidence
    )
    yield DriftRepaired(subject=drift.subject, key=drift.key, value=drift.theirs, price=drift.price)
    order = state.orders.get(drift.key)
    if order is not None and order.cancel_requested and may_write(state):
        yield CancelRequested(client_order_id=order.client_order_id, reason="it is working still")


def _query_failed(state: State, event: AccountQueryFailed) -> Iterator[Decision]:
    yield from watch_errors(state)
    yield from heed(state, event.code, event.reason)
    if is_half_open(state):
        yield from open_again(state, event.reason)
    if is_first_unauthorised(state, event.code):
        yield TimerSet(timer_id=RECONCILE, due_at_ns=state.at_ns, reason=event.reason)
    elif not is_locked_out(state):
        yield ask_again(state, event.reason)


def ask_again(state: State, reason: str) -> TimerSet:
    """Ask for the comparison once more after a wait."""
    due_at_ns = state.at_ns + state.settings.reconciliation.retry_s * SECOND_NS
    return TimerSet(timer_id=RECONCILE, due_at_ns=due_at_ns, reason=reason)


def _balance(state: State, event: BalanceReported) -> Iterator[Decision]:
    if event.cash < 0 or event.cash > state.settings.guards.cash_max:
        reason = f"the venue pushed an impossible balance: cash {event.cash:f}"
        yield from trip(state, "insane_balance", "", measured=event.cash, limit=ZERO, mode="halted", reason=reason)
    elif event.cash != state.account.cash or "insane_balance" in state.tripped:
        yield from request_reconciliation(state, f"cash {event.cash:f} was pushed")


def _position(state: State, event: PositionReported) -> Iterator[Decision]:
    if event.size != position_size(state, event.symbol):
        yield from request_reconciliation(state, f"pushed position of {event.symbol} {event.size:f} differs")


def _transfer(state: State, _event: TransferRecorded) -> Iterable[Decision]:
    return watch_account(state)


def _funding(state: State, _event: FundingPaid) -> Iterable[Decision]:
    return watch_account(state)


def _liquidated(state: State, event: PositionLiquidated) -> Iterator[Decision]:
    reason = f"the venue liquidated {event.size:f} {event.symbol} at {event.price:f}"
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
