"""A strategy that does what the price tells it, so that a test can pull its strings."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar

from msgspec import Struct

from perptape.core.events import Action
from perptape.core.market import Market
from perptape.core.money import ONE
from perptape.core.settings import StrategySettings
from perptape.core.strategies import STRATEGIES, Signal, View


class Strings(Struct):
    """What the puppet remembers: how often it was shown the market, and the last price."""

    updates: int = 0
    price: Decimal = Decimal(0)


class Puppet(Struct, frozen=True):
    """Signals at exact prices, raises at exact prices; a price of 0 never comes."""

    memory_type: ClassVar[Any] = Strings
    memory_schema: ClassVar[int] = 1

    buy: Decimal = Decimal(0)
    sell: Decimal = Decimal(0)
    close: Decimal = Decimal(0)
    choke: Decimal = Decimal(0)
    """`update` raises at this price."""
    stumble: Decimal = Decimal(0)
    """`signals` raises at this price."""
    babble: Decimal = Decimal(0)
    """`signals` says what is no signal at this price."""
    leak: Decimal = Decimal(0)
    """`signals` changes the memory at this price, which it must not."""
    confidence: Decimal = ONE

    def initial(self) -> Strings:
        return Strings()

    def update(self, memory: Strings, market: Market) -> Strings:
        memory.updates += 1
        if market.price == self.choke:
            raise ValueError(f"choked on {market.price}")
        return Strings(memory.updates, market.price)

    def signals(self, memory: Strings, view: View) -> Sequence[Signal]:
        if memory.price == self.leak:
            memory.updates += 1_000
        if memory.price == self.stumble:
            raise ArithmeticError(f"stumbled over {memory.price} with {view.position.size}")
        if memory.price == self.babble:
            return (Signal("buy", Decimal(2), "babbling"),)
        actions: dict[Decimal, Action] = {self.buy: "buy", self.sell: "sell", self.close: "close"}
        action = actions.get(memory.price)
        return () if action is None else (Signal(action, self.confidence, f"the price is {memory.price}"),)


STRATEGIES["puppet"] = Puppet


def puppet(name: str = "puppet", *, trigger: Any = "quote", **strings: Any) -> StrategySettings:
    """Settings of a puppet: its strings by name as text, and the settings of any strategy."""
    own = {key: str(strings.pop(key)) for key in list(strings) if key in Puppet.__struct_fields__}
    for key in ("capital_share", "weight", "trailing_stop"):
        if strings.get(key) is not None:
            strings[key] = Decimal(str(strings[key]))
    return StrategySettings(name=name, kind="puppet", trigger=trigger, parameters=dict(own), **strings)
