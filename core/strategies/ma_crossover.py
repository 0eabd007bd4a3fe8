"""Moving-average crossover: follow the trend once a fast average has crossed a slow one. The baseline strategy."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import gcd
from typing import Any, ClassVar, Literal

from msgspec import Struct

from perptape.core.market import Market
from perptape.core.money import HALF, ONE, ZERO, amount, trimmed
from perptape.core.strategies.base import Signal, View

Trend = Literal["", "long", "short"]

_CONFIDENCE_SLOPE = HALF / Decimal("0.01")
_CONFIDENCE_STEP = Decimal("0.0001")


@dataclass(slots=True)
class CrossoverMemory:
    """The last `slow` prices and where the averages stand."""

    prices: list[Decimal]
    """A ring with the oldest price at `index`; a place that no price has reached yet holds 0."""
    fast_weight: Decimal
    slow_weight: Decimal | None
    """The other window's length, in lowest terms: times these the sums compare as the means do. None is 1."""
    index: int = 0
    fast_sum: Decimal = ZERO
    """Sum of the last `fast` prices. Decimal sums are exact, so that running ones do not drift."""
    slow_sum: Decimal = ZERO
    side: Trend = ""
    """The last confirmed order of the averages: long while the fast one is the higher."""
    pending: Trend = ""
    """The order that waits to be confirmed."""
    streak: int = 0
    """Consecutive updates for which `pending` has held."""
    signal: Literal["", "buy", "sell"] = ""
    """Set by the update that confirms a crossing, cleared by the next one."""


class MaCrossover(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Long when the mean of the last `fast` prices rises above that of the last `slow`, short when it falls below.

    A new order of the averages must hold for `confirm` consecutive updates; equal averages break the row. The first
    order after warm-up is where the market happens to be and no crossing: it gives no signal.
    """

    memory_type: ClassVar[Any] = CrossoverMemory
    memory_schema: ClassVar[int] = 2
    silent_without_signal: ClassVar[bool] = True

    fast: int = 10
    slow: int = 20
    confirm: int = 1

    def __post_init__(self) -> None:
        """Refuse parameters that can never cross."""
        if self.fast < 1 or self.fast >= self.slow:
            raise ValueError(f"fast must be at least 1 and below slow, but fast is {self.fast} and slow is {self.slow}")
        if self.confirm < 1:
            raise ValueError(f"confirm must be at least 1, the crossing update itself, but is {self.confirm}")

    def initial(self) -> CrossoverMemory:
        """No prices yet."""
        common = gcd(self.fast, self.slow)
        slow_weight = None if common == self.fast else Decimal(self.fast // common)
        return CrossoverMemory([ZERO] * self.slow, Decimal(self.slow // common), slow_weight)

    def update(self, memory: CrossoverMemory, market: Market) -> CrossoverMemory:
        """Take in the market's price. The hot path: prices are replaced in place and no window is summed anew."""
        if memory.signal:
            memory.signal = ""
        price = market.price
        if not price:
            return memory
        prices = memory.prices
        index = memory.index
        oldest = prices[index]
        # A negative place counts from the end of the list, which is where the ring continues.
        memory.fast_sum = fast_sum = memory.fast_sum + price - prices[index - self.fast]
        memory.slow_sum = slow_sum = memory.slow_sum + price - oldest
        prices[index] = price
        index += 1
        memory.index = index = index if index < self.slow else 0
        if not oldest and index:
            return memory
        # fast_sum / fast against slow_sum / slow, without the rounding of a division.
        fast_scaled = fast_sum * memory.fast_weight
        slow_weight = memory.slow_weight
        slow_scaled = slow_sum if slow_weight is None else slow_sum * slow_weight
        trend: Trend = "long" if fast_scaled > slow_scaled else "short" if fast_scaled < slow_scaled else ""
        if trend == memory.side or not trend:
            if memory.streak:
                memory.pending = ""
                memory.streak = 0
        else:
            self._confirm(memory, trend)
        return memory

    def signals(self, memory: CrossoverMemory, view: View) -> Sequence[Signal]:  # noqa: ARG002  # the Strategy protocol
        """Buy or sell on the update that confirmed a crossing, else nothing.

        Confidence is a half for averages that just part and rises to 1 when they are 1 % apart.
        """
        if not memory.signal:
            return ()
        fast = memory.fast_sum / self.fast
        slow = memory.slow_sum / self.slow
        confidence = min(ONE, HALF + abs(fast - slow) * _CONFIDENCE_SLOPE / slow)
        crossed, against = ("rose above", ">") if memory.signal == "buy" else ("fell below", "<")
        means = f"{trimmed(amount(fast)):f} {against} {trimmed(amount(slow)):f}"
        reason = f"the mean of {self.fast} prices {crossed} that of {self.slow}: {means}"
        return (Signal(memory.signal, trimmed(confidence.quantize(_CONFIDENCE_STEP)), reason),)

    def _confirm(self, memory: CrossoverMemory, trend: Trend) -> None:
        """Count one update of a new order; when it has held long enough it becomes the side."""
        streak = memory.streak + 1 if memory.pending == trend else 1
        if streak < self.confirm:
            memory.pending = trend
            memory.streak = streak
            return
        if memory.side:
            memory.signal = "buy" if trend == "long" else "sell"
        memory.side = trend
        memory.pending = ""
        memory.streak = 0
