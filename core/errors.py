"""What can go wrong in the core.

PerptapeError
├── NotMoneyError            a number that no event may carry
├── CodecError               bytes that are not an event of the vocabulary
│   └── NewerSchemaError     an event that a newer release wrote
├── ConfigurationError       settings that cannot be used; says which key and what to do
├── StrategyLoadError        a strategy that cannot be found, loaded or used
├── StrategyRaisedError      a strategy raised; the orchestrator records it and stops the strategy
├── MarketDataError          a market file or path that cannot be read; says file, line and field
├── SimulationError          the simulated exchange cannot do what it is told
├── StoppedError             the bot cannot go on and says why
│   ├── LogDamagedError      the stored log is not what was written
│   ├── LogRefusedError      the log did not take a turn (conflict, disk full)
│   └── TurnFailedError      a turn raised what nobody expected
└── SupervisionError         background tasks registered or run as they cannot be
"""


class PerptapeError(Exception):
    """Base of every error a user of perptape sees as one line."""


class NotMoneyError(PerptapeError):
    """NaN, infinity or another number that is not an amount."""


class CodecError(PerptapeError):
    """Bytes that do not hold exactly one event in canonical form."""


class NewerSchemaError(CodecError):
    """An event in a schema that this release does not know yet; the text says which it knows."""


class ConfigurationError(PerptapeError):
    """A setting is missing, unknown or impossible."""


class StrategyLoadError(ConfigurationError):
    """A strategy named in the settings cannot be found, loaded or used."""


class StrategyRaisedError(PerptapeError):
    """A strategy raised in `update` or `signals`; `strategy` and `symbol` say which."""

    def __init__(self, strategy: str, symbol: str, error: Exception) -> None:
        super().__init__(f"strategy {strategy!r} raised in {symbol}: {type(error).__name__}: {error}")
        self.strategy = strategy
        self.symbol = symbol
        self.error = f"{type(error).__name__}: {error}"


class MarketDataError(PerptapeError):
    """A market file or path is unusable; the message names file, line and field."""


class SimulationError(PerptapeError):
    """The simulated exchange was told something impossible or its journal is not usable."""


class StoppedError(PerptapeError):
    """The bot stopped for a reason that a person has to look at."""


class LogDamagedError(StoppedError):
    """The stored log fails its own checks; the message says where."""


class LogRefusedError(StoppedError):
    """The log did not accept a turn; nothing of it was dispatched."""


class TurnFailedError(StoppedError):
    """A turn raised what nobody expected; nothing of it was stored, and the state in memory is of no use."""


class SupervisionError(PerptapeError):
    """Background tasks were registered or run in a way that cannot be."""
