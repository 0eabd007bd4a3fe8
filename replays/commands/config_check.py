"""Checking a configuration: every problem at once, and strategies that say the same when asked twice."""

import copy
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from perptape.core.config import Configuration, problems
from perptape.core.durations import MINUTE_NS
from perptape.core.edge.market import synthetic_path
from perptape.core.edge.market.conditions import VOLATILE
from perptape.core.edge.market.points import BookPoint, FundingPoint
from perptape.core.edge.simulation.exchange import ExchangeSettings
from perptape.core.errors import PerptapeError, StrategyLoadError
from perptape.core.market import Market
from perptape.core.money import arithmetic
from perptape.core.position import Position
from perptape.core.settings import StrategySettings
from perptape.core.strategies import View, build

STEPS = 2_000


class ConfigCheck(Struct):
    """What was found."""

    problems: list[str] = field(default_factory=list)
    strategies: list[str] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        """What `config check --json` prints."""
        return {"ok": not self.problems, "problems": self.problems, "strategies": self.strategies}

    def as_text(self) -> str:
        """Problems, a line each; or what was checked."""
        if self.problems:
            return "\n".join(self.problems)
        named = ", ".join(self.strategies) or "none"
        return f"configuration OK; these strategies gave the same signals in two runs over {STEPS:,} prices: {named}"


def check_configuration(path: Path | None, load: Callable[[Path | None], Configuration]) -> ConfigCheck:
    """Check the file, then run each of its strategies twice over the same market and compare."""
    report = ConfigCheck(problems=list(problems(path, sections={"simulation": ExchangeSettings})))
    if report.problems:
        return report
    configuration = load(path)
    for strategy in configuration.trading.strategies:
        fault = _compare_runs(strategy)
        if fault:
            report.problems.append(f"strategy {strategy.name}: {fault}")
        else:
            report.strategies.append(strategy.name)
    return report


def _compare_runs(strategy: StrategySettings) -> str:
    try:
        first, second = _run(strategy), _run(strategy)
    except PerptapeError as error:
        return str(error)
    except Exception as error:  # whatever a user's strategy raises is a finding
        return f"it raised {type(error).__name__}: {error}"
    for step, (one, other) in enumerate(zip(first, second, strict=True)):
        if one != other:
            return f"not deterministic: it gave {one}, then {other} on the same market (price {step + 1} of {STEPS})"
    return ""


def _run(strategy: StrategySettings) -> list[str]:
    """What the strategy remembers and says at each price of a synthetic market."""
    logic = build(strategy.kind, strategy.parameters)
    memory = logic.initial()
    market = Market(symbol="BTC-PERP")
    said = []
    path = synthetic_path({"BTC-PERP": Decimal(50_000)}, VOLATILE, seed=1, start_ns=0, steps=STEPS, step_ns=MINUTE_NS)
    with arithmetic():
        for point in path:
            if isinstance(point, FundingPoint):
                market.funding_rate = point.rate
            elif isinstance(point, BookPoint):
                market.bid, market.ask = point.bid, point.ask
                market.price = (point.bid + point.ask) / 2
                memory = logic.update(copy.deepcopy(memory), market)
                signals = list(logic.signals(memory, View(market, Position(), point.at_ns)))
                if signals and getattr(logic, "silent_without_signal", False) and not memory.signal:
                    raise StrategyLoadError(
                        f"silent_without_signal is set, but it gave {signals} with no signal in its memory"
                    )
                said.append(repr(signals))
    return said
