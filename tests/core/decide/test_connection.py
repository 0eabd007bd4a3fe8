"""A lost channel is connected again with growing waits; nothing is assumed and no order leaves meanwhile."""

from decimal import Decimal

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AlertRaised,
    CancelRequested,
    ConfigurationLoaded,
    ConnectionLost,
    ConnectionRestored,
    GuardCleared,
    GuardTripped,
    OrderBlocked,
    OrderRequested,
    ReconciliationCompleted,
    ReconciliationRequested,
    ReconnectRequested,
    SignalGenerated,
    StreamGapDetected,
    TimerCanceled,
    TimerSet,
)
from perptape.core.events.reason import Reason, venue_says
from tests.core.builders import BTC, ETH
from tests.core.decide.orders import RESTING, ordered
from tests.core.facts import quote, report, running, settings, started
from tests.core.puppet import puppet
from tests.core.rules import given, like


def test_a_lost_channel_is_told_once_and_tried_after_1_2_4_seconds() -> None:
    scene = given(*running()).when(ConnectionLost("private", "reset by peer"))
    scene.then(
        like(TimerSet, timer_id="reconnect:private", due_at_ns=scene.at_ns + SECOND_NS),
        like(
            AlertRaised,
            severity="warning",
            topic="connection_lost",
            subject="private",
            reason=venue_says("reset by peer"),
        ),
    )
    for attempt in (1, 2, 3):
        scene.wait_for("reconnect:private").then(like(ReconnectRequested, channel="private", attempt=attempt))
        scene.when(ConnectionLost("private", "refused")).then(
            like(TimerSet, timer_id="reconnect:private", due_at_ns=scene.at_ns + 2**attempt * SECOND_NS)
        )
    scene.when(ConnectionLost("private", "again")).then()


def test_the_wait_never_passes_the_longest_one() -> None:
    scene = given(*running()).when(ConnectionLost("rest", "down"))
    for _ in range(40):
        scene.wait_for("reconnect:rest").when(ConnectionLost("rest", "down"))
    assert scene.state.timers["reconnect:rest"] == scene.at_ns + 60 * SECOND_NS


def test_a_restored_channel_says_how_long_it_was_down_and_asks_what_the_account_is_now() -> None:
    scene = given(*running()).when(ConnectionLost("private", "reset")).when(ConnectionRestored("private"), after_s=7)
    scene.then(
        like(TimerCanceled, timer_id="reconnect:private"),
        like(ReconciliationRequested, reason=Reason("connection_restored", names={"channel": "private"})),
        like(
            AlertRaised,
            severity="info",
            topic="connection_restored",
            subject="private",
            reason=Reason("down_for", {"seconds": Decimal(7)}),
        ),
    )


def test_without_the_market_no_old_price_counts_and_resting_entries_are_taken_back() -> None:
    scene = ordered(orders=RESTING).accept()
    scene.when(ConnectionLost("market", "reset"), after_s=3).then(
        like(TimerSet, timer_id="reconnect:market"),
        like(GuardTripped, guard="staleness", symbol=BTC, measured=3, mode="normal"),
        like(GuardTripped, guard="staleness", symbol=ETH, measured=3),
        like(CancelRequested, reason=Reason("market_down")),
        like(AlertRaised, topic="connection_lost", subject="market"),
    )


def test_no_order_leaves_while_blind_and_trading_waits_for_the_comparison_and_a_fresh_price() -> None:
    scene = given(*running(puppet(buy=100)))
    scene.when(ConnectionLost("private", "reset by peer"))
    scene.when(ConnectionLost("market", "reset by peer")).when(ConnectionLost("market", "again"))
    assert scene.state.lost_channels == ["market", "private"]
    scene.wait_for("reconnect:private").then(like(ReconnectRequested, channel="private"))
    scene.when(quote(100)).then_also(SignalGenerated, like(OrderBlocked, guard="connection"))
    scene.when(ConnectionRestored("private")).then_never(ReconciliationRequested)
    scene.when(ConnectionRestored("market")).then_also(ReconciliationRequested)
    scene.when(quote(100)).then_also(like(OrderBlocked, guard="connection"))
    scene.when(report(scene.state)).then(ReconciliationCompleted)
    scene.when(quote(100)).then(SignalGenerated, OrderRequested)


def test_a_report_from_before_the_reconnection_does_not_open_trading() -> None:
    scene = given(*running(puppet(buy=100))).when(ConnectionLost("market", "reset"))
    scene.when(report(scene.state)).when(ConnectionRestored("market"))
    scene.when(quote(100)).then_also(like(OrderBlocked, guard="connection"))


def test_a_channel_that_was_never_lost_may_be_restored() -> None:
    scene = given(*running()).when(ConnectionRestored("rest")).then(ReconciliationRequested)
    scene.when(ConnectionRestored("rest")).then()


def test_a_gap_of_the_market_feed_makes_every_price_stale_until_a_fresh_one_comes() -> None:
    scene = given(*running(puppet(buy=100))).when(StreamGapDetected("market", 7, 9))
    reason = Reason("feed_gap", {"expected": Decimal(7), "received": Decimal(9)}, {"channel": "market"})
    scene.then(
        like(GuardTripped, guard="staleness", symbol=BTC, reason=reason),
        like(GuardTripped, guard="staleness", symbol=ETH),
        like(ReconciliationRequested, reason=reason),
    )
    scene.when(report(scene.state))
    scene.when(quote(99)).then(like(GuardCleared, guard="staleness", symbol=BTC))
    assert list(scene.state.tripped) == [f"staleness:{ETH}"]
    scene.when(quote(100)).then(SignalGenerated, OrderRequested)


def test_a_gap_of_the_private_feed_asks_for_a_comparison_and_doubts_no_price() -> None:
    given(*running()).when(StreamGapDetected("private", 7, 9)).then(ReconciliationRequested)


def test_a_new_session_has_connected_everywhere_unless_it_is_told_otherwise() -> None:
    scene = given(*running()).when(ConnectionLost("private", "reset")).restart()
    scene.when(started(2)).then_also(like(TimerCanceled, timer_id="reconnect:private"))
    assert scene.state.lost_channels == []
    assert scene.state.outages == {}


def test_a_timer_of_a_channel_that_is_not_lost_asks_for_nothing() -> None:
    scene = given(*running())
    scene.state.timers["reconnect:rest"] = scene.at_ns
    scene.wait_for("reconnect:rest").then()


def test_a_symbol_that_never_had_a_price_is_not_called_stale() -> None:
    scene = given(started(), ConfigurationLoaded(settings=settings()), quote(99)).when(
        ConnectionLost("market", "reset")
    )
    assert list(scene.state.tripped) == [f"staleness:{BTC}"]
