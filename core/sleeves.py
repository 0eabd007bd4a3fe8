"""What of a sleeve follows from the settings and the code that is loaded: its logic, trigger and type of memory."""

from typing import Any

import msgspec

from perptape.core.market import Sleeve
from perptape.core.settings import StrategySettings, TradingSettings
from perptape.core.state import State
from perptape.core.strategies import Absent, build_if_loaded

FALLBACK = "fallback"
"""The trigger of a sleeve in a spot market that a strategy uses where it may not trade the future."""


def trigger_of(symbol: str, strategy: StrategySettings, settings: TradingSettings) -> str:
    """When the strategy is asked in the symbol: FALLBACK where it stands in for a future; empty: it does not trade."""
    if not strategy.symbols or symbol in strategy.symbols:
        return strategy.trigger
    futures = [future for future, spot in settings.orders.spot_fallback.items() if spot == symbol]
    return FALLBACK if any(future in strategy.symbols for future in futures) else ""


def equip(sleeve: Sleeve, symbol: str, settings: TradingSettings) -> None:
    """Give a sleeve its logic and trigger, and the memory that its strategy begins with."""
    sleeve.logic = build_if_loaded(sleeve.settings.kind, sleeve.settings.parameters)
    sleeve.trigger = trigger_of(symbol, sleeve.settings, settings)
    sleeve.silent_without_signal = getattr(sleeve.logic, "silent_without_signal", False)
    forget(sleeve)


def forget(sleeve: Sleeve) -> None:
    """Let the strategy begin with the memory that it has before its first trigger."""
    sleeve.memory = sleeve.logic.initial()
    sleeve.memory_schema = sleeve.logic.memory_schema
    sleeve.memory_loss = ""


def remember_as_recorded(sleeve: Sleeve, schema: int, data: Any) -> None:
    """Give a sleeve the memory that was recorded, as plain data of this schema.

    Memory that does not fit the code which is loaded is left out: the strategy begins anew, and `memory_loss` says why.
    Where no code is loaded the data stays as it is.
    """
    logic = sleeve.logic
    if isinstance(logic, Absent):
        sleeve.memory, sleeve.memory_schema = data, schema
        return
    forget(sleeve)
    if schema != logic.memory_schema:
        sleeve.memory_loss = f"its schema is {schema}, the strategy's is {logic.memory_schema}"
        return
    try:
        sleeve.memory = msgspec.convert(data, logic.memory_type)
    except msgspec.MsgspecError as error:
        sleeve.memory_loss = f"it is of another form: {error}"


def memory_losses(state: State) -> list[tuple[str, str, str]]:
    """Symbol, strategy and reason of each memory that was recorded and not taken over."""
    return [
        (symbol, sleeve.strategy, sleeve.memory_loss)
        for symbol, market in state.markets.items()
        for sleeve in market.sleeves
        if sleeve.memory_loss
    ]


def absent_strategies(state: State) -> list[str]:
    """Why strategies of the state cannot run here, a line each; empty when all can."""
    found = {
        sleeve.logic.why: None
        for market in state.markets.values()
        for sleeve in market.sleeves
        if isinstance(sleeve.logic, Absent)
    }
    return list(found)
