# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""The venue compared with the state: it wins, with evidence, and doing it twice changes nothing (T11 to T14, B13)."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from core.events import (
    AccountReported,
    AlertRaised,
    BalanceReported,
    CancelRequested,
    DriftDetected,
    DriftRepaired,
    ExternalOrderAdopted,
    FundingPaid,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderBlocked,
    OrderCanceled,
    OrderExpired,
    OrderLookupRequested,
    OrderRequested,
    PositionLiquidated,
    PositionReported,
    ReconciliationCompleted,
    ReconciliationRequested,
    ReportedPayment,
    SignalGenerated,
    TimerSet,
    TransferRecorded,
)
from core.order import average_price
from core.settings import OrderSettings, ReconciliationSettings
from core.waiting import RECONCILE
from tests.core.builders import BTC, ETH, SECOND_NS, limits, reported_order, reported_position
from tests.core.facts import (
    as_reported,
    canceled,
    command,
    external_fill,
    filled,
    found,
    quote,
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


# --- drift


def test_a_report_that_agrees_changes_nothing() -> None:
    scene = holding()
    scene.when(report(scene.state)).then(like(ReconciliationCompleted, differences=0))


def test_opening_an_account_takes_over_cash_and_positions_without_any_profit_loss_or_alarm() -> None:
    scene = given(*running(cash=12000, positions=[reported_position("0.5", 80)], guards=limits(daily_loss_limit=1)))
    assert scene.position() == Decimal("0.5")
    assert (scene.state.account.cash, scene.state.alerts) == (12000, {})
    assert scene.state.account.total.realised == 0
    scene.when(quote(97)).then()
    scene.when(quote(96)).then()


def test_an_open_position_whose_price_is_known_is_no_profit_of_the_day_on_which_it_is_taken_over() -> None:
    session, loaded, account, *_, btc_quote, _ = running(positions=[reported_position(5, 140)])
    scene = given(session, loaded, btc_quote, account)
    state = scene.state.account
    assert state.equity == 10000 - 5 * 41
    assert state.day_start_equity == state.peak_equity == state.equity


def test_what_happened_before_the_account_was_opened_is_in_what_it_opens_with() -> None:
    session, loaded, account, *_ = running(positions=[reported_position(5, 100)])
    assert isinstance(account, AccountReported)
    old = as_reported(external_fill("old", "buy", 5, 100))
    payments = (ReportedPayment("transfer", "deposit", "", Decimal(10000), old.venue_at_ns),)
    scene = given(session, loaded, replace(account, fills=(old,), payments=payments))
    assert (scene.position(), scene.state.account.cash, scene.state.account.transfers) == (5, 10000, 0)
    scene.when(external_fill("old", "buy", 5, 100)).then()
    scene.when(TransferRecorded(0, "deposit", Decimal(10000)))
    assert (scene.position(), scene.state.account.cash) == (5, 10000)


def test_a_position_that_differs_is_recorded_with_both_sides_and_taken_over() -> None:
    scene = holding().when(quote(105))
    answer = report(scene.state, positions=[reported_position(3, 98), reported_position(-1, 50, ETH)])
    scene.when(answer).then(
        like(DriftDetected, subject="position", key=BTC, ours=5, theirs=3),
        like(DriftRepaired, subject="position", key=BTC, value=3, price=98),
        like(DriftDetected, subject="position", key=ETH, ours=0, theirs=-1),
        like(DriftRepaired, subject="position", key=ETH, value=-1, price=50),
        like(ReconciliationCompleted, differences=2),
        like(AlertRaised, severity="warning", title="state and venue differed"),
    )
    assert "3 at 98; state: 5 at 100" in scene.decisions[0].evidence  # type: ignore[attr-defined]
    assert scene.state.positions[BTC].cost == 3 * 98
    assert scene.state.account.equity == 10000 + 3 * 7 + 1
    assert scene.state.markets[BTC].sleeves[0].position.size == 3
    scene.when(answer).then(like(ReconciliationCompleted, differences=0))


def test_a_position_that_the_venue_does_not_have_is_gone() -> None:
    scene = holding()
    scene.when(report(scene.state, positions=[])).then_also(like(DriftRepaired, subject="position", value=0))
    assert scene.state.positions == {}
    assert scene.state.account.equity == scene.state.account.cash
    scene.when(quote(110)).then(SignalGenerated)


def test_missing_cash_is_a_loss_and_found_cash_is_no_profit() -> None:
    scene = holding(guards=limits(daily_loss_limit=50))
    scene.when(report(scene.state, cash=10030)).then_also(like(DriftRepaired, subject="cash", value=10030))
    scene.then_never(GuardTripped)
    assert scene.state.account.day_start_equity == 10030
    scene.when(report(scene.state, cash=9980)).then_also(like(GuardTripped, guard="daily_loss", measured=50))


def test_fills_and_payments_of_a_report_are_taken_first_and_once() -> None:
    scene = holding()
    fill = as_reported(external_fill("by hand", "sell", 2, 101))
    payments = (
        ReportedPayment("funding", "p-1", BTC, Decimal("-0.5"), fill.venue_at_ns),
        ReportedPayment("transfer", "t-1", "", Decimal(100), fill.venue_at_ns),
    )
    entry = [reported_position(3, 100)]
    answer = report(scene.state, cash=Decimal("10101.5"), positions=entry, fills=(fill,), payments=payments)
    scene.when(answer).then(like(AlertRaised, title="external fill"), like(ReconciliationCompleted, differences=0))
    account = scene.state.account
    assert (account.total.realised, account.total.funding, account.transfers) == (2, Decimal("-0.5"), 100)
    scene.when(answer).then(like(ReconciliationCompleted, differences=0))
    scene.when(TransferRecorded(0, "t-1", Decimal(100))).then()
    scene.when(FundingPaid(0, "p-1", BTC, Decimal("-0.5"), Decimal("0.0001"), Decimal(3))).then()
    assert account.cash == Decimal("10101.5")


def test_settled_fills_payments_and_orders_leave_the_state_and_are_never_applied_again() -> None:
    scene = holding(reconciliation=ReconciliationSettings(settle_s=10))
    [order] = scene.state.closed_orders.values()
    old = filled(order, 100, 5, fill_id=next(iter(scene.state.seen_fills)))
    scene.when(TransferRecorded(0, "t-1", Decimal(1)))
    scene.when(report(scene.state), after_s=120).then(
        like(ReconciliationCompleted, settled_before_ns=scene.at_ns - 10 * SECOND_NS)
    )
    state = scene.state
    assert (state.seen_fills, state.seen_payments, state.closed_orders) == ({}, {}, {})
    scene.when(old).then()
    assert scene.position() == 5
    scene.when(report(scene.state), after_s=1)
    assert state.reconciliation.settled_before_ns == scene.at_ns - 10 * SECOND_NS


def test_what_a_late_report_may_still_concern_stays() -> None:
    scene = holding()
    scene.when(report(scene.state), after_s=120)
    assert len(scene.state.closed_orders) == len(scene.state.seen_fills) == 1


# --- orders


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
    scene = given(*running(puppet(buy=100), orders=LIMIT)).when(quote(100)).accept()
    order = scene.order
    scene.when(found(order, "rejected")).then()
    listed = reported_order(order.client_order_id, "venue-1", size=5)
    scene.when(report(scene.state, orders=[listed])).then_also(ExternalOrderAdopted)
    assert (scene.working, order.status, order.purpose) == ([order], "open", "entry")


# --- external trades


def test_a_persons_trade_is_taken_over_and_told_once() -> None:
    scene = holding()
    scene.when(external_fill("by hand", "sell", 2, 101, fee=Decimal("0.1"))).then(
        like(AlertRaised, severity="warning", title="external fill")
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


# --- pushed figures are evidence


def test_a_pushed_balance_that_differs_asks_for_a_comparison() -> None:
    scene = holding()
    scene.when(BalanceReported(0, Decimal(10000), Decimal(10000), Decimal(0))).then()
    scene.when(BalanceReported(0, Decimal(9999), Decimal(9999), Decimal(0))).then(ReconciliationRequested)
    scene.when(BalanceReported(0, Decimal(9998), Decimal(9998), Decimal(0))).then()
    assert scene.state.account.cash == 10000


def test_a_pushed_position_that_differs_asks_for_a_comparison() -> None:
    scene = holding()
    scene.when(PositionReported(0, BTC, Decimal(5), Decimal(100))).then()
    scene.when(PositionReported(0, BTC, Decimal(4), Decimal(100))).then(ReconciliationRequested)
    assert scene.position() == 5


# --- impossible balances


@pytest.mark.parametrize(("cash", "hold"), [(-1, 0), (1, -1), (2_000_000_000, 0)])
def test_an_impossible_report_is_not_applied_halts_and_is_asked_for_again(cash: int, hold: int) -> None:
    scene = holding()
    stray = as_reported(external_fill("by hand", "sell", 2, 101))
    answer = report(scene.state, cash=cash, positions=[], fills=(stray,), hold=Decimal(hold))
    scene.when(answer).then(
        like(GuardTripped, guard="insane_balance", measured=cash, mode="halted"),
        like(ModeChanged, mode="halted", cause="insane_balance"),
        like(AlertRaised, severity="critical"),
        like(TimerSet, timer_id=RECONCILE, due_at_ns=scene.at_ns + 5 * SECOND_NS),
    )
    assert (scene.state.account.cash, scene.state.account.hold, scene.position()) == (10000, 0, 5)
    scene.when(answer).then(TimerSet)


def test_a_sane_report_ends_the_halt_of_an_impossible_one() -> None:
    scene = holding()
    scene.when(report(scene.state, cash=-1)).when(report(scene.state)).then(
        like(GuardCleared, guard="insane_balance"),
        like(ModeChanged, previous="halted", mode="normal"),
        ReconciliationCompleted,
    )
    scene.when(quote(110)).then(SignalGenerated, OrderRequested)


def test_a_sane_report_lifts_no_other_halt_and_no_restriction() -> None:
    scene = holding().when(command("halt"))
    scene.when(report(scene.state, cash=-1)).when(report(scene.state)).then_never(ModeChanged)
    assert scene.state.mode == "halted"
    scene = holding()
    scene.when(report(scene.state, cash=-1)).when(command("pause")).when(report(scene.state))
    scene.then_also(like(ModeChanged, previous="halted", mode="reduce_only", cause="pause"))


def test_an_operator_may_resume_after_an_impossible_balance() -> None:
    scene = holding()
    scene.when(report(scene.state, cash=-1)).when(command("resume", halt_id=1))
    scene.then_also(like(GuardCleared, guard="insane_balance"), like(ModeChanged, mode="normal"))
    assert scene.state.tripped == {}


@pytest.mark.parametrize("cash", [-1, 2_000_000_000])
def test_an_impossible_pushed_balance_halts_and_the_next_possible_one_is_checked(cash: int) -> None:
    scene = holding()
    scene.when(BalanceReported(0, Decimal(cash), Decimal(0), Decimal(0))).then_also(
        like(GuardTripped, guard="insane_balance", measured=cash), like(ModeChanged, mode="halted")
    )
    scene.when(BalanceReported(0, Decimal(10000), Decimal(0), Decimal(0))).then(ReconciliationRequested)
    scene.when(report(scene.state)).then_also(like(ModeChanged, mode="normal"))


# --- liquidation, funding, transfers


def test_a_liquidation_halts_and_its_fills_are_followed() -> None:
    scene = holding()
    scene.when(PositionLiquidated(0, BTC, "sell", Decimal(5), Decimal(60), Decimal("0.2"))).then(
        like(ModeChanged, mode="halted", cause="liquidation"), AlertRaised, ReconciliationRequested
    )
    scene.when(external_fill("forced", "sell", 5, 60)).then_also(AlertRaised)
    assert scene.position() == 0
    assert scene.state.account.cash == 10000 - 5 * 40
    scene.when(report(scene.state)).then(like(ReconciliationCompleted, differences=0))


@pytest.mark.parametrize("amount", ["-3", "3"])
def test_funding_is_cash_and_result_and_never_a_fill(amount: str) -> None:
    scene = holding()
    scene.when(FundingPaid(0, "p-1", BTC, Decimal(amount), Decimal("0.0001"), Decimal(5))).then()
    account = scene.state.account
    assert (account.cash, account.equity) == (10000 + Decimal(amount), 10000 + Decimal(amount))
    assert (account.total.funding, account.day.funding, account.total.fills) == (Decimal(amount), Decimal(amount), 1)
    assert scene.state.markets[BTC].sleeves[0].result.funding == Decimal(amount)
    assert scene.position() == 5


def test_funding_is_shared_by_position_and_passes_the_daily_loss() -> None:
    shares = puppet("a", buy=100), puppet("b", buy=101)
    scene = given(*running(*shares, guards=limits(daily_loss_limit=20)))
    scene.when(quote(100)).fill(100).when(quote(101)).fill(101, "2.5")
    scene.when(FundingPaid(0, "p-1", BTC, Decimal(-30), Decimal("0.01"), Decimal("7.5")))
    scene.then_also(like(GuardTripped, guard="daily_loss"))
    assert [sleeve.result.funding for sleeve in scene.state.markets[BTC].sleeves] == [-20, -10]


def test_funding_of_sleeves_that_cancel_out_belongs_to_none_of_them() -> None:
    scene = given(*running(puppet("a", buy=100), puppet("b", sell=101)))
    scene.when(quote(100)).fill(100, 4)
    scene.when(canceled(scene.order)).when(quote(101)).fill(101, 4)
    scene.when(FundingPaid(0, "p-1", BTC, Decimal(-30), Decimal("0.01"), Decimal(0)))
    assert [sleeve.result.funding for sleeve in scene.state.markets[BTC].sleeves] == [0, 0]


@pytest.mark.parametrize(("transfer", "price"), [(1000, 96), (-1000, 96)])
def test_a_transfer_neither_hides_nor_causes_a_daily_loss(transfer: int, price: int) -> None:
    scene = holding(guards=limits(daily_loss_limit=25)).when(quote(price))
    scene.when(TransferRecorded(0, "t-1", Decimal(transfer))).then()
    assert scene.state.account.equity == 10000 - 20 + transfer
    scene.when(TransferRecorded(0, "t-1", Decimal(transfer))).then()
    assert scene.state.account.cash == 10000 + transfer
    scene.when(quote(95)).then_also(like(GuardTripped, guard="daily_loss", measured=25))


def test_a_second_session_counts_the_positions_it_finds() -> None:
    scene = holding().restart().when(started(2))
    scene.when(report(scene.state, positions=[reported_position(8, 100)]))
    assert scene.position() == 8
