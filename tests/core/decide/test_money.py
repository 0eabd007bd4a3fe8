# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""Money that moves by itself: liquidation, funding, transfers (T13, T14, T17, S02)."""

from decimal import Decimal

import pytest

from perptape.core.events import (
    AlertRaised,
    FundingPaid,
    GuardTripped,
    ModeChanged,
    PositionLiquidated,
    ReconciliationCompleted,
    ReconciliationRequested,
    TransferRecorded,
)
from tests.core.builders import BTC, NOW_NS, limits, reported_position
from tests.core.facts import (
    canceled,
    external_fill,
    quote,
    report,
    running,
    started,
)
from tests.core.puppet import puppet
from tests.core.rules import Scene, given, like


def holding(**changes: object) -> Scene:
    """A bot that bought 5 at 100."""
    return given(*running(puppet(buy=100, close=110), **changes)).when(quote(100)).fill(100)  # type: ignore[arg-type]


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
    scene.when(FundingPaid(0, "p-1", BTC, Decimal(amount), Decimal("0.0001"), Decimal(5), NOW_NS)).then()
    account = scene.state.account
    assert (account.cash, account.equity) == (10000 + Decimal(amount), 10000 + Decimal(amount))
    assert (account.total.funding, account.day.funding, account.total.fills) == (Decimal(amount), Decimal(amount), 1)
    assert scene.state.markets[BTC].sleeves[0].result.funding == Decimal(amount)
    assert scene.position() == 5


def test_funding_is_shared_by_position_and_passes_the_daily_loss() -> None:
    shares = puppet("a", buy=100), puppet("b", buy=101)
    scene = given(*running(*shares, guards=limits(daily_loss_limit=20)))
    scene.when(quote(100)).fill(100).when(quote(101)).fill(101, "2.5")
    scene.when(FundingPaid(0, "p-1", BTC, Decimal(-30), Decimal("0.01"), Decimal("7.5"), NOW_NS))
    scene.then_also(like(GuardTripped, guard="daily_loss"))
    assert [sleeve.result.funding for sleeve in scene.state.markets[BTC].sleeves] == [-20, -10]


def test_funding_of_what_no_strategy_holds_belongs_to_none_of_them() -> None:
    scene = given(*running(puppet("a", buy=100), positions=[reported_position("2.5", 99)]))
    scene.when(quote(100)).fill(100)
    scene.when(FundingPaid(0, "p-1", BTC, Decimal(-30), Decimal("0.01"), Decimal("7.5"), NOW_NS))
    assert [sleeve.result.funding for sleeve in scene.state.markets[BTC].sleeves] == [-20]
    assert scene.state.results[BTC].funding == -30


def test_funding_of_sleeves_that_cancel_out_belongs_to_none_of_them() -> None:
    scene = given(*running(puppet("a", buy=100), puppet("b", sell=101)))
    scene.when(quote(100)).fill(100, 4)
    scene.when(canceled(scene.order)).when(quote(101)).fill(101, 4)
    scene.when(FundingPaid(0, "p-1", BTC, Decimal(-30), Decimal("0.01"), Decimal(0), NOW_NS))
    assert [sleeve.result.funding for sleeve in scene.state.markets[BTC].sleeves] == [0, 0]


@pytest.mark.parametrize(("transfer", "price"), [(1000, 96), (-1000, 96)])
def test_a_transfer_neither_hides_nor_causes_a_daily_loss(transfer: int, price: int) -> None:
    scene = holding(guards=limits(daily_loss_limit=25)).when(quote(price))
    scene.when(TransferRecorded(0, "t-1", Decimal(transfer), NOW_NS)).then()
    assert scene.state.account.equity == 10000 - 20 + transfer
    scene.when(TransferRecorded(0, "t-1", Decimal(transfer), NOW_NS)).then()
    assert scene.state.account.cash == 10000 + transfer
    scene.when(quote(95)).then_also(like(GuardTripped, guard="daily_loss", measured=25))


def test_a_second_session_counts_the_positions_it_finds() -> None:
    scene = holding().restart().when(started(2))
    scene.when(report(scene.state, positions=[reported_position(8, 100)]))
    assert scene.position() == 8
