# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""The venue compared with the state: it wins, with evidence, and doing it twice changes nothing (T11, B13)."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from perptape.core.durations import SECOND_NS
from perptape.core.events import (
    AccountReported,
    AlertRaised,
    BalanceReported,
    DriftDetected,
    DriftRepaired,
    FundingPaid,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderRequested,
    PositionReported,
    ReconciliationCompleted,
    ReconciliationRequested,
    ReportedPayment,
    SignalGenerated,
    TimerSet,
    TransferRecorded,
)
from perptape.core.settings import ReconciliationSettings
from perptape.core.timer_id import RECONCILE
from perptape.core.wording import why
from tests.core.builders import BTC, ETH, NOW_NS, limits, reported_position
from tests.core.facts import (
    as_reported,
    command,
    external_fill,
    filled,
    quote,
    report,
    running,
)
from tests.core.puppet import puppet
from tests.core.rules import Scene, given, like


def holding(**changes: object) -> Scene:
    """A bot that bought 5 at 100."""
    return given(*running(puppet(buy=100, close=110), **changes)).when(quote(100)).fill(100)  # type: ignore[arg-type]


def test_a_report_that_agrees_changes_nothing() -> None:
    scene = holding()
    scene.when(report(scene.state)).then(like(ReconciliationCompleted, differences=0))


@pytest.mark.parametrize("entry_price", [80, 140])
def test_opening_an_account_takes_over_cash_and_positions_without_any_profit_loss_or_alarm(entry_price: int) -> None:
    held = [reported_position("0.5", entry_price)]
    scene = given(*running(cash=12000, positions=held, guards=limits(daily_loss_limit=1)))
    assert scene.position() == Decimal("0.5")
    account = scene.state.account
    assert (account.cash, scene.state.alerts) == (12000, {})
    assert account.total.realised == 0
    assert account.day_start_equity == account.peak_equity == account.equity == 12000 + (99 - entry_price) / Decimal(2)


def test_from_the_first_price_on_a_loss_is_one_whatever_the_position_had_gained_before() -> None:
    held = [reported_position("0.5", 80)]
    scene = given(*running(positions=held, guards=limits(daily_loss_limit=1)))
    scene.when(quote(98)).then()
    scene.when(quote(97)).then(like(GuardTripped, guard="daily_loss", measured=1), ModeChanged, AlertRaised)


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
    scene.when(TransferRecorded(0, "deposit", Decimal(10000), NOW_NS))
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
        like(AlertRaised, severity="warning", topic="drift"),
    )
    assert "has 3 at 98, we have 5 at 100" in why(scene.decisions[0])
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
    scene.when(answer).then(like(AlertRaised, topic="external_fill"), like(ReconciliationCompleted, differences=0))
    account = scene.state.account
    assert (account.total.realised, account.total.funding, account.transfers) == (2, Decimal("-0.5"), 100)
    scene.when(answer).then(like(ReconciliationCompleted, differences=0))
    scene.when(TransferRecorded(0, "t-1", Decimal(100), NOW_NS)).then()
    scene.when(FundingPaid(0, "p-1", BTC, Decimal("-0.5"), Decimal("0.0001"), Decimal(3), NOW_NS)).then()
    assert account.cash == Decimal("10101.5")


def test_settled_fills_payments_and_orders_leave_the_state_and_are_never_applied_again() -> None:
    scene = holding(reconciliation=ReconciliationSettings(settle_s=10))
    [order] = scene.state.closed_orders.values()
    old = filled(order, 100, 5, fill_id=next(iter(scene.state.seen_fills)))
    scene.when(TransferRecorded(0, "t-1", Decimal(1), NOW_NS))
    scene.when(report(scene.state), after_s=120).then(
        like(ReconciliationCompleted, settled_before_ns=scene.at_ns - 10 * SECOND_NS)
    )
    state = scene.state
    assert (state.seen_fills, state.seen_payments, state.closed_orders) == ({}, {}, {})
    scene.when(old).then()
    scene.when(TransferRecorded(0, "t-1", Decimal(1), NOW_NS)).then()
    scene.when(FundingPaid(0, "p-1", BTC, Decimal(1), Decimal("0.0001"), Decimal(3), NOW_NS)).then()
    assert (scene.position(), scene.state.account.transfers, scene.state.account.total.funding) == (5, 1, 0)
    scene.when(report(scene.state), after_s=1)
    assert state.reconciliation.settled_before_ns == scene.at_ns - 10 * SECOND_NS


def test_what_a_late_report_may_still_concern_stays() -> None:
    scene = holding()
    scene.when(report(scene.state), after_s=120)
    assert len(scene.state.closed_orders) == len(scene.state.seen_fills) == 1


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
