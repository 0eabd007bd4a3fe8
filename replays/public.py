"""perptape: a trading bot for perpetual futures that records every event on a tape.

This module is the public face: what you write strategies, scenarios, expectations and notebooks with. Import from here
alone; a name that is not here may change or go in any release. Nothing is imported before it is used.

- Strategies: Strategy, Signal, View, Market, Position.
- Scenarios: Scenario and the words it is written in (docs/scenarios.md).
- Recordings in a notebook: open_recording (docs/notebook.md).
- Events by type: `events.OrderRequested` and so on, after `from perptape import events`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from perptape.core import events
    from perptape.core.errors import PerptapeError
    from perptape.core.market import Market
    from perptape.core.position import Position
    from perptape.core.settings import TradingSettings
    from perptape.core.strategies.base import Signal, Strategy, View
    from perptape.replays.scenarios import (
        BTC,
        ETH,
        At,
        Bot,
        Bots,
        Budget,
        ChannelOutage,
        ExchangeSettings,
        Expectation,
        FaultRule,
        FrameFault,
        LogRefuses,
        NetworkSettings,
        NewCredentials,
        OpeningPosition,
        Operator,
        Played,
        Proved,
        Restart,
        Run,
        Scenario,
        TapeEvent,
        TaskCrashes,
        TradeByHand,
        Transfer,
        UnmetError,
        VenueCall,
        VenueCancels,
        VenueRelists,
        VenueSays,
        VenueStatus,
        WallClockJump,
        books,
        canary,
        candles,
        changed,
        conditions,
        dev,
        funded,
        funding,
        long,
        losing,
        lost,
        market,
        marks,
        play,
        prices,
        profitable,
        prove,
        rate_limited,
        refused,
        rejected,
        require,
        require_equal,
        scripted,
        several,
        short,
        strategy,
        thin,
        trades,
        unmet,
        verifies,
        with_positions,
    )
    from perptape.replays.tables import RecordingReader, open_recording
    from perptape.replays.tape.errors import DamageError

__all__ = [
    "BTC",
    "ETH",
    "At",
    "Bot",
    "Bots",
    "Budget",
    "ChannelOutage",
    "DamageError",
    "ExchangeSettings",
    "Expectation",
    "FaultRule",
    "FrameFault",
    "LogRefuses",
    "Market",
    "NetworkSettings",
    "NewCredentials",
    "OpeningPosition",
    "Operator",
    "PerptapeError",
    "Played",
    "Position",
    "Proved",
    "RecordingReader",
    "Restart",
    "Run",
    "Scenario",
    "Signal",
    "Strategy",
    "TapeEvent",
    "TaskCrashes",
    "TradeByHand",
    "TradingSettings",
    "Transfer",
    "UnmetError",
    "VenueCall",
    "VenueCancels",
    "VenueRelists",
    "VenueSays",
    "VenueStatus",
    "View",
    "WallClockJump",
    "books",
    "canary",
    "candles",
    "changed",
    "conditions",
    "dev",
    "events",
    "funded",
    "funding",
    "long",
    "losing",
    "lost",
    "market",
    "marks",
    "open_recording",
    "play",
    "prices",
    "profitable",
    "prove",
    "rate_limited",
    "refused",
    "rejected",
    "require",
    "require_equal",
    "scripted",
    "several",
    "short",
    "strategy",
    "thin",
    "trades",
    "unmet",
    "verifies",
    "with_positions",
]

_HOMES = {
    "DamageError": "perptape.replays.tape.errors",
    "Market": "perptape.core.market",
    "PerptapeError": "perptape.core.errors",
    "Position": "perptape.core.position",
    "RecordingReader": "perptape.replays.tables",
    "Signal": "perptape.core.strategies.base",
    "Strategy": "perptape.core.strategies.base",
    "TradingSettings": "perptape.core.settings",
    "View": "perptape.core.strategies.base",
    "open_recording": "perptape.replays.tables",
}
"""Where a name is defined; all others are words of scenarios."""


if not TYPE_CHECKING:  # a type checker would take any name for one that is there

    def __getattr__(name: str) -> Any:
        """Import a public name at its first use."""
        if name not in __all__:
            raise AttributeError(f"module 'perptape' has no attribute {name!r}; perptape.__all__ lists what is public")
        if name == "events":
            return import_module("perptape.core.events")
        value = getattr(import_module(_HOMES.get(name, "perptape.replays.scenarios")), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The public names."""
    return __all__
