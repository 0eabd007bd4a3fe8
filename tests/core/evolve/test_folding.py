# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""Folding the tape alone gives the state of the bot that wrote it, in one go or in parts (S01, S05, S20)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from msgspec import Raw

from perptape.core.codec import decode_data, encode_data
from perptape.core.durations import DAY_NS, SECOND_NS
from perptape.core.events import (
    SCHEMA_VERSIONS,
    CancelRequested,
    DriftRepaired,
    MarginReported,
    OpeningState,
    OrderAbandoned,
    OrderLookupRequested,
    OrderResubmitted,
    ReconnectRequested,
)
from perptape.core.events.reason import Reason
from perptape.core.evolve import evolve, evolve_all
from perptape.core.money import ONE, ZERO, arithmetic
from perptape.core.opening import memories_of, snapshot_bytes, state_bytes
from perptape.core.order import average_price
from perptape.core.state import State
from tests.core.builders import BTC, limits
from tests.core.facts import command, filled, quote, refused, running, started
from tests.core.puppet import puppet
from tests.core.rules import Scene, given


@dataclass
class Line:
    """An event with its place on the tape."""

    version: int
    at_ns: int
    data: Any


def eventful() -> Scene:
    """A day with a bit of everything."""
    trader = puppet(buy=100, close=101, trailing_stop="0.1")
    scene = given(*running(trader, guards=limits(daily_loss_limit=50, drawdown_limit="0.5")))
    scene.when(quote(100)).when(refused(scene.order)).wait().fill(100).when(quote(101)).fill(101, fee=1)
    scene.when(quote(100)).fill(100).when(quote(88)).when(command("halt", command_id="the-halt"))
    scene.at_ns = (scene.at_ns // DAY_NS + 1) * DAY_NS
    return scene.when(quote(99)).when(started(2))


def test_folding_the_tape_gives_the_state_of_the_bot_that_wrote_it() -> None:
    scene = eventful()
    assert snapshot_bytes(scene.refolded()) == snapshot_bytes(scene.state)


def test_folding_many_at_once_is_folding_them_one_by_one() -> None:
    scene, state = eventful(), State()
    with arithmetic():
        evolve_all(state, [Line(version, at_ns, event) for version, (event, at_ns) in enumerate(scene.tape, 1)])
    assert snapshot_bytes(state) == snapshot_bytes(scene.state)


def test_a_state_may_be_opened_from_an_event_and_keeps_its_own_place_on_the_tape() -> None:
    scene = eventful()
    opening = OpeningState(Raw(state_bytes(scene.state)), memories_of(scene.state))
    carried = decode_data("OpeningState", SCHEMA_VERSIONS["OpeningState"], encode_data(opening))
    state = State()
    with arithmetic():
        evolve(state, carried, 1, scene.at_ns)
    assert (state.version, state.at_ns) == (1, scene.at_ns)
    state.version = scene.state.version
    assert snapshot_bytes(state) == snapshot_bytes(scene.state)


def test_opening_a_state_is_answered_by_nothing() -> None:
    Scene().when(OpeningState(Raw(state_bytes(State())), ())).then()


def test_a_new_day_begins_with_its_first_event_whatever_that_is() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(100)).fill(100, fee=3)
    account = scene.state.account
    assert (account.day.fees, account.total.fees) == (3, 3)
    scene.at_ns = (scene.at_ns // DAY_NS + 1) * DAY_NS
    scene.when(MarginReported(0, ONE, ONE, ONE))
    assert (account.day.fees, account.total.fees, account.day_start_equity) == (0, 3, 9997)
    assert account.day_end_ns == scene.at_ns + DAY_NS


def test_a_fill_that_comes_after_midnight_belongs_to_the_new_day() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(100)).accept()
    fill = filled(scene.order, 100, fee=2)
    scene.restart().when(started(2))
    scene.at_ns = (scene.at_ns // DAY_NS + 1) * DAY_NS
    scene.when(fill).when(fill)
    assert (scene.position(), scene.state.account.day.fees) == (5, 2)
    assert [order.status for order in scene.state.closed_orders.values()] == ["filled"]


def test_a_closed_position_leaves_its_result_and_nothing_else() -> None:
    scene = given(*running(puppet(buy=100, close=110))).when(quote(100)).fill(100).when(quote(110)).fill(110, fee=1)
    state = scene.state
    assert (state.positions, state.orders) == ({}, {})
    assert (state.results[BTC].realised, state.results[BTC].fees, state.results[BTC].fills) == (50, 1, 2)
    assert (state.account.unrealised, state.account.equity) == (0, 10049)


def test_requests_are_forgotten_after_a_minute() -> None:
    scene = given(*running(puppet(buy=100, close=101))).when(quote(100)).fill(100)
    first_ns = scene.state.request_times[0]
    scene.when(quote(101), after_s=1).fill(101).when(quote(100), after_s=58)
    assert len(scene.state.request_times) == 3
    scene.fill(100).when(quote(101), after_s=1)
    assert scene.state.request_times[0] > first_ns


def test_decisions_about_what_is_gone_change_nothing() -> None:
    scene = given(*running())
    before = snapshot_bytes(scene.state)
    repaired = DriftRepaired(subject="order", key="gone", value=ZERO, price=ZERO)
    for decision in (
        OrderResubmitted("gone", 2, Reason("throttled")),
        OrderAbandoned("gone", Reason("bot_halted")),
        CancelRequested("gone", Reason("bot_halted")),
        OrderLookupRequested("gone", 1),
        ReconnectRequested("private", 1),
        repaired,
    ):
        evolve(scene.state, decision, scene.state.version, scene.at_ns)
    assert snapshot_bytes(scene.state) == before


def test_repudiating_an_order_twice_changes_nothing() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(100)).accept()
    repaired = DriftRepaired(subject="order", key=scene.order.client_order_id, value=ZERO, price=ZERO)
    evolve(scene.state, repaired, scene.state.version, scene.at_ns)
    once = snapshot_bytes(scene.state)
    evolve(scene.state, repaired, scene.state.version, scene.at_ns + SECOND_NS)
    scene.state.at_ns = scene.at_ns
    assert snapshot_bytes(scene.state) == once


def test_what_works_again_keeps_the_average_price_of_its_fills() -> None:
    scene = given(*running(puppet(buy=100))).when(quote(100)).fill(90, 2).fill(105, 3)
    [order] = scene.state.closed_orders.values()
    repaired = DriftRepaired(subject="order", key=order.client_order_id, value=Decimal(4), price=ZERO)
    evolve(scene.state, repaired, scene.state.version, scene.at_ns)
    assert (scene.working, order.status, order.filled_size, average_price(order)) == ([order], "partly_filled", 1, 99)
    gone = DriftRepaired(subject="order", key="nobody", value=Decimal(4), price=ZERO)
    evolve(scene.state, gone, scene.state.version, scene.at_ns)
    assert scene.working == [order]
