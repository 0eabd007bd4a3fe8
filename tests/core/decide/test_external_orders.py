# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""What a person does at the venue is adopted: orders and trades (T12)."""

from decimal import Decimal

import pytest

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AlertRaised,
    CancelRequested,
    ConnectionRestored,
    DriftDetected,
    DriftRepaired,
    ExternalOrderAdopted,
    OrderAbandoned,
    OrderBlocked,
    OrderCanceled,
    OrderExpired,
    OrderLookupRequested,
    OrderRequested,
    ReconciliationCompleted,
    ReconciliationRequested,
    ReportedOrder,
    SignalGenerated,
)
from perptape.core.events.reason import Reason
from perptape.core.order import average_price
from perptape.core.settings import OrderSettings
from tests.core.builders import BTC, limits, reported_order
from tests.core.facts import (
    canceled,
    command,
    external_fill,
    not_found,
    quote,
    refused,
    report,
    running,
    started,
)
from tests.core.puppet import puppet
from tests.core.rules import Scene, given, like

LIMIT = OrderSettings(entry_type="limit", limit_ttl_s=3600)


def holding(**changes: object) -> Scene:
    """A bot that bought 5 at 100."""
    return given(*running(puppet(buy=100, close=110), **changes)).when(quote(100)).fill(100)  # type: ignore[arg-type]


def theirs() -> Scene:
    """A bot that holds 5 and has adopted a person's order to sell 5 at 120."""
    scene = holding()
    return scene.when(report(scene.state, orders=[reported_order("", "venue-7", side="sell", size=5, limit_price=120)]))


def test_a_working_order_that_the_venue_does_not_list_is_asked_about() -> None:
    scene = given(*running(puppet(buy=100), orders=LIMIT)).when(quote(100)).accept()
    scene.when(report(scene.state, orders=[])).then(OrderLookupRequested, like(ReconciliationCompleted, differences=1))
    assert scene.order.status == "open"


def test_an_order_on_its_way_is_not_missing() -> None:
    scene = given(*running(puppet(buy=100), orders=LIMIT)).when(quote(100))
    scene.when(report(scene.state, orders=[])).then(like(ReconciliationCompleted, differences=0))


def test_a_persons_order_is_adopted_counts_in_the_risk_and_can_be_canceled() -> None:
    scene = holding(guards=limits(position_caps={BTC: Decimal(12)}))
    persons = reported_order("", "venue-7", side="buy", size=6, limit_price=90)
    scene.when(report(scene.state, orders=[persons])).then(
        like(ExternalOrderAdopted, client_order_id="external:venue-7", size=6, limit_price=90),
        like(ReconciliationCompleted, differences=1),
    )
    assert (scene.order.purpose, scene.order.strategy, scene.order.intent) == ("external", "", 0)
    scene.when(report(scene.state)).then(like(ReconciliationCompleted, differences=0))
    scene.when(command("cancel_all")).then_also(like(CancelRequested, client_order_id="external:venue-7"))


def test_an_adopted_order_counts_against_the_cap_of_the_symbol() -> None:
    scene = given(*running(puppet(buy=100), guards=limits(position_caps={BTC: Decimal(10)})))
    scene.when(report(scene.state, orders=[reported_order("", "venue-7", side="buy", size=6, limit_price=90)]))
    scene.when(quote(100)).then(SignalGenerated, like(OrderBlocked, guard="position_cap", measured=11, limit=10))


def test_a_market_order_of_a_person_in_an_unknown_symbol_is_adopted_too() -> None:
    scene = holding()
    stranger = reported_order("", "venue-8", symbol="DOGE-PERP", limit_price=None, filled_size="0.5")
    scene.when(report(scene.state, orders=[stranger])).then_also(ExternalOrderAdopted)
    assert (scene.order.status, scene.order.reference_price) == ("partly_filled", 0)


def test_fills_of_an_adopted_order_find_it_and_are_no_surprise() -> None:
    scene = theirs()
    scene.when(external_fill("a", "sell", 2, 120, venue_order_id="venue-7")).then()
    assert (scene.order.status, scene.order.filled_size, average_price(scene.order)) == ("partly_filled", 2, 120)
    scene.when(external_fill("b", "sell", 3, 121, venue_order_id="venue-7")).then()
    assert (scene.working, scene.position()) == ([], 0)
    assert scene.state.markets[BTC].sleeves[0].position.size == 0


@pytest.mark.parametrize(
    "ends", [OrderCanceled(0, "", "venue-7", Decimal(0), "by hand"), OrderExpired(0, "", "venue-7", Decimal(0))]
)
def test_the_end_of_an_adopted_order_finds_it(ends: OrderCanceled | OrderExpired) -> None:
    scene = theirs().when(ends).then()
    assert scene.working == []


def test_an_adopted_order_that_is_not_found_has_its_settle_time_too() -> None:
    scene = given(*running(session=started(settle_ns=10 * SECOND_NS)))
    scene.when(report(scene.state, orders=[reported_order("", "venue-7")]))
    scene.when(not_found(scene.order), after_s=9).then()
    scene.when(not_found(scene.order), after_s=1).then_also(like(DriftRepaired, subject="order"))


def test_an_order_that_surfaces_at_the_venue_while_halted_is_canceled() -> None:
    scene = holding().when(command("halt"))
    scene.when(report(scene.state, orders=[reported_order("", "venue-7")])).then(
        ExternalOrderAdopted, like(CancelRequested, client_order_id="external:venue-7"), ReconciliationCompleted
    )


def test_a_flatten_at_work_is_not_canceled_with_what_surfaces() -> None:
    scene = holding().when(command("halt")).when(command("flatten")).accept()
    scene.when(report(scene.state)).then(ReconciliationCompleted)
    listed = [reported_order(scene.order.client_order_id, side="sell", size=5), reported_order("", "venue-7")]
    scene.when(report(scene.state, orders=listed))
    scene.then_also(like(CancelRequested, client_order_id="external:venue-7"))
    scene.then_never(like(CancelRequested, client_order_id=scene.working[0].client_order_id))


def test_an_order_that_was_given_up_and_is_listed_counts_again() -> None:
    scene = given(*running(puppet(buy=100), orders=LIMIT)).when(quote(100))
    order = scene.order
    scene.when(refused(order)).when(command("cancel_all")).then_also(OrderAbandoned)
    listed = reported_order(order.client_order_id, "venue-1", size=5)
    scene.when(report(scene.state, orders=[listed])).then_also(
        like(DriftDetected, subject="order", key=order.client_order_id, ours=0, theirs=5),
        like(DriftRepaired, subject="order", key=order.client_order_id, value=5),
    )
    assert (scene.working, order.status, order.purpose) == ([order], "open", "entry")


def ended() -> tuple[Scene, ReportedOrder]:
    """A bot that believes its order filled, of which the venue lists 3 of 5 as still working."""
    scene = given(*running(puppet(buy=100), orders=LIMIT)).when(quote(100)).accept().fill(100)
    [order] = scene.state.closed_orders.values()
    return scene, reported_order(order.client_order_id, "venue-1", size=5, filled_size=2)


def test_an_order_that_ended_after_the_venue_was_asked_is_no_difference() -> None:
    scene, listed = ended()
    scene.when(report(scene.state, orders=[listed])).then(like(ReconciliationCompleted, differences=0))
    assert scene.working == []


def test_an_order_that_ended_before_the_venue_was_asked_and_is_listed_works_again() -> None:
    scene, listed = ended()
    scene.when(ConnectionRestored("rest"), after_s=1).then(ReconciliationRequested)
    scene.when(report(scene.state, orders=[listed])).then_also(
        like(DriftDetected, subject="order", key=listed.client_order_id, ours=0, theirs=3),
        like(DriftRepaired, subject="order", key=listed.client_order_id, value=3),
        like(AlertRaised, topic="drift"),
    )
    names = {"request_id": "reconciliation-2", "status": "filled"}
    expected = Reason("order_reported", {"left": Decimal(3)}, names)
    assert scene.decisions[0].evidence == expected  # type: ignore[union-attr]
    [order] = scene.working
    assert (order.status, order.filled_size, average_price(order)) == ("partly_filled", 2, 100)
    scene.when(report(scene.state)).then(like(ReconciliationCompleted, differences=0))


def test_an_order_that_works_again_though_it_is_to_go_is_canceled_again() -> None:
    scene = given(*running(puppet(buy=100), orders=LIMIT)).when(quote(100)).accept().when(command("cancel_all"))
    order = scene.order
    scene.when(canceled(order)).when(ConnectionRestored("rest"), after_s=1)
    listed = reported_order(order.client_order_id, "venue-1", size=5)
    scene.when(report(scene.state, orders=[listed])).then_also(
        DriftRepaired, like(CancelRequested, client_order_id=order.client_order_id, reason=Reason("still_working"))
    )
    assert (order.status, order.filled_size, order.filled_value) == ("open", 0, 0)


def test_an_order_that_works_again_while_halted_is_canceled() -> None:
    scene, listed = ended()
    scene.when(command("halt")).when(ConnectionRestored("rest"), after_s=1)
    scene.when(report(scene.state, orders=[listed])).then_also(
        DriftRepaired, like(CancelRequested, client_order_id=listed.client_order_id, reason=Reason("bot_halted"))
    )


def test_a_persons_trade_is_taken_over_and_told_once() -> None:
    scene = holding()
    scene.when(external_fill("by hand", "sell", 2, 101, fee=Decimal("0.1"))).then(
        like(AlertRaised, severity="warning", topic="external_fill")
    )
    assert scene.position() == 3
    assert scene.state.account.cash == 10000 + 2 - Decimal("0.1")
    scene.when(external_fill("by hand", "sell", 2, 101, fee=Decimal("0.1"))).then()
    assert scene.position() == 3


def test_a_position_that_a_person_opened_can_be_closed_by_the_bot() -> None:
    scene = given(*running()).when(external_fill("by hand", "buy", 2, 99)).when(command("flatten"))
    scene.then_also(like(OrderRequested, side="sell", size=2, reduce_only=True))


def test_a_persons_trade_closes_the_sleeves_that_it_goes_against_in_order() -> None:
    scene = given(*running(puppet("a", buy=100), puppet("b", buy=101)))
    scene.when(quote(100)).fill(100).when(quote(101)).fill(101)
    scene.when(external_fill("by hand", "sell", 7, 110))
    first, second = scene.state.markets[BTC].sleeves
    assert (first.position.size, second.position.size) == (0, Decimal("2.95"))
    assert (first.result.realised, second.result.realised) == (50, 18)
    scene.when(external_fill("a bit", "sell", 1, 110))
    assert second.position.size == Decimal("1.95")
    scene.when(external_fill("more", "buy", 1, 110))
    assert second.position.size == Decimal("1.95")


def test_a_persons_trade_stops_at_the_sleeve_that_it_is_used_up_by() -> None:
    scene = given(*running(puppet("a", buy=100), puppet("b", buy=101)))
    scene.when(quote(100)).fill(100).when(quote(101)).fill(101)
    scene.when(external_fill("by hand", "sell", 5, 110))
    assert [sleeve.position.size for sleeve in scene.state.markets[BTC].sleeves] == [0, Decimal("4.95")]
