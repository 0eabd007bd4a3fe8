"""The small scenario that these tests vary, and a strategy that cannot be replayed."""

from typing import Any

from msgspec.structs import replace

from perptape.replays.scenarios import BTC, Scenario, canary, funded, market, prices, scripted

FLAT = market(prices(BTC, {0: 50_000, 120: 50_000}))

SMALL = Scenario(
    id="U01",
    name="small",
    section="own",
    story="BTC stands still → 500 USD of it are bought",
    trading=canary(scripted("puppet", f"{BTC} 10 buy")),
    exchange=funded(),
    market=FLAT,
    verifies=(),
)
"""BTC stands at 50,000 for two minutes, and is bought at 10 s."""


def small(**changes: Any) -> Scenario:
    """The small scenario with other fields."""
    return replace(SMALL, **changes)


FICKLE = """
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar
from msgspec import Struct
from perptape.core.strategies.base import Signal

calls = count()

class Memory(Struct):
    seen: int = 0

class Fickle(Struct, frozen=True):
    memory_type: ClassVar[Any] = Memory
    memory_schema: ClassVar[int] = 1
    def initial(self): return Memory()
    def update(self, memory, market): return memory
    def signals(self, memory, view):
        return (Signal("buy", Decimal(next(calls) % 10) / 10, "as it comes"),)
"""
"""A strategy that keeps something beside its memory, so that it says something else when it is asked again."""
