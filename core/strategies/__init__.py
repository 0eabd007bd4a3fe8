"""The shipped strategies, and the register of kinds that settings may name."""

from collections.abc import Mapping
from typing import Any

import msgspec

from perptape.core.errors import StrategyLoadError
from perptape.core.strategies.absent import Absent
from perptape.core.strategies.base import Signal, Strategy, View
from perptape.core.strategies.funding_carry import FundingCarry
from perptape.core.strategies.ma_crossover import MaCrossover
from perptape.core.strategies.rsi_reversion import RsiReversion
from perptape.core.strategies.scripted import Scripted

STRATEGIES: dict[str, type[Any]] = {
    "ma_crossover": MaCrossover,
    "rsi_reversion": RsiReversion,
    "funding_carry": FundingCarry,
    "scripted": Scripted,
}
"""By kind. A user's own strategies are added by perptape.core.config before any event is folded."""


def build(kind: str, parameters: Mapping[str, object]) -> Any:
    """The strategy `kind` with its parameters; raises StrategyLoadError when one of them is unknown or impossible."""
    if kind not in STRATEGIES:
        raise StrategyLoadError(f"unknown strategy kind {kind!r}; known: {', '.join(sorted(STRATEGIES))}")
    try:
        built = msgspec.convert(dict(parameters), STRATEGIES[kind], strict=False)
    except (msgspec.ValidationError, ValueError, TypeError) as error:
        raise StrategyLoadError(f"strategy {kind!r} does not take these parameters: {error}") from error
    # A user's type need not forbid unknown fields, but a misspelt parameter must not silently keep its default.
    unknown = [name for name in parameters if not hasattr(built, name)]
    if unknown:
        raise StrategyLoadError(f"strategy {kind!r} does not take these parameters: unknown {', '.join(unknown)}")
    return built


def build_if_loaded(kind: str, parameters: Mapping[str, object]) -> Any:
    """The strategy `kind` with its parameters, or Absent when its code is not loaded or does not take them."""
    try:
        return build(kind, parameters)
    except StrategyLoadError as error:
        return Absent(str(error))


__all__ = [
    "STRATEGIES",
    "Absent",
    "FundingCarry",
    "MaCrossover",
    "RsiReversion",
    "Scripted",
    "Signal",
    "Strategy",
    "View",
    "build",
    "build_if_loaded",
]
