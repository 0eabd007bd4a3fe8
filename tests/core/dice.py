"""A strategy that throws dice, loaded by the price: it wants anything at any time, and sometimes raises."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, ClassVar

from msgspec import Struct

from perptape.core.events import Action
from perptape.core.market import Market
from perptape.core.money import ONE
from perptape.core.strategies import STRATEGIES, Signal, View

ACTIONS: tuple[Action | None, ...] = ("buy", "sell", "close", None, None, None)


class Throws(Struct):
    """What the dice remember."""

    count: int = 0
    last: int = 0
    signal: bool = False
    """Whether `signals` will say anything, or raise."""


class Dice(Struct, frozen=True):
    """`broken` in 1000 throws raise in `update`, and as many in `signals`."""

    memory_type: ClassVar[Any] = Throws
    memory_schema: ClassVar[int] = 1

    seed: int = 0
    broken: int = 0
    silent_without_signal: bool = False

    def initial(self) -> Throws:
        return Throws()

    def update(self, memory: Throws, market: Market) -> Throws:
        memory.count += 1
        memory.last = self._throw(f"{market.symbol} {market.price:f} {memory.count}")
        if memory.last % 1000 < self.broken:
            raise ValueError(f"throw {memory.count} fell off the table")
        memory.signal = self._cannot_be_read(memory) or ACTIONS[memory.last % len(ACTIONS)] is not None
        return memory

    def signals(self, memory: Throws, view: View) -> Sequence[Signal]:
        if self._cannot_be_read(memory):
            raise ArithmeticError(f"throw {memory.count} cannot be read at {view.at_ns}")
        action = ACTIONS[memory.last % len(ACTIONS)]
        return () if action is None else (Signal(action, ONE, f"throw {memory.count}"),)

    def _cannot_be_read(self, memory: Throws) -> bool:
        return memory.last // 1000 % 1000 < self.broken

    def _throw(self, text: str) -> int:
        return int.from_bytes(sha256(f"{self.seed} {text}".encode()).digest()[:6], "big")


DICE = "dice"
STRATEGIES[DICE] = Dice
