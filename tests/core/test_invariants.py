"""What must always be true, whatever happens: random sessions with faults, kills, commands, people and transfers."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perptape.core.account import set_baselines
from perptape.core.codec import encode_body
from perptape.core.decide import begin_turn, decide
from perptape.core.events import (
    AccountReported,
    Decision,
    DriftRepaired,
    OrderFilled,
    OrderLookedUp,
    OrderRequested,
    OrderResubmitted,
    QuoteUpdated,
    ReconciliationCompleted,
    ReportedFill,
)
from perptape.core.events.reason import Reason
from perptape.core.evolve import begin, evolve, watch_quote
from perptape.core.exposure import position_size
from perptape.core.money import ZERO, arithmetic
from perptape.core.opening import open_snapshot, snapshot_bytes
from perptape.core.order import remaining, signed
from perptape.core.ports import LoggedEvent
from perptape.core.state import State, working_orders
from tests.core.session_plans import plans
from tests.core.sessions import Played, play

Events = list[tuple[LoggedEvent, Any]]


def fold(state: State, events: Events) -> State:
    with arithmetic():
        for logged, event in events:
            evolve(state, event, logged.version, logged.at_ns)
    return state


def first_divergence(events: Events) -> int | None:
    """The version where today's decisions are not the recorded ones."""
    state, cause = State(), 0
    answers: Iterator[Decision] = iter(())
    with arithmetic():
        for logged, event in events:
            if logged.cause is None:
                if next(answers, None) is not None:
                    return logged.version
                answers = iter(begin_turn(state, event, logged.version, logged.at_ns))
                cause = logged.version
                continue
            decision = next(answers, None)
            recorded = encode_body(logged.version, event, logged.at_ns, logged.cause)
            if decision is None or encode_body(logged.version, decision, state.at_ns, cause) != recorded:
                return logged.version
            evolve(state, event, logged.version, logged.at_ns)
        return None if next(answers, None) is None else events[-1][0].version + 1


def folding_from_anywhere_is_folding_from_the_start(played: Played, shares: list[float]) -> None:
    """Invariant 1."""
    events = played.events
    whole = snapshot_bytes(fold(State(), events))
    assert snapshot_bytes(played.state) == whole
    for share in shares:
        cut = int(len(events) * share)
        opened = open_snapshot(snapshot_bytes(fold(State(), events[:cut])))
        assert snapshot_bytes(fold(opened, events[cut:])) == whole


def replaying_gives_the_recorded_decisions_and_no_other(played: Played, choice: st.DataObject) -> None:
    """Invariant 2."""
    events = played.events
    assert first_divergence(events) is None
    decisions = [at for at, (logged, _) in enumerate(events) if logged.cause is not None]
    at = choice.draw(st.sampled_from(decisions))
    logged, event = events[at]
    name = choice.draw(st.sampled_from(type(event).__struct_fields__))
    altered = msgspec.structs.replace(event, **{name: _another(getattr(event, name))})
    assert first_divergence([*events[:at], (logged, altered), *events[at + 1 :]]) == logged.version
    assert first_divergence([*events[:at], *_renumbered(events[at + 1 :])]) is not None


def _another(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int() | Decimal():
            return value + 1
        case str():
            return value + "?"
        case tuple():
            return (*value, "?")
        case Reason():
            return Reason("recorded", text="another")
        case _:
            return Decimal(1)


def _renumbered(events: Events) -> Events:
    return [(logged._replace(version=logged.version - 1), event) for logged, event in events]


def money_and_positions_are_those_of_the_exchange(played: Played) -> None:
    """Invariant 3: every contract is explained by a fill, every cent by a fill, a payment, or the opening balance.

    The opening is the first report that the bot could use; what led there is in it.
    """
    opening, after = _opening(played.events)
    state, theirs = played.state, played.exchange.state.account
    assert {symbol: position.size for symbol, position in state.positions.items()} == {
        symbol: holding.size for symbol, holding in theirs.holdings.items()
    }
    account = state.account
    assert account.cash == theirs.cash
    total = account.total
    explained = account.adjustments + account.transfers + total.realised - total.fees + total.funding
    assert account.cash == explained
    sizes = {position.symbol: position.size for position in opening.positions}
    for fill in _fills(after, {fill.fill_id for fill in opening.fills}):
        sizes[fill.symbol] = sizes.get(fill.symbol, ZERO) + signed(fill.side, fill.size)
    assert {symbol: size for symbol, size in sizes.items() if size} == {
        symbol: holding.size for symbol, holding in theirs.holdings.items()
    }
    assert [event for _, event in after if isinstance(event, DriftRepaired)] == []


def _opening(events: Events) -> tuple[AccountReported, Events]:
    """The report that opened the account, and what came after it was taken over."""
    by_version = {logged.version: event for logged, event in events}
    at, cause = next(
        (at, logged.cause) for at, (logged, event) in enumerate(events) if isinstance(event, ReconciliationCompleted)
    )
    report = by_version[cause or 0]
    assert isinstance(report, AccountReported)
    return report, events[at + 1 :]


def _fills(events: Events, before: set[str]) -> list[OrderFilled | ReportedFill]:
    """Each fill once, wherever it was told, but for those told `before`."""
    fills: dict[str, OrderFilled | ReportedFill] = {}
    for _, event in events:
        if isinstance(event, OrderFilled):
            fills[event.fill_id] = event
        elif isinstance(event, (AccountReported, OrderLookedUp)):
            fills |= {fill.fill_id: fill for fill in event.fills}
    return [fill for fill_id, fill in fills.items() if fill_id not in before]


def every_order_at_the_exchange_is_on_the_tape_and_settled(played: Played) -> None:
    """Invariants 4, 5 and 8."""
    requested = {event.client_order_id for _, event in played.events if isinstance(event, OrderRequested)}
    sent = {order.request.client_order_id for order in played.exchange.state.orders.values()} - {""}
    assert sent <= requested
    assert {order.status for order in played.state.orders.values()} <= {"open", "partly_filled"}
    ours = {order.venue_order_id: remaining(order) for order in played.state.orders.values()}
    assert ours == {order.venue_order_id: order.remaining for order in played.exchange.state.working()}


def protection_never_increases_exposure(played: Played) -> None:
    """Invariant 6."""
    state = State()
    with arithmetic():
        for logged, event in played.events:
            if state.mode != "normal":
                if isinstance(event, OrderRequested):
                    assert event.reduce_only
                    assert _only_reduces(state, event.symbol, signed(event.side, event.size))
                    assert state.mode == "reduce_only" or event.purpose == "flatten"
                elif isinstance(event, OrderResubmitted):
                    assert state.orders[event.client_order_id].reduce_only
            evolve(state, event, logged.version, logged.at_ns)


def _only_reduces(state: State, symbol: str, change: Decimal) -> bool:
    held = position_size(state, symbol)
    side = "buy" if change > 0 else "sell"
    coming = sum(
        (
            remaining(order)
            for order in working_orders(state, symbol)
            if order.side == side and not (order.cancel_requested and order.time_in_force in ("gtc", "gtd"))
        ),
        ZERO,
    )
    return held * change < 0 and abs(change) + coming <= abs(held)


def no_cap_is_passed_by_orders_that_each_fit(played: Played) -> None:
    """Invariant 6, for the limit that depends on no price."""
    caps = played.plan.trading.guards.position_caps
    foreign = played.plan.exchange.positions or any(what[0] == "person" for _, what in played.plan.happenings)
    if not caps or foreign:
        return
    state = State()
    with arithmetic():
        for logged, event in played.events:
            evolve(state, event, logged.version, logged.at_ns)
            for symbol, position in state.positions.items():
                assert abs(position.coins) <= caps[symbol]


def the_floor_is_where_losses_begin_to_block(played: Played) -> None:
    """The floor stands for two limits at every price, so it follows from the baselines after every event."""
    state = State()
    with arithmetic():
        for logged, event in played.events:
            evolve(state, event, logged.version, logged.at_ns)
            kept, guards = state.account.floor, state.settings.guards
            set_baselines(state.account, guards.daily_loss_limit, guards.drawdown_limit)
            assert state.account.floor == kept


def a_quote_called_quiet_is_answered_by_nothing(played: Played) -> None:
    """A turn does not even ask about it."""
    state = State()
    with arithmetic():
        for logged, event in played.events:
            if type(event) is not QuoteUpdated:
                evolve(state, event, logged.version, logged.at_ns)
                continue
            before = snapshot_bytes(state)
            evolve(state, event, logged.version, logged.at_ns)
            watched = open_snapshot(before)
            begin(watched, logged.version, logged.at_ns)
            loud = watch_quote(watched, event)
            assert snapshot_bytes(watched) == snapshot_bytes(state)
            assert loud or list(decide(state, event)) == []


def hold_all(played: Played, shares: list[float], choice: st.DataObject) -> None:
    folding_from_anywhere_is_folding_from_the_start(played, shares)
    replaying_gives_the_recorded_decisions_and_no_other(played, choice)
    money_and_positions_are_those_of_the_exchange(played)
    every_order_at_the_exchange_is_on_the_tape_and_settled(played)
    protection_never_increases_exposure(played)
    no_cap_is_passed_by_orders_that_each_fit(played)
    the_floor_is_where_losses_begin_to_block(played)
    a_quote_called_quiet_is_answered_by_nothing(played)


SHARES = st.lists(st.floats(0, 1), min_size=3, max_size=3)
RANDOM = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], print_blob=True)


@settings(RANDOM, max_examples=40)
@given(plan=plans(60), shares=SHARES, choice=st.data())
def test_the_invariants_hold_in_random_sessions(plan: Any, shares: list[float], choice: st.DataObject) -> None:
    hold_all(play(plan), shares, choice)


@pytest.mark.sweep
@settings(RANDOM, max_examples=1500, derandomize=False)
@given(plan=plans(150), shares=SHARES, choice=st.data())
def test_the_invariants_hold_in_many_long_random_sessions(
    plan: Any, shares: list[float], choice: st.DataObject
) -> None:
    hold_all(play(plan), shares, choice)
