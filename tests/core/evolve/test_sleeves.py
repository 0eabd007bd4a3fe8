# mypy: disable-error-code="comparison-overlap"
# A rule may write the amount 5 for the decimal that is equal to it.
"""Sleeves follow the settings: what is kept, what begins anew, what only winds down (S08)."""

from decimal import Decimal
from typing import Any

import pytest

from perptape.core.errors import StrategyLoadError
from perptape.core.events import ConfigurationLoaded, StrategyFailed, StrategyMemoryDropped
from perptape.core.evolve.sleeves import DROPPED
from perptape.core.market import Sleeve
from perptape.core.settings import StrategySettings
from tests.core.builders import BTC, ETH
from tests.core.facts import quote, running, settings
from tests.core.puppet import puppet
from tests.core.rules import Scene, given


def configured(scene: Scene, *strategies: StrategySettings, **changes: object) -> list[Sleeve]:
    """The sleeves in BTC-PERP after other settings were loaded."""
    scene.when(ConfigurationLoaded(settings=settings(*strategies, **changes)))  # type: ignore[arg-type]
    return scene.state.markets[BTC].sleeves


def holding() -> Scene:
    """A puppet that holds 5 and has seen two quotes."""
    return given(*running(puppet(buy=100))).when(quote(100)).fill(100, fee=1)


def test_a_strategy_has_a_sleeve_in_each_symbol_that_it_trades() -> None:
    scene = given(*running(puppet("a"), puppet("b", symbols=(ETH,))))
    names = {symbol: [sleeve.strategy for sleeve in market.sleeves] for symbol, market in scene.state.markets.items()}
    assert names == {BTC: ["a"], ETH: ["a", "b"]}


@pytest.mark.parametrize("changes", [{"priority": 3}, {"capital_share": "0.5"}, {"short_allowed": False}])
def test_memory_position_and_results_are_kept_when_the_logic_is_the_same(changes: dict[str, Any]) -> None:
    [sleeve] = configured(holding(), puppet(buy=100, **changes))
    assert (sleeve.memory.updates, sleeve.position.size, sleeve.result.fees) == (2, 5, 1)


@pytest.mark.parametrize("changes", [{"buy": 101}, {"trigger": "cycle"}])
def test_memory_of_another_logic_begins_anew_and_the_position_stays(changes: dict[str, Any]) -> None:
    parameters: dict[str, Any] = {"buy": 100} | changes
    [sleeve] = configured(holding(), puppet(**parameters))
    assert (sleeve.memory.updates, sleeve.position.size) == (0, 5)


def test_memory_of_another_kind_begins_anew() -> None:
    [sleeve] = configured(holding(), StrategySettings(name="puppet", kind="ma_crossover", trigger="quote"))
    assert (sleeve.memory.index, sleeve.position.size) == (0, 5)


def test_memory_of_another_schema_begins_anew() -> None:
    scene = holding()
    scene.state.markets[BTC].sleeves[0].memory_schema = 0
    assert configured(scene, puppet(buy=100))[0].memory.updates == 0


def test_a_dropped_strategy_winds_down_and_a_new_one_begins() -> None:
    new, old = configured(holding(), puppet("other"))
    assert (new.strategy, new.stopped, new.memory.updates, new.position.size) == ("other", "", 0, 0)
    assert (old.strategy, old.stopped, old.position.size) == ("puppet", DROPPED, 5)


def test_a_strategy_that_comes_back_finds_its_position() -> None:
    scene = holding()
    configured(scene)
    [sleeve] = configured(scene, puppet(buy=100))
    assert (sleeve.stopped, sleeve.position.size) == ("", 5)


def test_new_settings_give_a_failed_strategy_another_chance() -> None:
    scene = holding().when(StrategyFailed("puppet", BTC, "ValueError"))
    [sleeve] = configured(scene, puppet(buy=100), cycle_s=7)
    assert (sleeve.stopped, sleeve.position.size) == ("", Decimal(5))


def test_settings_that_name_code_which_is_not_loaded_are_folded_and_cannot_be_decided_under() -> None:
    scene = holding()
    configured(scene, StrategySettings(name="x", kind="unheard-of", trigger="quote"))
    with pytest.raises(StrategyLoadError, match="unheard-of"):
        scene.when(quote(98))


def test_memory_is_dropped_for_the_strategy_and_symbol_that_are_named_only() -> None:
    scene = holding()
    configured(scene, puppet("one"), puppet("two"))
    scene.when(quote(98))
    scene.when(StrategyMemoryDropped("two", BTC, "of another form"))
    updates = {sleeve.strategy: sleeve.memory.updates for sleeve in scene.state.markets[BTC].sleeves}
    assert (updates["one"], updates["two"]) == (1, 0)
    scene.when(StrategyMemoryDropped("one", "DOGE-PERP", "of another form"))
    assert updates == {sleeve.strategy: sleeve.memory.updates for sleeve in scene.state.markets[BTC].sleeves}
