"""Losses of the day and from the peak stop what increases risk, and never what reduces it."""

from decimal import Decimal

from perptape.core.guards.block import Block
from perptape.core.guards.losses import daily_loss, drawdown
from perptape.core.state import State
from tests.core.builders import ABOVE, BTC, Number, limits, long, proposal, state

LOSS_LIMIT = Decimal(500)
FALL_LIMIT = Decimal("0.25")


def worth(equity: str, loss_limit: Number = LOSS_LIMIT, fall_limit: Number = FALL_LIMIT) -> State:
    """An account that began its day and peaked at 10000 and is worth this now."""
    fallen = state(guards=limits(daily_loss_limit=loss_limit, drawdown_limit=fall_limit))
    fallen.account.equity = Decimal(equity)
    return fallen


def lost(measured: str, limit: str) -> Block:
    return Block("daily_loss", Decimal(measured), Decimal(limit), ABOVE)


def fallen_by(measured: str, limit: str) -> Block:
    return Block("drawdown", Decimal(measured), Decimal(limit), ABOVE)


def test_a_day_that_lost_exactly_its_limit_may_go_on() -> None:
    at_limit = worth("9500")
    assert daily_loss(at_limit, proposal(at_limit)) is None


def test_a_day_that_lost_more_is_blocked() -> None:
    beyond = worth("9499.99")
    assert daily_loss(beyond, proposal(beyond)) == Block("daily_loss", Decimal("500.01"), LOSS_LIMIT, ABOVE)


def test_a_day_in_profit_measures_a_negative_loss() -> None:
    ahead = worth("10100")
    assert daily_loss(ahead, proposal(ahead)) is None
    ahead = worth("10100", loss_limit="-100")
    assert daily_loss(ahead, proposal(ahead)) is None
    ahead = worth("10100", loss_limit="-100.01")
    assert daily_loss(ahead, proposal(ahead)) == lost("-100", "-100.01")


def test_unrealised_losses_count() -> None:
    losing = state(guards=limits(daily_loss_limit=100))
    long(losing, 10, 110)
    assert daily_loss(losing, proposal(losing)) is None
    long(losing, 1, "100.01")
    assert daily_loss(losing, proposal(losing)) == lost("100.01", "100")
    assert set(losing.positions) == {BTC}


def test_a_fall_of_exactly_the_limit_may_go_on() -> None:
    at_limit = worth("7500")
    assert drawdown(at_limit, proposal(at_limit)) is None


def test_a_deeper_fall_is_blocked() -> None:
    beyond = worth("7499")
    assert drawdown(beyond, proposal(beyond)) == Block("drawdown", Decimal("0.2501"), FALL_LIMIT, ABOVE)


def test_the_fall_counts_from_the_peak_and_the_loss_from_the_days_start() -> None:
    recovered = worth("9600", loss_limit="399.99")
    recovered.account.peak_equity = Decimal(20000)
    assert daily_loss(recovered, proposal(recovered)) == lost("400", "399.99")
    assert drawdown(recovered, proposal(recovered)) == fallen_by("0.52", "0.25")


def test_reducing_orders_pass_both_whatever_was_lost() -> None:
    ruined = worth("1")
    exiting = proposal(ruined, "sell", reducing=True)
    assert daily_loss(ruined, exiting) is None
    assert drawdown(ruined, exiting) is None


def test_under_limits_of_nothing_the_whole_loss_is_measured() -> None:
    ruined = worth("1", loss_limit=0, fall_limit=0)
    assert daily_loss(ruined, proposal(ruined)) == lost("9999", "0")
    assert drawdown(ruined, proposal(ruined)) == fallen_by("0.9999", "0")


def test_without_limits_any_loss_may_go_on() -> None:
    ruined = worth("1")
    ruined.settings = state().settings
    assert daily_loss(ruined, proposal(ruined)) is None
    assert drawdown(ruined, proposal(ruined)) is None
