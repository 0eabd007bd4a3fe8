"""Builders: the catalogue's shared settings, and the usual accounts, positions and orders, each in a word.

Scenario(..., trading=canary(scripted("puppet", "BTC-PERP 30 buy; BTC-PERP 90 close")), exchange=funded())
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any

from msgspec.structs import replace

from perptape.core.config import load
from perptape.core.edge.simulation.exchange import ExchangeSettings, FaultRule, OpeningPosition
from perptape.core.settings import (
    Parameter,
    SizingSettings,
    StrategySettings,
    TradingSettings,
)

BTC = "BTC-PERP"
ETH = "ETH-PERP"
BTC_PRICE = Decimal(50_000)
ETH_PRICE = Decimal(3_000)
STATE_DIGEST_EVERY = 100
"""Scenarios are short: their tapes hold the state's digest, and their bots take snapshots, this often."""


@cache
def _profile(name: str) -> TradingSettings:
    return load(None, profile=name).trading


def canary(*strategies: StrategySettings, **changes: Any) -> TradingSettings:
    """The catalogue's canary profile with these strategies, each position worth 500 unless `sizing` says otherwise.

    `changes` are settings by name; a mapping for `guards`, `orders`, `sizing`, `windows`, `reconciliation` or
    `aggregation` changes those of its fields that it names: `canary(puppet, guards={"trade_value_max": None})`.
    """
    base = replace(
        _profile("canary"), strategies=strategies, sizing=SizingSettings(), state_digest_every=STATE_DIGEST_EVERY
    )
    return changed(base, **changes)


def dev(*strategies: StrategySettings, **changes: Any) -> TradingSettings:
    """The permissive dev profile with these strategies."""
    base = replace(_profile("dev"), strategies=strategies, state_digest_every=STATE_DIGEST_EVERY)
    return changed(base, **changes)


def changed(trading: TradingSettings, **changes: Any) -> TradingSettings:
    """These settings with changes, as for `canary`."""
    whole = {
        name: replace(getattr(trading, name), **change) if isinstance(change, Mapping) else change
        for name, change in changes.items()
    }
    return replace(trading, **whole)


def scripted(name: str, plan: str, **settings: Any) -> StrategySettings:
    """A strategy that says its plan (perptape.core.strategies.scripted), asked at every quote.

    The plan's seconds count from the start of the scenario.
    """
    return StrategySettings(
        name=name, kind="scripted", trigger=settings.pop("trigger", "quote"), parameters={"plan": plan}, **settings
    )


def strategy(
    name: str, kind: str, parameters: Mapping[str, Parameter] | None = None, **settings: Any
) -> StrategySettings:
    """A strategy of any kind: a shipped one, `PATH.py:Class` or `package.module:Class`."""
    return StrategySettings(name=name, kind=kind, parameters=dict(parameters or {}), **settings)


def funded(**changes: Any) -> ExchangeSettings:
    """The funded account: 10,000 USD, of which 500 on hold, no positions."""
    return ExchangeSettings(**{"cash": Decimal(10_000), "hold": Decimal(500), **changes})


def with_positions(*positions: OpeningPosition, **changes: Any) -> ExchangeSettings:
    """The funded account with positions; without naming any, the catalogue's: long 0.02 BTC and 0.5 ETH."""
    held = positions or (profitable(BTC), profitable(ETH))
    return funded(positions=held, **changes)


def long(symbol: str, size: str, entry_price: str) -> OpeningPosition:
    """A long position: contracts and average entry price."""
    return OpeningPosition(symbol, Decimal(size), Decimal(entry_price))


def short(symbol: str, size: str, entry_price: str) -> OpeningPosition:
    """A short position: contracts (positive here) and average entry price."""
    return OpeningPosition(symbol, -Decimal(size), Decimal(entry_price))


def profitable(symbol: str) -> OpeningPosition:
    """A long position that gains at the catalogue's prices: 0.02 BTC from 48,000, or 0.5 ETH from 2,800."""
    return long(BTC, "0.02", "48000") if symbol == BTC else long(symbol, "0.5", "2800")


def losing(symbol: str) -> OpeningPosition:
    """A long position that loses at the catalogue's prices: 0.02 BTC from 52,000, or 0.5 ETH from 3,200."""
    return long(BTC, "0.02", "52000") if symbol == BTC else long(symbol, "0.5", "3200")


def several() -> Sequence[OpeningPosition]:
    """A gaining long and a losing short."""
    return (profitable(BTC), short(ETH, "0.5", "2800"))


def thin(depth: str = "100", **changes: Any) -> ExchangeSettings:
    """The funded account at a venue that shows little, so that orders fill in parts: `depth` in quote currency."""
    return funded(depth=Decimal(depth), **changes)


def rejected(
    nth: int = 1, code: str = "INVALID_REQUEST", *, after_accepting: bool = False, times: int = 1
) -> FaultRule:
    """The venue rejects the nth order, at once or after accepting it."""
    return FaultRule("submit", "accept_then_reject" if after_accepting else "reject", nth=nth, times=times, code=code)


def rate_limited(nth: int = 1, times: int = 1, retry_after_ms: int | None = None) -> FaultRule:
    """The venue answers 429 to the nth order and those that follow it, `times` in all."""
    return FaultRule("submit", "refuse_rate_limit", nth=nth, times=times, retry_after_ms=retry_after_ms)


def refused(code: str, call: Any = "submit", nth: int = 1, times: int = 1) -> FaultRule:
    """The venue refuses a call with a code, such as UNAUTHORIZED; trying again is of no use."""
    return FaultRule(call, "refuse", nth=nth, times=times, code=code)


def lost(answer: bool, call: Any = "submit", nth: int = 1, times: int = 1) -> FaultRule:
    """A call times out: after the venue acted and only the answer was lost, or before it knew of it."""
    return FaultRule(call, "lose_answer" if answer else "lose_request", nth=nth, times=times)


__all__ = [
    "BTC",
    "BTC_PRICE",
    "ETH",
    "ETH_PRICE",
    "canary",
    "changed",
    "dev",
    "funded",
    "long",
    "losing",
    "lost",
    "profitable",
    "rate_limited",
    "refused",
    "rejected",
    "scripted",
    "several",
    "short",
    "strategy",
    "thin",
    "with_positions",
]
