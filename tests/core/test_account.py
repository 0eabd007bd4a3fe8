"""Losses are measured from baselines: the day's start and the peak."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from perptape.core.account import Account, day_loss, drawdown, set_baselines
from perptape.core.durations import DAY_NS
from perptape.core.money import arithmetic

MONEY = st.decimals(-(10**6), 10**6, places=8)
LIMITS = st.none() | st.decimals("0.01", 10**5, places=2)
FRACTIONS = st.none() | st.decimals("0.01", "0.99", places=2)


def account(equity: int, day_start: int = 1000, peak: int = 1000) -> Account:
    return Account(equity=Decimal(equity), day_start_equity=Decimal(day_start), peak_equity=Decimal(peak))


def floor(measured: Account, loss_limit: str | None, drawdown_limit: str | None) -> Decimal | None:
    set_baselines(
        measured,
        None if loss_limit is None else Decimal(loss_limit),
        None if drawdown_limit is None else Decimal(drawdown_limit),
    )
    return measured.floor


def test_a_day_has_as_many_nanoseconds_as_it_has() -> None:
    assert DAY_NS == 24 * 60 * 60 * 10**9


def test_a_new_account_is_unknown_and_empty() -> None:
    new = Account()
    assert not new.known
    amounts = (new.cash, new.unrealised, new.equity, new.hold, new.transfers, new.adjustments)
    assert not any(amounts)
    assert not any((new.day_end_ns, new.day_start_equity, new.peak_equity))
    assert new.floor is None
    assert new.total == new.day
    assert new.total is not new.day


def test_the_loss_of_the_day_counts_from_its_start_and_a_gain_is_negative() -> None:
    assert day_loss(account(equity=900)) == 100
    assert day_loss(account(equity=1100)) == -100


def test_drawdown_is_the_fall_from_the_peak_as_a_fraction_of_it() -> None:
    assert drawdown(account(equity=900, peak=1200)) == Decimal("0.25")
    assert drawdown(account(equity=1200, peak=1200)) == 0


def test_without_a_positive_peak_there_is_nothing_to_fall_from() -> None:
    assert drawdown(account(equity=-100, peak=0)) == 0
    assert drawdown(account(equity=-100, peak=-50)) == 0


def test_the_floor_is_where_the_daily_loss_reaches_its_limit() -> None:
    assert floor(account(1000, day_start=900), "200", None) == 700


def test_the_floor_is_where_the_drawdown_reaches_its_limit() -> None:
    assert floor(account(1000, peak=1200), None, "0.25") == 900


def test_of_two_floors_the_first_to_be_reached_counts() -> None:
    assert floor(account(1000), "200", "0.25") == 800
    assert floor(account(1000), "300", "0.25") == 750


def test_without_limits_there_is_no_floor_and_an_old_one_is_forgotten() -> None:
    measured = account(1000)
    assert floor(measured, "200", None) == 800
    assert floor(measured, None, None) is None


@given(MONEY, MONEY, st.decimals("0.01", 10**6, places=8), LIMITS, FRACTIONS)
def test_equity_is_at_the_floor_exactly_when_a_limit_is_reached(
    equity: Decimal, day_start: Decimal, peak: Decimal, loss_limit: Decimal | None, drawdown_limit: Decimal | None
) -> None:
    measured = Account(equity=equity, day_start_equity=day_start, peak_equity=peak)
    with arithmetic():
        set_baselines(measured, loss_limit, drawdown_limit)
        lost = loss_limit is not None and day_loss(measured) >= loss_limit
        fallen = drawdown_limit is not None and drawdown(measured) >= drawdown_limit
    assert (measured.floor is not None and equity <= measured.floor) == (lost or fallen)
