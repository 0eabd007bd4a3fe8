"""Strategies are named by kind in the settings."""

import pytest
from msgspec import Struct

from perptape.core.errors import StrategyLoadError
from perptape.core.strategies import STRATEGIES, build


@pytest.mark.parametrize("kind", STRATEGIES)
def test_every_shipped_strategy_can_be_built_without_parameters(kind: str) -> None:
    strategy = build(kind, {})
    assert isinstance(strategy.initial(), strategy.memory_type)
    assert strategy.memory_schema >= 1


def test_an_unknown_kind_is_refused_with_the_known_ones() -> None:
    with pytest.raises(StrategyLoadError, match=r"known: .*funding_carry, .*ma_crossover, .*rsi_re"):
        build("rsi", {})


def test_a_misspelt_parameter_is_refused_though_the_type_would_take_it(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lenient(Struct, frozen=True):
        length: int = 5

    monkeypatch.setitem(STRATEGIES, "lenient.py:Lenient", Lenient)
    assert build("lenient.py:Lenient", {"length": 8}).length == 8
    with pytest.raises(StrategyLoadError, match=r"does not take these parameters: unknown lenght, margin$"):
        build("lenient.py:Lenient", {"lenght": 8, "length": 8, "margin": 1})
