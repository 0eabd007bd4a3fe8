"""What the bot knows of one symbol's market, and the sleeves that trade in it."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from perptape.core.events.base import TradingStatus
from perptape.core.events.market import CandleClosed
from perptape.core.instruments import Instrument
from perptape.core.money import ZERO
from perptape.core.position import Position, Result
from perptape.core.settings import StrategySettings

DERIVED: Final = {"persisted": False}
"""Marks a field that follows from the settings and the code, and so is no part of the persisted state."""


@dataclass(slots=True)
class Sleeve:
    """The part of the portfolio that one strategy runs in one symbol: its logic, memory, position and results.

    The strategy's memory is persisted beside the state, as data with its schema (perptape.core.opening).
    """

    strategy: str
    settings: StrategySettings
    logic: Any = field(default=None, metadata=DERIVED)
    """The strategy with its parameters: a plain data type with `update` and `signals` (perptape.core.strategies)."""
    memory: Any = field(default=None, metadata=DERIVED)
    """What the strategy remembers: of the type `logic.memory_type`, or as recorded where its code is not loaded."""
    memory_schema: int = field(default=0, metadata=DERIVED)
    """The schema of the memory; 0 for a memory that the code which is loaded cannot follow."""
    memory_loss: str = field(default="", metadata=DERIVED)
    """Why the recorded memory was not taken over by the code that is loaded; empty when it was."""
    trigger: str = field(default="", metadata=DERIVED)
    """When the strategy is asked; empty for never."""
    silent_without_signal: bool = field(default=False, metadata=DERIVED)
    """Whether it has nothing to say while its memory's `signal` is empty (perptape.core.strategies.base)."""
    stop_fraction: Decimal | None = None
    position: Position = field(default_factory=Position)
    result: Result = field(default_factory=Result)
    best_price: Decimal | None = None
    """Most favourable price since entry; None when flat or without a trailing stop."""
    stop_price: Decimal | None = None
    """Where the trailing stop exits, from `best_price`."""
    stopped: str = ""
    """Why the strategy is no longer asked; empty while it is."""
    refusal: str = ""
    """What the venue last refused an order of it with, verbatim; empty again after a fill."""
    refused_at_ns: int = 0
    """When the venue last refused an entry of it; 0 when nothing holds it back any more."""


@dataclass(slots=True)
class Window:
    """The last prices of a symbol, oldest first, bounded in number."""

    times: list[int] = field(default_factory=list)
    prices: list[Decimal] = field(default_factory=list)
    next_ns: int = 0
    """The next price at or after this time is kept."""


@dataclass(slots=True)
class Market:
    """One symbol. Prices in quote currency, sizes in contracts; zero before the first message."""

    symbol: str
    followed: bool = True
    """Whether the settings name it; a dropped symbol is still managed while a position or order is left."""
    instrument: Instrument | None = None
    status: TradingStatus = "open"
    bid: Decimal = ZERO
    bid_size: Decimal = ZERO
    ask: Decimal = ZERO
    ask_size: Decimal = ZERO
    price: Decimal = ZERO
    """By which positions are valued: the mark while it is fresh, else the middle of the quote."""
    heard_at_ns: int = 0
    """When the last price came. A followed symbol is stale `staleness_s` after it (perptape.core.waiting)."""
    mark: Decimal | None = None
    mark_fresh_until_ns: int = 0
    funding_rate: Decimal | None = None
    candle: CandleClosed | None = None
    band_low: Decimal = ZERO
    band_high: Decimal | None = None
    """Outside [band_low, band_high] the volatility breaker trips; None while it has no reference price."""
    window: Window = field(default_factory=Window)
    sleeves: list[Sleeve] = field(default_factory=list)


def contract_size(market: Market) -> Decimal:
    """Coins per contract; 1 until the venue has described the instrument."""
    return market.instrument.contract_size if market.instrument is not None else Decimal(1)
