"""A position is as large as its method says, and never larger than its bounds."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perptape.core.instruments import Instrument, notional
from perptape.core.money import CENT_FRACTION, ONE, arithmetic
from perptape.core.settings import SizingSettings
from perptape.core.sizing import PRICES_MIN, position_notional, position_size, volatility

METHODS = ("fixed_notional", "target_leverage", "volatility_scaled")
SWINGING = [Decimal(100), Decimal(101)] * 10
"""Moves of +1 % and -1/101: a root mean square of 0.995 %."""
STILL = [Decimal(100)] * 20


def instrument(
    size_increment: Decimal = Decimal("0.01"), contract_size: Decimal = Decimal(1), size_max: Decimal = Decimal(1000)
) -> Instrument:
    return Instrument(
        symbol="BTC-PERP",
        underlying="BTC",
        price_increment=Decimal("0.01"),
        size_increment=size_increment,
        size_min=size_increment,
        size_max=size_max,
        notional_min=Decimal(10),
        contract_size=contract_size,
        maker_fee_rate=Decimal(0),
        taker_fee_rate=Decimal("0.0005"),
        initial_margin_rate=Decimal("0.1"),
        maintenance_margin_rate=Decimal("0.05"),
    )


def asked(
    settings: SizingSettings,
    equity: str = "10000",
    share: str = "0.5",
    leverage_max: str | None = "3",
    prices: list[Decimal] = SWINGING,
) -> Decimal:
    with arithmetic():
        bound = None if leverage_max is None else Decimal(leverage_max)
        return position_notional(settings, Decimal(equity), Decimal(share), bound, prices)


def test_fixed_notional_is_what_it_says() -> None:
    assert asked(SizingSettings(method="fixed_notional", notional=Decimal(750))) == 750


def test_target_leverage_is_equity_times_share_times_leverage() -> None:
    assert asked(SizingSettings(method="target_leverage", leverage=Decimal(2))) == 10000


def test_volatility_scaled_loses_the_risk_fraction_of_the_capital_in_a_one_sigma_move() -> None:
    settings = SizingSettings(method="volatility_scaled", risk_fraction=Decimal("0.005"))
    lost = asked(settings) * volatility(SWINGING)
    assert abs(lost - Decimal(25)) < Decimal("0.0000001")


def test_volatility_is_the_root_mean_square_of_the_returns() -> None:
    assert (
        volatility([Decimal(100), Decimal(103), Decimal("98.88")])
        == ((Decimal("0.03") ** 2 + Decimal("0.04") ** 2) / 2).sqrt()
    )


@pytest.mark.parametrize("prices", [[], [Decimal(100)], STILL])
def test_prices_that_do_not_move_have_no_volatility(prices: list[Decimal]) -> None:
    assert volatility(prices) == 0


def test_volatility_from_too_few_prices_stakes_nothing_yet() -> None:
    settings = SizingSettings(method="volatility_scaled")
    assert asked(settings, prices=SWINGING[: PRICES_MIN - 1]) == 0
    assert asked(settings, prices=SWINGING[:PRICES_MIN]) > 0


def test_a_still_market_asks_for_the_bound_and_for_nothing_without_one() -> None:
    settings = SizingSettings(method="volatility_scaled")
    assert asked(settings, prices=STILL) == 15000
    assert asked(settings, prices=STILL, leverage_max=None) == 0
    bounded = SizingSettings(method="volatility_scaled", notional_max=Decimal(900))
    assert asked(bounded, prices=STILL, leverage_max=None) == 900


def test_capital_beyond_all_measure_is_sized_like_any_other() -> None:
    settings = SizingSettings(method="target_leverage", leverage=ONE)
    with arithmetic():
        assert position_notional(settings, Decimal("1E+22"), ONE, None, []) == Decimal("1E+22")


@pytest.mark.parametrize("method", METHODS)
def test_the_notional_bound_holds_for_every_method(method: str) -> None:
    settings = SizingSettings(
        method=method,  # type: ignore[arg-type]  # one of the three
        notional_max=Decimal(100),
    )
    assert asked(settings) == 100


@pytest.mark.parametrize("method", METHODS)
def test_the_leverage_bound_is_on_the_strategys_capital(method: str) -> None:
    settings = SizingSettings(
        method=method,  # type: ignore[arg-type]  # one of the three
        notional=Decimal(9000),
    )
    assert asked(settings, equity="1000", leverage_max="0.4") == 200


@pytest.mark.parametrize("equity", ["0", "-100"])
@pytest.mark.parametrize("method", METHODS)
def test_without_capital_there_is_nothing_to_stake(method: str, equity: str) -> None:
    settings = SizingSettings(method=method)  # type: ignore[arg-type]  # one of the three
    assert asked(settings, equity=equity, leverage_max=None) == 0


def test_a_negative_setting_stakes_nothing() -> None:
    assert asked(SizingSettings(notional=Decimal(-500))) == 0


@given(
    st.sampled_from(METHODS),
    st.decimals(0, 1_000_000, places=8),
    st.decimals(0, 1, places=3),
    st.decimals("0.1", 10, places=2),
    st.none() | st.decimals(1, 10_000, places=9),
    st.lists(st.decimals("0.0001", 200_000, places=4), max_size=25),
)
def test_no_bound_is_passed_and_money_has_eight_places(
    method: str, equity: Decimal, share: Decimal, leverage: Decimal, largest: Decimal | None, prices: list[Decimal]
) -> None:
    settings = SizingSettings(method=method, notional_max=largest)  # type: ignore[arg-type]  # one of the three
    with arithmetic():
        wanted = position_notional(settings, equity, share, leverage, prices)
        assert 0 <= wanted <= equity * share * leverage
        assert largest is None or wanted <= largest
        assert wanted == wanted.quantize(CENT_FRACTION)


def test_a_size_is_rounded_down_to_the_increment() -> None:
    with arithmetic():
        assert position_size(instrument(), Decimal(1000), Decimal(300)) == Decimal("3.33")


def test_a_contract_of_a_part_of_a_coin_takes_more_contracts() -> None:
    with arithmetic():
        tenth = instrument(size_increment=Decimal(1), contract_size=Decimal("0.1"))
        assert position_size(tenth, Decimal(1000), Decimal(300)) == 33


def test_a_size_stays_within_the_largest_order() -> None:
    with arithmetic():
        assert position_size(instrument(size_max=Decimal("2.505")), Decimal(1000), Decimal(300)) == Decimal("2.5")


def test_money_for_less_than_an_increment_buys_nothing() -> None:
    with arithmetic():
        assert position_size(instrument(), Decimal(1), Decimal(300)) == 0


def test_without_a_price_there_is_no_size() -> None:
    assert position_size(instrument(), Decimal(1000), Decimal(0)) == 0


@given(
    st.decimals(0, 1_000_000, places=8),
    st.decimals("0.0001", 200_000, places=4),
    st.sampled_from([Decimal("0.00001"), Decimal("0.001"), Decimal("0.5"), Decimal(1), Decimal(10)]),
    st.sampled_from([Decimal("0.01"), Decimal("0.1"), Decimal(1), Decimal(1000)]),
)
def test_a_size_is_the_largest_multiple_that_is_worth_no_more_than_the_money(
    money: Decimal, price: Decimal, increment: Decimal, contract_size: Decimal
) -> None:
    described = instrument(increment, contract_size, size_max=Decimal(10) ** 15)
    with arithmetic():
        size = position_size(described, money, price)
        assert size % increment == 0
        assert notional(described, size, price) <= money < notional(described, size + increment, price)
