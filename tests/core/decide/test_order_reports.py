# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""What becomes of an order at the venue: accepted, filled, ended (T06, B02 to B04, B08, S16)."""

from decimal import Decimal

import pytest

from perptape.core.events import (
    AlertRaised,
    CancelAccepted,
    CancelRequested,
    ModeChanged,
    OrderExpired,
)
from perptape.core.events.reason import Reason, venue_code, venue_says
from perptape.core.order import average_price, remaining
from perptape.core.wording import alert_message
from tests.core.decide.orders import RESTING, ordered, resting
from tests.core.facts import (
    accepted,
    canceled,
    command,
    filled,
    rejected,
)
from tests.core.rules import like


def test_an_accepted_order_works_under_the_venues_id() -> None:
    scene = ordered().accept().then()
    assert (scene.order.status, scene.order.venue_order_id) == ("open", "venue-1")


def test_an_echo_with_the_same_numbers_written_otherwise_is_the_same_order() -> None:
    scene = ordered(orders=RESTING)
    scene.when(accepted(scene.order, size=Decimal("5.000"), limit_price=Decimal("100.00"))).then()


@pytest.mark.parametrize(
    ("name", "value"), [("symbol", "ETH-PERP"), ("side", "sell"), ("size", Decimal(6)), ("limit_price", Decimal(101))]
)
def test_an_echo_that_differs_halts_the_bot_and_cancels_the_order(name: str, value: object) -> None:
    scene = ordered(orders=RESTING)
    scene.when(accepted(scene.order, **{name: value})).then(
        like(ModeChanged, mode="halted", cause="venue", halt_id=1),
        like(CancelRequested, client_order_id=scene.order.client_order_id),
        like(AlertRaised, severity="critical"),
    )
    [alert] = scene.state.alerts.values()
    assert "we asked for buy 5 BTC-PERP at 100" in alert_message(alert)


def test_only_reports_of_the_feed_move_its_place() -> None:
    scene = ordered(orders=RESTING)
    scene.when(accepted(scene.order, seq=5)).when(accepted(scene.order)).when(filled(scene.order, 100, 1))
    assert scene.state.feed_seq == 5
    scene.when(filled(scene.order, 100, 1, seq=6)).when(canceled(scene.order))
    assert scene.state.feed_seq == 6


def test_an_echo_of_an_order_that_nobody_knows_changes_nothing() -> None:
    scene = ordered()
    scene.when(accepted(scene.order, client_order_id="somebody's")).then()
    assert scene.order.status == "requested"


def test_fills_in_parts_are_followed_to_the_last_one() -> None:
    scene = resting()
    scene.fill(100, 2, fee="0.1")
    assert (scene.order.status, remaining(scene.order), average_price(scene.order)) == ("partly_filled", 3, 100)
    scene.fill(99, 1, fee="0.05")
    assert (remaining(scene.order), average_price(scene.order)) == (2, Decimal(299) / 3)
    assert scene.position() == 3
    scene.fill(98, 2)
    assert scene.working == []
    [ended] = scene.state.closed_orders.values()
    assert (ended.status, ended.filled_size, ended.fees) == ("filled", 5, Decimal("0.15"))


def test_the_rest_of_a_partly_filled_order_can_be_canceled() -> None:
    scene = resting().fill(100, 2)
    scene.when(command("cancel_all")).then_also(CancelRequested)
    scene.when(CancelAccepted(scene.order.client_order_id)).then()
    scene.when(canceled(scene.order)).then()
    assert scene.working == []
    assert scene.position() == 2


def test_a_fill_before_the_acceptance_gives_the_state_of_the_other_order() -> None:
    late, early = ordered(), ordered()
    acceptance, fill = accepted(late.order), filled(late.order, 100)
    late.when(acceptance).when(fill)
    early.when(fill).when(acceptance)
    assert early.state.positions == late.state.positions
    assert early.state.account == late.state.account
    assert early.state.closed_orders == late.state.closed_orders
    assert early.state.orders == late.state.orders == {}


def test_a_repeated_fill_changes_nothing() -> None:
    scene = ordered()
    fill = filled(scene.order, 100, 2)
    scene.when(fill)
    before = (scene.position(), scene.state.account.cash, scene.order.filled_size)
    scene.when(fill).then()
    assert (scene.position(), scene.state.account.cash, scene.order.filled_size) == before


def test_a_fill_after_the_cancel_is_still_a_fill() -> None:
    scene = resting()
    order = scene.order
    scene.when(canceled(order)).when(filled(order, 100, 5))
    assert (scene.position(), order.status) == (5, "filled")


def test_an_expired_entry_leaves_nothing_behind() -> None:
    scene = resting()
    scene.when(OrderExpired(0, scene.order.client_order_id, scene.order.venue_order_id, Decimal(0))).then()
    assert scene.working == []
    assert scene.position() == 0


@pytest.mark.parametrize("first_accepted", [False, True])
def test_a_rejection_keeps_the_venues_reason_and_is_not_repeated(first_accepted: bool) -> None:
    scene = resting() if first_accepted else ordered()
    order = scene.order
    scene.when(rejected(order)).then(like(AlertRaised, severity="warning", topic="order_rejected"))
    assert (order.status, order.note) == ("rejected", venue_code("INSUFFICIENT_FUND", "there is not enough of it"))
    assert scene.state.alerts["alert-1"].reason.names["code"] == "INSUFFICIENT_FUND"
    assert scene.working == []
    assert scene.position() == 0


def test_a_rejection_of_an_unknown_order_is_no_news() -> None:
    scene = ordered()
    order = scene.order
    scene.when(rejected(order)).state.closed_orders.clear()
    scene.when(rejected(order)).then()


def test_what_the_venue_cancels_of_its_own_accord_is_told_with_its_reason() -> None:
    scene = ordered(orders=RESTING).fill(100, 2)
    order = scene.order
    scene.when(canceled(order, "margin")).then(
        like(
            AlertRaised,
            severity="warning",
            topic="order_canceled",
            reason=Reason(
                "canceled_by_venue",
                {"left": Decimal(3), "size": Decimal(5)},
                {"side": "buy", "symbol": "BTC-PERP"},
                "margin",
            ),
        )
    )
    assert scene.state.closed_orders[order.client_order_id].note == venue_says("margin")


def test_a_cancel_of_an_order_that_has_filled_wholly_is_not_worth_telling() -> None:
    scene = ordered(orders=RESTING)
    order = scene.order
    scene.fill(100, 5).when(canceled(order)).then()
