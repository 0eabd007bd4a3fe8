"""Losses of the day and from the peak stop what increases risk, and never what reduces it."""

from decimal import Decimal

from core.guards.losses import daily_loss, fall_from_peak
from core.guards.verdict import Verdict
from core.state import State
from tests.core.builders import BTC, limits, long, proposal, state

LOSS_LIMIT = Decimal(500)
FALL_LIMIT = Decimal("0.25")


def worth(equity: str) -> State:
    """An account that began its day and peaked at 10000 and is worth this now."""
    fallen = state(guards=limits(daily_loss_limit=LOSS_LIMIT, drawdown_limit=FALL_LIMIT))
    fallen.account.equity = Decimal(equity)
    return fallen


def test_a_day_that_lost_exactly_its_limit_may_go_on() -> None:
    at_limit = worth("9500")
    assert daily_loss(at_limit, proposal(at_limit)) == Verdict("daily_loss", True, LOSS_LIMIT, LOSS_LIMIT, "")


def test_a_day_that_lost_more_is_blocked() -> None:
    beyond = worth("9499.99")
    assert daily_loss(beyond, proposal(beyond)) == Verdict(
        "daily_loss", False, Decimal("500.01"), LOSS_LIMIT, "loss of the day 500.01 exceeds 500"
    )


def test_a_day_in_profit_measures_a_negative_loss() -> None:
    ahead = worth("10100")
    assert daily_loss(ahead, proposal(ahead)) == Verdict("daily_loss", True, Decimal(-100), LOSS_LIMIT, "")


def test_unrealised_losses_count() -> None:
    losing = state(guards=limits(daily_loss_limit=100))
    long(losing, 10, 110)
    assert daily_loss(losing, proposal(losing)).measured == 100
    assert daily_loss(losing, proposal(losing)).allowed
    long(losing, 1, "100.01")
    assert daily_loss(losing, proposal(losing)).measured == Decimal("100.01")
    assert not daily_loss(losing, proposal(losing)).allowed
    assert set(losing.positions) == {BTC}


def test_a_fall_of_exactly_the_limit_may_go_on() -> None:
    at_limit = worth("7500")
    assert fall_from_peak(at_limit, proposal(at_limit)) == Verdict("drawdown", True, FALL_LIMIT, FALL_LIMIT, "")


def test_a_deeper_fall_is_blocked() -> None:
    beyond = worth("7499")
    assert fall_from_peak(beyond, proposal(beyond)) == Verdict(
        "drawdown", False, Decimal("0.2501"), FALL_LIMIT, "drawdown 0.2501 exceeds 0.25"
    )


def test_the_fall_counts_from_the_peak_and_the_loss_from_the_days_start() -> None:
    recovered = worth("9600")
    recovered.account.peak_equity = Decimal(20000)
    assert daily_loss(recovered, proposal(recovered)).measured == 400
    assert fall_from_peak(recovered, proposal(recovered)).measured == Decimal("0.52")


def test_reducing_orders_pass_both_whatever_was_lost() -> None:
    ruined = worth("1")
    exiting = proposal(ruined, "sell", reducing=True)
    assert daily_loss(ruined, exiting) == Verdict("daily_loss", True, Decimal(0), Decimal(0), "")
    assert fall_from_peak(ruined, exiting) == Verdict("drawdown", True, Decimal(0), Decimal(0), "")


def test_without_limits_any_loss_may_go_on_and_is_still_measured() -> None:
    ruined = worth("1")
    ruined.settings = state().settings
    assert daily_loss(ruined, proposal(ruined)) == Verdict("daily_loss", True, Decimal(9999), Decimal(0), "")
    assert fall_from_peak(ruined, proposal(ruined)) == Verdict("drawdown", True, Decimal("0.9999"), Decimal(0), "")
