from decimal import Decimal

import pytest

from perptape.core.config import PROFILES, load
from perptape.core.strategies import build


def test_canary_is_as_the_scenario_catalogue_says() -> None:
    trading = load(None, profile="canary").trading
    assert trading.symbols == ("BTC-PERP", "ETH-PERP")
    assert trading.cycle_s == 60
    assert trading.guards.leverage_max == 3
    assert trading.guards.daily_loss_limit == 500
    assert trading.guards.trade_value_max == 1000
    assert trading.guards.position_caps == {"BTC-PERP": Decimal("0.05"), "ETH-PERP": Decimal(1)}
    assert [(one.name, one.kind) for one in trading.strategies] == [
        ("trend", "ma_crossover"),
        ("reversion", "rsi_reversion"),
        ("carry", "funding_carry"),
    ]


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_passes_its_own_checks(name: str) -> None:
    assert load(None, profile=name).trading.profile == name


def test_prod_is_never_looser_than_canary_where_both_limit_a_share() -> None:
    prod, canary = (load(None, profile=name).trading.guards for name in ("prod", "canary"))
    names = (
        "daily_loss_limit drawdown_limit exposure_share_max leverage_max spread_max slippage_max staleness_s".split()
    )
    assert all(getattr(prod, name) <= getattr(canary, name) for name in names)
    assert prod.liquidation_buffer is not None
    assert canary.liquidation_buffer is not None
    assert prod.liquidation_buffer >= canary.liquidation_buffer


def test_prod_trades_the_crossover_alone_at_leverage_one() -> None:
    prod = load(None, profile="prod").trading
    assert [one.kind for one in prod.strategies] == ["ma_crossover"]
    assert prod.sizing.method == "target_leverage"
    assert prod.sizing.leverage == 1


@pytest.mark.parametrize("name", PROFILES)
def test_the_strategies_of_every_profile_take_their_parameters(name: str) -> None:
    for strategy in load(None, profile=name).trading.strategies:
        build(strategy.kind, strategy.parameters)
