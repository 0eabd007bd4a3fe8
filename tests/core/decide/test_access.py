"""What the key may not do: one fresh retry, then no private call until new credentials; observe only; spot."""

from decimal import Decimal

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountQueryFailed,
    AlertRaised,
    CancelRejected,
    CancelRequested,
    CommandRefused,
    ConnectionLost,
    CredentialsLoaded,
    GuardCleared,
    GuardTripped,
    InstrumentUpdated,
    ModeChanged,
    OrderAbandoned,
    OrderBlocked,
    OrderLookupFailed,
    OrderLookupRequested,
    OrderRequested,
    OrderResubmitted,
    OrderSubmissionFailed,
    ReconciliationRequested,
    SignalGenerated,
    StreamGapDetected,
    TimerSet,
    TransferRecorded,
)
from perptape.core.events.reason import Reason
from perptape.core.settings import OrderSettings
from tests.core.builders import BTC, NOW_NS, instrument, limits
from tests.core.decide.orders import ordered, resting
from tests.core.facts import (
    command,
    filled,
    found,
    not_found,
    quote,
    rejected,
    report,
    running,
    settings,
    started,
    unanswered,
)
from tests.core.puppet import puppet
from tests.core.rules import Scene, given, like

SPOT = "BTC-USD"


def denied(scene: Scene, code: str = "UNAUTHORIZED") -> OrderSubmissionFailed:
    return OrderSubmissionFailed(
        scene.order.client_order_id, code, "says the venue", retryable=False, retry_after_ns=None
    )


def locked_out() -> Scene:
    scene = ordered()
    return scene.when(denied(scene)).wait().when(denied(scene))


def test_the_first_refusal_of_the_key_is_tried_once_more_at_once_and_the_second_halts() -> None:
    scene = ordered()
    scene.when(denied(scene)).then(
        like(TimerSet, timer_id=f"retry:{scene.order.client_order_id}", due_at_ns=scene.at_ns)
    )
    scene.wait().then(like(OrderResubmitted, attempt=2))
    scene.when(denied(scene)).then(
        like(GuardTripped, guard="credentials", mode="halted"),
        like(ModeChanged, mode="halted", cause="credentials"),
        OrderAbandoned,
        like(AlertRaised, severity="critical", topic="halted", subject="credentials"),
    )
    assert scene.state.halts["credentials"].reason.code == "key_refused"


def test_a_good_answer_between_two_refusals_means_that_the_key_is_good() -> None:
    scene = ordered()
    scene.when(denied(scene)).wait().when(unanswered(scene.order)).when(not_found(scene.order))
    assert scene.state.unauthorised == 0


def test_new_credentials_lift_nothing_but_what_the_old_ones_could_not_do() -> None:
    scene = ordered(guards=limits(daily_loss_limit=10)).fill(100).when(quote(97))
    scene.when(CredentialsLoaded("key-2")).then_never(GuardCleared)
    assert list(scene.state.restricted) == ["daily_loss"]


def test_new_credentials_leave_an_order_alone_that_nobody_wants_canceled() -> None:
    resting().when(CredentialsLoaded("key-2")).then_never(CancelRequested, OrderLookupRequested)


def test_nothing_private_is_asked_until_there_are_new_credentials_and_then_the_account_first() -> None:
    scene = locked_out().when(StreamGapDetected("private", 1, 3)).then()
    scene.wait_for("reconcile").then()
    scene.when(command("resume", scene.state.halt_ordinal)).then(
        like(CommandRefused, why=Reason("credentials_refused"))
    )
    scene.when(command("flatten", command_id="command-2")).then_never(CancelRequested)
    scene.when(CredentialsLoaded("key-2")).then(
        like(GuardCleared, guard="credentials", reason=Reason("new_credentials", names={"key_id": "key-2"})),
        like(ModeChanged, mode="reduce_only"),
        AlertRaised,
        ReconciliationRequested,
    )
    assert scene.state.reconciliation.required


def test_what_was_held_back_goes_out_with_the_new_credentials() -> None:
    scene = resting().when(command("cancel_all"))
    key = scene.order.client_order_id
    scene.when(CancelRejected(key, "UNAUTHORIZED", "401")).then(
        like(TimerSet, timer_id=f"cancel:{key}", due_at_ns=scene.at_ns)
    )
    scene.wait().then(CancelRequested)
    scene.when(CancelRejected(key, "UNAUTHORIZED", "401")).then(GuardTripped, ModeChanged, AlertRaised)
    scene.state.timers[f"cancel:{key}"] = scene.at_ns
    scene.wait_for(f"cancel:{key}").then()
    scene.when(CredentialsLoaded("key-2")).then(
        GuardCleared, ModeChanged, ReconciliationRequested, like(CancelRequested, reason=Reason("cancel_held_back"))
    )


def test_a_question_about_an_order_waits_for_the_new_credentials_too() -> None:
    scene = ordered()
    key = scene.order.client_order_id
    lost = OrderLookupFailed(key, "UNAUTHORIZED", "401")
    scene.when(unanswered(scene.order)).when(lost).then(like(TimerSet, timer_id=f"lookup:{key}", due_at_ns=scene.at_ns))
    scene.wait().when(lost).then_also(like(GuardTripped, guard="credentials"))
    scene.wait_for(f"lookup:{key}").then()
    scene.when(unanswered(scene.order)).then_never(OrderLookupRequested)
    scene.restart().when(started(2)).then_never(OrderLookupRequested, ReconciliationRequested)
    scene.when(CredentialsLoaded("key-2")).then_also(like(OrderLookupRequested, client_order_id=key))


def test_a_comparison_that_the_key_may_not_ask_for_is_asked_once_more() -> None:
    scene = given(*running()).when(StreamGapDetected("private", 1, 3))
    scene.when(AccountQueryFailed(scene.state.reconciliation.pending, "UNAUTHORIZED", "401")).then(
        like(TimerSet, timer_id="reconcile", due_at_ns=scene.at_ns)
    )
    scene.wait().then(ReconciliationRequested)
    scene.when(AccountQueryFailed(scene.state.reconciliation.pending, "UNAUTHORIZED", "401")).then(
        GuardTripped, ModeChanged, AlertRaised
    )


def test_a_key_that_may_only_read_makes_the_bot_observe_and_it_says_so_once() -> None:
    scene = ordered().when(denied(ordered(), "PERMISSION_DENIED"))
    scene.then(
        like(GuardTripped, guard="read_only_key", mode="normal"),
        like(AlertRaised, severity="critical", topic="read_only_key"),
        OrderAbandoned,
        like(AlertRaised, topic="order_given_up"),
    )
    scene.when(quote(100)).then(SignalGenerated, like(OrderBlocked, guard="read_only_key"))
    scene.when(OrderLookupFailed("nobody", "PERMISSION_DENIED", "403")).then()
    scene.when(ConnectionLost("market", "reset"))
    scene.when(CredentialsLoaded("key-2")).then(like(GuardCleared, guard="read_only_key"), ReconciliationRequested)
    assert "staleness:ETH-PERP" in scene.state.tripped


def test_what_the_venue_no_longer_offers_halts_the_bot() -> None:
    scene = ordered()
    scene.when(denied(scene, "ENDPOINT_GONE")).then_also(like(ModeChanged, mode="halted", cause="api_change"))


def test_a_future_that_the_account_may_not_trade_is_disabled() -> None:
    scene = ordered()
    scene.when(denied(scene, "FUTURES_NOT_PERMITTED")).then(
        OrderAbandoned,
        AlertRaised,
        like(GuardTripped, guard="permission", symbol=BTC, mode="normal"),
        like(AlertRaised, severity="critical", topic="no_permission", subject=BTC),
    )
    scene.when(quote(100), after_s=90).then(
        SignalGenerated, like(OrderBlocked, guard="permission", measured=1, limit=0)
    )
    scene.when(CredentialsLoaded("key-2")).then(
        like(GuardCleared, guard="permission", symbol=BTC), ReconciliationRequested
    )


def falling_back(close: int = 0) -> Scene:
    orders = OrderSettings(spot_fallback={BTC: SPOT})
    strategy = puppet(buy=100, sell=98, close=close, symbols=(BTC,))
    scene = given(*running(strategy, symbols=(BTC, SPOT), orders=orders))
    return scene.when(InstrumentUpdated(0, instrument(SPOT))).when(quote(50, SPOT)).when(quote(100))


def test_with_a_fallback_its_entries_go_to_the_spot_market_and_only_long() -> None:
    scene = falling_back()
    scene.when(rejected(scene.order, "FUTURES_NOT_PERMITTED")).then_also(
        like(GuardTripped, guard="permission"),
        like(OrderRequested, symbol=SPOT, side="buy", size=10, strategy="puppet"),
    )
    scene.when(filled(scene.order, 50)).when(quote(100), after_s=1).then(SignalGenerated)
    scene.when(quote(98)).then(
        SignalGenerated, like(OrderRequested, symbol=SPOT, side="sell", size=10, purpose="exit", strategy="puppet")
    )
    scene.when(filled(scene.order, 51)).when(quote(98), after_s=1).then(SignalGenerated)
    assert scene.position(SPOT) == 0


def test_a_close_closes_what_stands_in_for_the_future_too() -> None:
    scene = falling_back(close=102)
    scene.when(rejected(scene.order, "FUTURES_NOT_PERMITTED")).when(filled(scene.order, 50))
    scene.when(quote(102), after_s=1).then(
        like(SignalGenerated, action="close"), like(OrderRequested, symbol=SPOT, side="sell", size=10, purpose="exit")
    )


def test_a_fallback_that_may_not_be_traded_either_is_blocked() -> None:
    orders = OrderSettings(spot_fallback={BTC: SPOT, SPOT: BTC})
    scene = given(*running(puppet(buy=100, symbols=(BTC,)), symbols=(BTC, SPOT), orders=orders))
    scene.when(InstrumentUpdated(0, instrument(SPOT))).when(quote(50, SPOT)).when(quote(100))
    scene.when(rejected(scene.order, "FUTURES_NOT_PERMITTED")).when(rejected(scene.order, "FUTURES_NOT_PERMITTED"))
    scene.when(quote(100), after_s=90)
    scene.then(SignalGenerated, like(OrderBlocked, symbol=SPOT, guard="permission"))


def test_a_fallback_that_nobody_trades_in_is_none() -> None:
    scene = falling_back()
    scene.state.markets[SPOT].sleeves[0].stopped = "it raised"
    scene.when(rejected(scene.order, "FUTURES_NOT_PERMITTED")).then_never(OrderRequested)


def test_after_a_refusal_the_strategy_is_told_and_waits() -> None:
    scene = ordered()
    scene.when(rejected(scene.order))
    sleeve = scene.state.markets[BTC].sleeves[0]
    assert sleeve.refusal == "INSUFFICIENT_FUND: there is not enough of it"
    scene.when(quote(100), after_s=59).then(
        SignalGenerated, like(OrderBlocked, guard="refusal_cooldown", measured=59, limit=60)
    )
    scene.when(quote(100), after_s=1).then(SignalGenerated, OrderRequested)
    scene.fill(100)
    assert (sleeve.refusal, sleeve.refused_at_ns) == ("", 0)


def test_a_rejection_that_a_lookup_brings_holds_the_strategy_back_too() -> None:
    scene = ordered()
    order = scene.order
    scene.when(unanswered(order)).when(found(order, "rejected", reason="INVALID_PRICE: off the tick"))
    sleeve = scene.state.markets[BTC].sleeves[0]
    assert (sleeve.refusal, sleeve.refused_at_ns) == ("INVALID_PRICE: off the tick", scene.at_ns)
    scene.when(rejected(order, "INVALID_PRICE"), after_s=30)
    assert sleeve.refused_at_ns == scene.at_ns - 30 * SECOND_NS
    scene.when(quote(100), after_s=29).then(SignalGenerated, like(OrderBlocked, guard="refusal_cooldown", measured=59))


def test_money_that_comes_in_ends_the_wait_for_what_was_refused_for_lack_of_it() -> None:
    scene = ordered()
    scene.when(rejected(scene.order)).when(TransferRecorded(0, "t-1", Decimal(500), NOW_NS))
    scene.when(quote(100)).then(SignalGenerated, OrderRequested)
    scene.when(rejected(scene.order, "INVALID_PRICE")).when(TransferRecorded(0, "t-2", Decimal(500), NOW_NS))
    scene.when(quote(100)).then(SignalGenerated, like(OrderBlocked, guard="refusal_cooldown"))


def test_settings_that_name_no_fallback_leave_the_strategy_where_it_is() -> None:
    scene = given(*running(puppet(buy=100, symbols=(BTC,))))
    assert [sleeve.trigger for sleeve in scene.state.markets["ETH-PERP"].sleeves] == []
    assert settings().orders.spot_fallback == {}
    scene.when(report(scene.state))
