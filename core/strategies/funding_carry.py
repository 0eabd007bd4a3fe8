"""Funding carry: hold the side that is paid. A positive funding rate is paid by longs to shorts."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Literal

from msgspec import Struct

from perptape.core.market import Market
from perptape.core.money import ONE, ZERO, plain, trimmed
from perptape.core.strategies.base import Signal, View

Stance = Literal["", "long", "short", "flat"]

_CONFIDENCE_STEP = Decimal("0.0001")


class CarryMemory(Struct, gc=False, forbid_unknown_fields=True):
    """What the last funding rates made the strategy want."""

    wish: Stance = ""
    """Kept while the rate is between the exit and the entry rate; empty before the first rate that says anything."""
    changed: bool = False
    """Whether this update changed the wish."""
    rate: Decimal = ZERO
    """The funding rate at the last update, as a share of notional per interval."""

    @property
    def signal(self) -> bool:
        """Whether there may be one: a wish that is new."""
        return self.changed


class FundingCarry(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Short while shorts are paid `entry_rate` or more, long while longs are, flat once it is no more than `exit_rate`.

    Rates are shares of notional per funding interval, 0.0003 being 3 basis points. Between the two rates the last wish
    stands, so that a rate near the edge does not trade back and forth. A wish is signalled when it changes.
    """

    memory_type: ClassVar[Any] = CarryMemory
    memory_schema: ClassVar[int] = 1
    silent_without_signal: ClassVar[bool] = True

    entry_rate: Decimal = Decimal("0.0003")
    exit_rate: Decimal = Decimal("0.0001")

    def __post_init__(self) -> None:
        """Refuse rates that would enter and leave at once."""
        finite = self.exit_rate.is_finite() and self.entry_rate.is_finite()
        if not finite or not 0 <= self.exit_rate < self.entry_rate:
            raise ValueError(
                f"rates must be in the order 0 <= exit_rate < entry_rate, but exit_rate is {self.exit_rate} "
                f"and entry_rate is {self.entry_rate}"
            )

    def initial(self) -> CarryMemory:
        """No wish yet."""
        return CarryMemory()

    def update(self, memory: CarryMemory, market: Market) -> CarryMemory:
        """Take in the market's funding rate, when there is one."""
        memory.changed = False
        rate = market.funding_rate
        if rate is None:
            return memory
        memory.rate = rate
        wish = memory.wish
        if rate >= self.entry_rate:
            wish = "short"
        elif rate <= -self.entry_rate:
            wish = "long"
        elif abs(rate) <= self.exit_rate:
            wish = "flat"
        if wish != memory.wish:
            memory.wish = wish
            memory.changed = True
        return memory

    def signals(self, memory: CarryMemory, view: View) -> Sequence[Signal]:
        """The new wish, when it is one; to be flat only with a position to close.

        Confidence of an entry is a half at the entry rate and rises to 1 at twice that rate.
        """
        if not memory.signal:
            return ()
        rate = plain(trimmed(memory.rate))
        if memory.wish == "flat":
            if not view.position.size:
                return ()
            reason = f"funding rate {rate} is within the exit rate {plain(self.exit_rate)}"
            return (Signal("close", ONE, reason),)
        confidence = min(ONE, abs(memory.rate) / (2 * self.entry_rate))
        confidence = trimmed(confidence.quantize(_CONFIDENCE_STEP))
        if memory.wish == "short":
            reason = f"funding rate {rate} pays shorts at least the entry rate {plain(self.entry_rate)}"
            return (Signal("sell", confidence, reason),)
        reason = f"funding rate {rate} pays longs at least the entry rate {plain(self.entry_rate)}"
        return (Signal("buy", confidence, reason),)
