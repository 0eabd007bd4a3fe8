"""Storms: busy sessions drawn from a seed, in which much happens that nobody arranged.

A row of the catalogue says what may happen and how often; the seed decides when. The draws use nothing of `random` but
its `random()`, whose sequence Python keeps.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

from perptape.core.edge.simulation.exchange.fault_rule import FaultEffect, FaultRule
from perptape.core.edge.simulation.network import CHANNELS, ChannelOutage
from perptape.core.events import CallKind, Channel
from perptape.core.settings import StrategySettings
from perptape.replays.scenarios.language.builders import BTC, ETH, scripted
from perptape.replays.scenarios.language.market import Number, Path, prices
from perptape.replays.scenarios.language.script import Act, At

Item = TypeVar("Item")
SYMBOLS = (BTC, ETH)
ACTIONS = ("buy", "sell", "close")


class Draws:
    """Draws from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)

    def below(self, end: int) -> int:
        """A whole number from 0 on and below `end`."""
        return int(self._random.random() * end)

    def second(self, since: int, until: int) -> int:
        """A second of the session."""
        return since + self.below(until - since)

    def one(self, items: Sequence[Item]) -> Item:
        """One of these."""
        return items[self.below(len(items))]

    def plan(
        self, lines: int, until: int, symbols: Sequence[str] = SYMBOLS, confidences: Sequence[str] = ("1",)
    ) -> str:
        """A plan of a scripted strategy: so many lines, whatever they lead to."""
        said = []
        for _ in range(lines):
            second, action, confidence = self.second(5, until - 10), self.one(ACTIONS), self.one(confidences)
            where = symbols if action == "close" and self.below(2) else (self.one(symbols),)
            said += [f"{symbol} {second} {action} {confidence}" for symbol in where]
        return "; ".join(said)

    def acts(self, number: int, until: int, kinds: Sequence[Act | Callable[["Draws"], Act]]) -> tuple[At, ...]:
        """So many acts, each of one of these kinds, at any second that leaves some time afterwards."""
        found = []
        for _ in range(number):
            second, kind = self.second(5, until - 15), self.one(kinds)
            found.append(At(second, kind(self) if callable(kind) else kind))
        return tuple(found)

    def outages(self, until: int, every_s: int, lasts_s: int) -> tuple[ChannelOutage, ...]:
        """Outages of any channels, about every so many seconds, of at most so many each."""
        found = []
        at = self.second(10, every_s)
        while at < until - 2 * lasts_s:
            length = 3 + self.below(lasts_s)
            channels: tuple[Channel, ...] = tuple(channel for channel in CHANNELS if self.below(2)) or CHANNELS
            found.append(ChannelOutage(channels, at, at + length))
            at += length + self.second(every_s // 2, every_s)
        return tuple(found)

    def stairs(self, symbol: str, price: int, until: int, *, every_s: int, step: str) -> Path:
        """A price that stands still, so that orders rest, and jumps by up to such a share at times."""
        frames: dict[int, Number | None] = {0: price}
        now, at = Decimal(price), 0
        while at + 2 * every_s < until:
            at += self.second(every_s // 2, every_s + every_s // 2) // 5 * 5
            frames[at] = now
            now = (now * (1 + Decimal(step) * (self.below(9) - 4) / 4)).quantize(Decimal("0.1"))
            frames[at + 5] = now
        frames[until] = now
        return prices(symbol, frames)


def puppets(
    draws: Draws, until: int, lines: int, names: Sequence[str], **settings: Any
) -> tuple[StrategySettings, ...]:
    """Scripted strategies that want one thing and then another in both symbols."""
    return tuple(scripted(name, draws.plan(lines, until), **settings) for name in names)


def failing(
    share: str, calls: Sequence[CallKind], effects: Sequence[FaultEffect], until_s: int | None = None, **more: Any
) -> tuple[FaultRule, ...]:
    """Each of these calls goes wrong in each of these ways with this probability."""
    chance = Decimal(share)
    return tuple(
        FaultRule(call, effect, times=0, probability=chance, until_s=until_s, **more)
        for call in calls
        for effect in effects
    )
