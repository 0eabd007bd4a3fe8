"""What a setting may be beyond its type: bounds, patterns and how settings must agree.

`RULES` is the one table of limits of single settings, `contradictions` the one list of demands between settings.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from msgspec import Struct

from perptape.core.config.profiles import PROFILES
from perptape.core.config.runtime import RuntimeSettings, SnapshotSettings
from perptape.core.settings import (
    AggregationSettings,
    ErrorBreaker,
    GuardSettings,
    OrderSettings,
    ReconciliationSettings,
    SizingSettings,
    StrategySettings,
    TradingSettings,
    VolatilityBreaker,
    WindowSettings,
)

YEAR_S = 366 * 86_400
INTEGER_MAX = 2**53 - 1
"""The largest whole number that every JSON reader keeps exactly."""


class Rule(NamedTuple):
    """Limits of one setting. For a list they hold for its items, for a table of free keys for its values."""

    more_than: Decimal | int | None = None
    at_least: Decimal | int | None = None
    less_than: Decimal | int | None = None
    at_most: Decimal | int | None = None
    pattern: str | None = None
    """Regular expression a text matches as a whole."""
    words: str = ""
    """What the pattern means, for a person."""
    choices: tuple[str, ...] = ()
    key_pattern: str | None = None
    key_words: str = ""
    items_min: int = 0


SYMBOL = r"^[A-Z0-9]+(-[A-Z0-9_]+)*$"
SYMBOL_WORDS = "a symbol such as BTC-PERP"
NAME = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
NAME_WORDS = "a name of letters, digits, - and _ that begins with a letter"
IDENTIFIER = r"[A-Za-z_][A-Za-z0-9_]*"
KIND = rf"^({IDENTIFIER}|.+\.py:{IDENTIFIER}|{IDENTIFIER}(\.{IDENTIFIER})*:{IDENTIFIER})$"
KIND_WORDS = "the kind of a built-in strategy, PATH.py:Class or package.module:Class"
STORE = r"^[a-z][a-z0-9+]*://.*$"
STORE_WORDS = "a database URL such as sqlite:///perptape.sqlite or postgresql://host/database"

POSITIVE = Rule(more_than=0)
SHARE = Rule(more_than=0, at_most=1)
OPEN_SHARE = Rule(more_than=0, less_than=1)
DURATION = Rule(at_least=1, at_most=YEAR_S)
PAUSE = Rule(at_least=0, at_most=YEAR_S)

RULES: Mapping[tuple[type[Struct], str], Rule] = {
    (StrategySettings, "name"): Rule(pattern=NAME, words=NAME_WORDS),
    (StrategySettings, "kind"): Rule(pattern=KIND, words=KIND_WORDS),
    (StrategySettings, "symbols"): Rule(pattern=SYMBOL, words=SYMBOL_WORDS),
    (StrategySettings, "capital_share"): SHARE,
    (StrategySettings, "priority"): Rule(at_least=-1_000_000, at_most=1_000_000),
    (StrategySettings, "weight"): POSITIVE,
    (StrategySettings, "trailing_stop"): OPEN_SHARE,
    (StrategySettings, "parameters"): Rule(key_pattern=f"^{IDENTIFIER}$", key_words="a parameter's name"),
    (AggregationSettings, "threshold"): Rule(at_least=0, at_most=1),
    (SizingSettings, "notional"): POSITIVE,
    (SizingSettings, "leverage"): Rule(more_than=0, at_most=100),
    (SizingSettings, "risk_fraction"): SHARE,
    (SizingSettings, "notional_max"): POSITIVE,
    (OrderSettings, "limit_ttl_s"): DURATION,
    (OrderSettings, "signal_ttl_s"): DURATION,
    (OrderSettings, "attempts_max"): Rule(at_least=1, at_most=100),
    (OrderSettings, "backoff_s"): DURATION,
    (OrderSettings, "backoff_max_s"): DURATION,
    (OrderSettings, "lookup_s"): DURATION,
    (OrderSettings, "refusal_cooldown_s"): PAUSE,
    (OrderSettings, "spot_fallback"): Rule(
        pattern=SYMBOL, words=SYMBOL_WORDS, key_pattern=SYMBOL, key_words=SYMBOL_WORDS
    ),
    (OrderSettings, "not_understood_max"): Rule(at_least=1, at_most=1_000),
    (VolatilityBreaker, "window_s"): DURATION,
    (VolatilityBreaker, "move"): SHARE,
    (VolatilityBreaker, "cooldown_s"): PAUSE,
    (ErrorBreaker, "window_s"): DURATION,
    (ErrorBreaker, "failures"): Rule(at_least=1, at_most=10_000),
    (ErrorBreaker, "cooldown_s"): DURATION,
    (GuardSettings, "daily_loss_limit"): POSITIVE,
    (GuardSettings, "drawdown_limit"): SHARE,
    (GuardSettings, "trade_value_max"): POSITIVE,
    (GuardSettings, "position_caps"): Rule(at_least=0, key_pattern=SYMBOL, key_words=SYMBOL_WORDS),
    (GuardSettings, "exposure_share_max"): SHARE,
    (GuardSettings, "leverage_max"): Rule(more_than=0, at_most=100),
    (GuardSettings, "liquidation_buffer"): OPEN_SHARE,
    (GuardSettings, "staleness_s"): DURATION,
    (GuardSettings, "spread_max"): SHARE,
    (GuardSettings, "depth_min"): POSITIVE,
    (GuardSettings, "slippage_max"): SHARE,
    (GuardSettings, "orders_per_minute_max"): Rule(at_least=1, at_most=100_000),
    (GuardSettings, "underlying_limits"): Rule(
        at_least=0, key_pattern="^[A-Z0-9]+$", key_words="an underlying such as BTC"
    ),
    (GuardSettings, "cash_max"): POSITIVE,
    (WindowSettings, "length"): Rule(at_least=1, at_most=100_000),
    (WindowSettings, "sample_s"): PAUSE,
    (ReconciliationSettings, "every_s"): DURATION,
    (ReconciliationSettings, "retry_s"): DURATION,
    (ReconciliationSettings, "settle_s"): PAUSE,
    (TradingSettings, "profile"): Rule(choices=tuple(PROFILES)),
    (TradingSettings, "symbols"): Rule(pattern=SYMBOL, words=SYMBOL_WORDS, items_min=1),
    (TradingSettings, "cycle_s"): DURATION,
    (RuntimeSettings, "store"): Rule(pattern=STORE, words=STORE_WORDS),
    (TradingSettings, "state_digest_every"): Rule(at_least=1, at_most=1_000_000_000),
    (SnapshotSettings, "newest"): Rule(at_least=2, at_most=100_000),
    (SnapshotSettings, "days"): Rule(at_least=0, at_most=100_000),
    (SnapshotSettings, "unused_days"): Rule(at_least=0, at_most=100_000),
}


class Contradiction(NamedTuple):
    """Settings that are fine one by one and do not agree: where, what is there, and what would agree."""

    path: tuple[str | int, ...]
    given: Any
    allowed: str


def _repeated(values: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for place, value in enumerate(values):
        if value in seen:
            yield place, value
        seen.add(value)


def contradictions(trading: TradingSettings) -> Iterator[Contradiction]:
    """Every way in which valid settings contradict each other."""
    for place, symbol in _repeated(trading.symbols):
        yield Contradiction(("trading", "symbols", place), symbol, "each symbol once")
    for place, name in _repeated(tuple(strategy.name for strategy in trading.strategies)):
        yield Contradiction(("trading", "strategies", place, "name"), name, "a name that no other strategy has")
    followed = "one of trading.symbols: " + ", ".join(f'"{symbol}"' for symbol in trading.symbols)
    for place, strategy in enumerate(trading.strategies):
        for item, symbol in enumerate(strategy.symbols):
            if symbol not in trading.symbols:
                yield Contradiction(("trading", "strategies", place, "symbols", item), symbol, followed)
        for item, symbol in _repeated(strategy.symbols):
            yield Contradiction(("trading", "strategies", place, "symbols", item), symbol, "each symbol once")
    for symbol in trading.guards.position_caps:
        if symbol not in trading.symbols:
            yield Contradiction(("trading", "guards", "position_caps", symbol), symbol, followed)
    for future, spot in trading.orders.spot_fallback.items():
        for symbol in (future, spot):
            if symbol not in trading.symbols:
                yield Contradiction(("trading", "orders", "spot_fallback", future), symbol, followed)
        if spot in trading.orders.spot_fallback:
            yield Contradiction(
                ("trading", "orders", "spot_fallback", future), spot, "a symbol that has no fallback of its own"
            )
    shares = sum((strategy.capital_share for strategy in trading.strategies), Decimal(0))
    if shares > 1:
        last = len(trading.strategies) - 1
        yield Contradiction(
            ("trading", "strategies", last, "capital_share"),
            trading.strategies[last].capital_share,
            f"capital shares of all strategies that add up to at most 1 (now they add up to {shares:f})",
        )
    if trading.orders.backoff_s > trading.orders.backoff_max_s:
        yield Contradiction(
            ("trading", "orders", "backoff_s"),
            trading.orders.backoff_s,
            f"at most orders.backoff_max_s ({trading.orders.backoff_max_s})",
        )
