"""Folds of the account: reports, transfers, funding, liquidation, drift repairs."""

from decimal import Decimal

from perptape.core.access import INSUFFICIENT_FUND
from perptape.core.events import (
    AccountQueryFailed,
    AccountReported,
    BalanceReported,
    DriftDetected,
    DriftRepaired,
    FundingPaid,
    MarginReported,
    PositionLiquidated,
    PositionReported,
    ReconciliationCompleted,
    ReconciliationRequested,
    TransferRecorded,
)
from perptape.core.events.reason import Reason
from perptape.core.evolve.calls import count_error, count_refusal, understood
from perptape.core.evolve.equity import move_cash, move_equity, raise_peak, shift_baselines
from perptape.core.evolve.fills import find_order, release, settle_order, take_fill
from perptape.core.evolve.prices import market_of
from perptape.core.evolve.register import fold
from perptape.core.market import contract_size
from perptape.core.money import amount as money
from perptape.core.order import advance, reopen
from perptape.core.position import Position, Result
from perptape.core.reconciliation import impossible
from perptape.core.state import State


def _reported(state: State, event: AccountReported) -> None:
    if event.request_id == state.reconciliation.pending:
        state.reconciliation.pending = ""
    understood(state)
    if impossible(event, state.settings.guards):
        return
    state.account.hold = event.hold
    if not state.account.known:
        _take_history(state, event)
        return
    for fill in event.fills:
        take_fill(state, fill)
    for payment in event.payments:
        if payment.kind == "funding":
            _take_funding(state, payment.payment_id, payment.symbol, payment.amount, payment.venue_at_ns)
        else:
            _take_transfer(state, payment.payment_id, payment.amount, payment.venue_at_ns)


def _take_history(state: State, event: AccountReported) -> None:
    """What happened before the first report is in the positions and the cash that the bot takes over from it."""
    for fill in event.fills:
        state.seen_fills.setdefault(fill.fill_id, fill.venue_at_ns)
    for payment in event.payments:
        state.seen_payments.setdefault(payment.payment_id, payment.venue_at_ns)


def _query_failed(state: State, event: AccountQueryFailed) -> None:
    count_error(state)
    count_refusal(state, event.code)
    if event.request_id == state.reconciliation.pending:
        state.reconciliation.pending = ""


def _seen(state: State, event: BalanceReported | PositionReported | MarginReported | PositionLiquidated) -> None:
    """Evidence by the feed: decide compares it; the money and contracts move by their own events."""
    state.feed_seq = event.seq


def _transfer(state: State, event: TransferRecorded) -> None:
    state.feed_seq = event.seq
    _take_transfer(state, event.transfer_id, event.amount, event.venue_at_ns)


def _take_transfer(state: State, payment_id: str, amount: Decimal, venue_at_ns: int) -> None:
    """A transfer, once: it shifts the baselines that losses are measured from."""
    if _is_new(state, payment_id, venue_at_ns):
        state.account.transfers += amount
        shift_baselines(state, amount)
    if amount > 0:
        _forgive_refusals(state)


def _is_new(state: State, payment_id: str, venue_at_ns: int) -> bool:
    """Take note of a payment, and say whether it is not in the state yet.

    What is older than the reconciled watermark is in the state, though its id is no longer kept.
    """
    if payment_id in state.seen_payments or venue_at_ns < state.reconciliation.settled_before_ns:
        return False
    state.seen_payments[payment_id] = venue_at_ns
    return True


def _forgive_refusals(state: State) -> None:
    """What was refused for lack of money may be tried again, now that some has come in."""
    for market in state.markets.values():
        for sleeve in market.sleeves:
            if sleeve.refusal.startswith(INSUFFICIENT_FUND):
                sleeve.refused_at_ns = 0


def _funding(state: State, event: FundingPaid) -> None:
    state.feed_seq = event.seq
    _take_funding(state, event.payment_id, event.symbol, event.amount, event.venue_at_ns)


def _take_funding(state: State, payment_id: str, symbol: str, amount: Decimal, venue_at_ns: int) -> None:
    """A funding payment, once; each of the symbol's sleeves has the part that its position is of the account's."""
    if not _is_new(state, payment_id, venue_at_ns):
        return
    account = state.account
    for result in (account.total, account.day, state.results.setdefault(symbol, Result())):
        result.funding += amount
    move_cash(state, amount)
    held = state.positions.get(symbol)
    if held is None:
        return
    for sleeve in market_of(state, symbol).sleeves:
        if sleeve.position.size:
            sleeve.result.funding += money(amount * sleeve.position.size / held.size)


def _reconciliation_requested(state: State, event: ReconciliationRequested) -> None:
    state.reconciliation.ordinal += 1
    state.reconciliation.pending = event.request_id
    state.reconciliation.requested_at_ns = state.at_ns


def _drift_detected(_state: State, _event: DriftDetected) -> None:
    """Evidence; the repair changes the state."""


def _drift_repaired(state: State, event: DriftRepaired) -> None:
    if event.subject == "cash":
        _take_cash(state, event)
    elif event.subject == "position":
        _take_position(state, event)
    elif event.value:
        _reopen_order(state, event)
    else:
        _lose_order(state, event)


def _take_cash(state: State, event: DriftRepaired) -> None:
    """Missing money is a loss; money that appears, and the opening balance, is not a profit."""
    account = state.account
    change = event.value - account.cash
    account.adjustments += change
    if change > 0 or not account.known:
        shift_baselines(state, change)
    else:
        move_cash(state, change)


def _take_position(state: State, event: DriftRepaired) -> None:
    market = market_of(state, event.key)
    position = state.positions.get(event.key)
    if position is None:
        position = state.positions[event.key] = Position()
    before = position.unrealised
    price = market.price or event.price
    release(market, event.value - position.size, price)
    position.size = event.value
    position.coins = event.value * contract_size(market)
    position.cost = position.coins * event.price
    position.unrealised = position.coins * price - position.cost
    if not position.size:
        del state.positions[event.key]
    move_equity(state, position.unrealised - before)


def _lose_order(state: State, event: DriftRepaired) -> None:
    """The venue does not know an order that it had taken: it is repudiated, and counts again should it surface."""
    order = find_order(state, event.key)
    if order is not None and advance(order, "rejected", state.at_ns):
        order.note = Reason("unknown_to_venue")
        settle_order(state, order)


def _reopen_order(state: State, event: DriftRepaired) -> None:
    """The venue goes on with an order that had ended here: what it says is left may still fill."""
    order = find_order(state, event.key)
    if order is not None:
        reopen(order, event.value, state.at_ns)
        order.note = Reason("working_at_venue")
        settle_order(state, order)


def _completed(state: State, event: ReconciliationCompleted) -> None:
    reconciliation = state.reconciliation
    if not state.account.known:
        _open_account(state)
    reconciliation.required = False
    reconciliation.completed_at_ns = state.at_ns
    settled = reconciliation.settled_before_ns = max(reconciliation.settled_before_ns, event.settled_before_ns)
    state.seen_fills = {fill_id: at_ns for fill_id, at_ns in state.seen_fills.items() if at_ns >= settled}
    state.seen_payments = {paid: at_ns for paid, at_ns in state.seen_payments.items() if at_ns >= settled}
    state.closed_orders = {
        client_order_id: order
        for client_order_id, order in state.closed_orders.items()
        if order.changed_at_ns >= settled
    }


def _open_account(state: State) -> None:
    """Losses are measured from what the venue first reported, and not from what led there."""
    account = state.account
    account.known = True
    account.day_start_equity = account.equity
    raise_peak(state)


ACCOUNT_FOLDS = (
    fold(AccountReported, _reported),
    fold(AccountQueryFailed, _query_failed),
    fold(BalanceReported, _seen),
    fold(PositionReported, _seen),
    fold(MarginReported, _seen),
    fold(PositionLiquidated, _seen),
    fold(TransferRecorded, _transfer),
    fold(FundingPaid, _funding),
    fold(ReconciliationRequested, _reconciliation_requested),
    fold(DriftDetected, _drift_detected),
    fold(DriftRepaired, _drift_repaired),
    fold(ReconciliationCompleted, _completed),
)
