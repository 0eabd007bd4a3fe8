"""The venue's report is held against the state; every difference is named, and agreement is silent."""

from decimal import Decimal
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.durations import SECOND_NS
from perptape.core.events.reason import Reason, ReasonCode
from perptape.core.order import OrderStatus
from perptape.core.position import Position
from perptape.core.reconciliation import (
    Drift,
    compare,
    impossible,
    missing_orders,
    order_key,
    resurfaced,
    unknown_orders,
)
from perptape.core.settings import GuardSettings
from perptape.core.state import State
from perptape.core.wording import sentence
from tests.core.builders import (
    BTC,
    ETH,
    Number,
    account_report,
    long,
    market,
    profitable,
    reported_order,
    reported_position,
    several_positions,
    state,
    working_order,
)


def reported(subject: Literal["position", "cash"], **numbers: Number) -> Reason:
    """The evidence of a difference that the first report shows."""
    code: ReasonCode = "position_reported" if subject == "position" else "cash_reported"
    return Reason(code, {name: Decimal(number) for name, number in numbers.items()}, {"request_id": "reconciliation-1"})


LIMITS = GuardSettings(cash_max=Decimal(1_000_000))


@pytest.mark.parametrize("cash", ["0", "1000000"])
def test_cash_from_nothing_up_to_the_limit_is_possible(cash: str) -> None:
    assert impossible(account_report(cash=cash), LIMITS) is None


@pytest.mark.parametrize(
    ("cash", "hold", "why"),
    [
        ("-0.01", "0", "the venue reports negative cash: -0.01"),
        ("1000000.01", "0", "the venue reports cash 1000000.01, above the plausible maximum 1000000"),
        ("1E+7", "0", "the venue reports cash 10000000, above the plausible maximum 1000000"),
        ("100", "-0.01", "the venue reports a negative hold: -0.01"),
    ],
)
def test_cash_beyond_it_is_impossible_and_the_reason_names_the_numbers(cash: str, hold: str, why: str) -> None:
    assert sentence(impossible(account_report(cash=cash, hold=hold), LIMITS)) == why


def test_a_report_that_agrees_holds_no_drift() -> None:
    held = several_positions()
    positions = (reported_position(10, 90), reported_position(-20, 45, ETH))
    assert compare(held, account_report(held.account.cash, positions)) == []


def test_numbers_agree_however_they_are_written() -> None:
    held = profitable()
    assert compare(held, account_report("1E+4", [reported_position("10.000", 90)])) == []


def test_a_position_that_both_sides_call_flat_is_no_drift() -> None:
    flat = state()
    flat.positions[BTC] = Position()
    assert compare(flat, account_report(10000, [reported_position(0, 0, ETH)])) == []


def test_another_size_at_the_venue_is_drift_with_the_evidence_of_both_sides() -> None:
    assert compare(profitable(), account_report(10000, [reported_position("12.5", "91.50")])) == [
        Drift(
            subject="position",
            key=BTC,
            ours=Decimal(10),
            theirs=Decimal("12.5"),
            price=Decimal("91.5"),
            evidence=reported("position", theirs="12.5", their_price="91.5", ours=10, our_price=90),
        )
    ]


def test_a_position_that_only_we_have_is_gone() -> None:
    assert compare(profitable(), account_report(10000)) == [
        Drift(
            "position",
            BTC,
            Decimal(10),
            Decimal(0),
            Decimal(0),
            reported("position", theirs=0, their_price=0, ours=10, our_price=90),
        )
    ]


def test_a_position_that_only_the_venue_has_is_taken_up() -> None:
    [drift] = compare(state(), account_report(10000, [reported_position(-3, 50, ETH)]))
    evidence = reported("position", theirs=-3, their_price=50, ours=0, our_price=0)
    assert drift == Drift("position", ETH, Decimal(0), Decimal(-3), Decimal(50), evidence)


def test_the_evidence_of_a_flat_position_is_in_plain_notation_too() -> None:
    [drift] = compare(state(), account_report(10000, [reported_position(-3, 50, ETH)]))
    assert sentence(drift.evidence) == "reconciliation-1: the venue has -3 at 50, we have 0 at 0"


def test_other_cash_is_drift() -> None:
    assert compare(state(), account_report("9999.50")) == [
        Drift(
            subject="cash",
            key="cash",
            ours=Decimal(10000),
            theirs=Decimal("9999.5"),
            price=Decimal(0),
            evidence=reported("cash", theirs="9999.5", ours=10000),
        )
    ]


def test_numbers_of_a_drift_are_trimmed() -> None:
    held = state(cash="1E+4")
    [position, cash] = compare(held, account_report("9.900", [reported_position(1, "50.00")]))
    assert [str(number) for number in (position.price, cash.ours, cash.theirs)] == ["50", "10000", "9.9"]


def test_positions_come_first_by_symbol_and_cash_last() -> None:
    held = state(market("SOL-PERP"), market(BTC))
    long(held, 1, symbol="SOL-PERP")
    long(held, 1, symbol=BTC)
    report = account_report(1, [reported_position(5, 50, ETH), reported_position(4, 50, "ADA-PERP")])
    assert [drift.key for drift in compare(held, report)] == ["ADA-PERP", BTC, ETH, "SOL-PERP", "cash"]


SIZES = st.dictionaries(st.sampled_from([BTC, ETH, "SOL-PERP"]), st.integers(-3, 3).filter(bool))


@given(SIZES, SIZES, st.integers(0, 3), st.integers(0, 3))
def test_the_drifts_are_exactly_the_differences(
    ours: dict[str, int], theirs: dict[str, int], our_cash: int, their_cash: int
) -> None:
    held = state(cash=our_cash)
    held.positions = {symbol: Position(size=Decimal(size), coins=Decimal(size)) for symbol, size in ours.items()}
    report = account_report(their_cash, [reported_position(size, 50, symbol) for symbol, size in theirs.items()])
    wanted: dict[str, tuple[object, object]] = {
        symbol: (ours.get(symbol, 0), theirs.get(symbol, 0))
        for symbol in {*ours, *theirs}
        if ours.get(symbol) != theirs.get(symbol)
    }
    if our_cash != their_cash:
        wanted["cash"] = (our_cash, their_cash)
    assert {drift.key: (drift.ours, drift.theirs) for drift in compare(held, report)} == wanted


def test_an_order_is_known_by_the_clients_id_and_otherwise_by_the_venues() -> None:
    assert order_key(reported_order("order-1", "venue-1")) == "order-1"
    assert order_key(reported_order("", "venue-1")) == "external:venue-1"


def test_an_order_that_the_state_does_not_know_is_unknown() -> None:
    held = state()
    working_order(held)
    working_order(held, client_order_id="external:venue-2")
    known = [reported_order("order-1", "venue-1"), reported_order("", "venue-2")]
    strangers = [reported_order("", "venue-3"), reported_order("order-9", "venue-9")]
    assert unknown_orders(held, account_report(orders=known)) == []
    assert unknown_orders(held, account_report(orders=[*strangers, *known])) == strangers


@pytest.mark.parametrize(
    ("status", "ended_s", "found"),
    [
        ("canceled", 7, True),
        ("canceled", 8, False),
        ("filled", 7, True),
        ("filled", 11, False),
        ("abandoned", 11, True),
    ],
)
def test_an_order_resurfaces_when_it_had_ended_before_the_venue_was_asked(
    status: OrderStatus, ended_s: int, found: bool
) -> None:
    held = state()
    held.settle_ns = 2 * SECOND_NS
    held.reconciliation.requested_at_ns = 10 * SECOND_NS
    ended = working_order(held, size=3, status=status, changed_at_ns=ended_s * SECOND_NS)
    held.closed_orders[ended.client_order_id] = held.orders.pop(ended.client_order_id)
    listed = account_report(orders=[reported_order(size=3, filled_size=1), reported_order("order-2")])
    drifts = resurfaced(held, listed)
    wanted = [Drift("order", "order-1", Decimal(0), Decimal(2), Decimal(0), drift.evidence) for drift in drifts]
    assert (drifts, len(drifts)) == (wanted, int(found))
    assert unknown_orders(held, listed) == [reported_order("order-2")]


def test_an_order_of_which_nothing_is_left_does_not_resurface() -> None:
    held = state()
    held.reconciliation.requested_at_ns = 10 * SECOND_NS
    ended = working_order(held, size=3, status="filled", changed_at_ns=SECOND_NS)
    held.closed_orders[ended.client_order_id] = held.orders.pop(ended.client_order_id)
    assert resurfaced(held, account_report(orders=[reported_order(size=3, filled_size=3)])) == []


def with_order(status: OrderStatus) -> State:
    held = state()
    working_order(held, status=status)
    return held


@pytest.mark.parametrize("status", ["open", "partly_filled"])
def test_an_open_order_that_the_venue_does_not_list_is_missing(status: OrderStatus) -> None:
    held = with_order(status)
    assert missing_orders(held, account_report()) == list(held.orders.values())
    assert missing_orders(held, account_report(orders=[reported_order("order-1")])) == []


@pytest.mark.parametrize("status", ["requested", "waiting", "unknown"])
def test_an_order_that_may_not_have_arrived_yet_is_not_missing(status: OrderStatus) -> None:
    assert missing_orders(with_order(status), account_report()) == []


def test_an_external_order_is_listed_by_the_venues_id() -> None:
    held = state()
    working_order(held, client_order_id="external:venue-1")
    assert missing_orders(held, account_report(orders=[reported_order("", "venue-1")])) == []
    assert missing_orders(held, account_report(orders=[reported_order("", "venue-2")])) != []
