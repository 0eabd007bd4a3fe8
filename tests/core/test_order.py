"""An order moves along its transitions only; what the venue proves late wins over what the bot concluded early."""

from decimal import Decimal
from itertools import product
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from perptape.core.events import TimeInForce
from perptape.core.order import (
    TRANSITIONS,
    WORKING,
    Order,
    OrderStatus,
    advance,
    average_price,
    is_taker,
    is_working,
    remaining,
    signed,
)
from tests.core.builders import NOW_NS, order

STATUSES: tuple[OrderStatus, ...] = get_args(OrderStatus)
ENDED = frozenset(STATUSES) - WORKING
UNSURE: frozenset[OrderStatus] = frozenset({"requested", "waiting", "unknown"})
"""The bot does not know whether the venue has the order."""
LATER_NS = NOW_NS + 1

LEGAL = """
requested      waiting unknown open partly_filled filled canceled expired rejected abandoned
waiting        requested unknown open partly_filled filled canceled expired rejected abandoned
unknown        requested waiting open partly_filled filled canceled expired rejected abandoned
open           partly_filled filled canceled expired rejected
partly_filled  filled canceled expired rejected
canceled       filled
expired        filled
filled
rejected       open partly_filled filled
abandoned      open partly_filled filled canceled expired rejected
"""
TABLE = {line.split()[0]: frozenset(line.split()[1:]) for line in LEGAL.strip().splitlines()}
PAIRS = list(product(STATUSES, STATUSES))


def test_every_status_has_its_row() -> None:
    assert set(TABLE) == set(TRANSITIONS) == set(STATUSES)


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair[1] in TABLE[pair[0]]])
def test_a_legal_report_moves_the_order(before: OrderStatus, after: OrderStatus) -> None:
    moved = order(status=before)
    assert advance(moved, after, LATER_NS)
    assert moved == order(status=after, changed_at_ns=LATER_NS)


@pytest.mark.parametrize(("before", "after"), [pair for pair in PAIRS if pair[1] not in TABLE[pair[0]]])
def test_an_illegal_report_leaves_the_order_as_it_was(before: OrderStatus, after: OrderStatus) -> None:
    kept = order(status=before)
    assert not advance(kept, after, LATER_NS)
    assert kept == order(status=before)


@pytest.mark.parametrize("status", STATUSES)
def test_no_status_leads_to_itself(status: OrderStatus) -> None:
    assert status not in TRANSITIONS[status]


def test_a_filled_order_is_at_its_end() -> None:
    assert TRANSITIONS["filled"] == frozenset()


@pytest.mark.parametrize("status", sorted(set(STATUSES) - {"filled"}))
def test_a_fill_that_surfaces_late_completes_any_other_order(status: OrderStatus) -> None:
    assert "filled" in TRANSITIONS[status]


@pytest.mark.parametrize("status", sorted(set(STATUSES) - UNSURE))
def test_once_the_venue_has_spoken_or_it_was_given_up_no_order_is_unsure_again(status: OrderStatus) -> None:
    assert not TRANSITIONS[status] & (UNSURE | {"abandoned"})


@given(st.lists(st.sampled_from(STATUSES), max_size=20))
def test_whatever_is_reported_a_filled_order_stays_filled(reports: list[OrderStatus]) -> None:
    moved = order(status="requested")
    history = [moved.status]
    for at_ns, status in enumerate(reports):
        before = moved.status
        assert advance(moved, status, at_ns) == (moved.status == status != before)
        history.append(moved.status)
    assert "filled" not in history[:-1] or moved.status == "filled"


def test_an_order_begins_as_requested_once_and_nothing_has_happened_to_it() -> None:
    defaults = {field.name: field.default for field in fields(Order) if not field.required}
    assert defaults == {
        "sent_at_ns": 0,
        "status": "requested",
        "venue_order_id": "",
        "filled_size": 0,
        "filled_value": 0,
        "fees": 0,
        "attempts": 1,
        "lookups": 0,
        "cancels": 0,
        "changed_at_ns": 0,
        "note": None,
    }


@pytest.mark.parametrize("status", sorted(WORKING))
def test_a_working_order_may_still_fill_the_rest(status: OrderStatus) -> None:
    working = order(size=3, status=status, filled_size=1)
    assert is_working(working)
    assert remaining(working) == 2


@pytest.mark.parametrize("status", sorted(ENDED))
def test_an_ended_order_fills_no_more(status: OrderStatus) -> None:
    ended = order(size=3, status=status, filled_size=1)
    assert not is_working(ended)
    assert remaining(ended) == 0


def test_the_working_statuses_are_those_before_an_end() -> None:
    assert frozenset({"filled", "canceled", "expired", "rejected", "abandoned"}) == ENDED


@pytest.mark.parametrize(("time_in_force", "takes"), [("ioc", True), ("fok", True), ("gtc", False), ("gtd", False)])
def test_only_orders_that_may_not_wait_are_takers(time_in_force: TimeInForce, takes: bool) -> None:
    assert is_taker(order(time_in_force=time_in_force)) == takes


def test_a_buy_adds_and_a_sell_takes_away() -> None:
    assert signed("buy", Decimal(3)) == 3
    assert signed("sell", Decimal(3)) == -3


def test_the_average_price_is_weighted_by_size() -> None:
    assert average_price(order(size=4, filled_size=4, filled_value=1 * 100 + 3 * 120)) == 115


def test_there_is_no_average_price_before_the_first_fill() -> None:
    assert average_price(order()) is None
