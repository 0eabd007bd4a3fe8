"""RSI mean reversion: trade against a move that has gone too far, and leave when it has come back to the middle."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Literal

from msgspec import Struct

from perptape.core.market import Market
from perptape.core.money import HALF, ONE, ZERO, plain, trimmed
from perptape.core.strategies.base import Signal, View

Zone = Literal["", "oversold", "middle", "overbought"]

_HUNDRED = Decimal(100)
_AVERAGE_STEP = Decimal("1E-12")
_INDEX_STEP = Decimal("0.01")
_CONFIDENCE_STEP = Decimal("0.0001")


class RsiMemory(Struct, gc=False, forbid_unknown_fields=True):
    """Wilder's two averages and where the index stands."""

    last: Decimal | None = None
    """The previous price."""
    changes: int = 0
    """Changes seen, counted up to `period`."""
    gain: Decimal = ZERO
    """Average rise per update; the sum of rises while warming up. Quote currency."""
    loss: Decimal = ZERO
    """Average fall per update, positive; the sum of falls while warming up."""
    zone: Zone = ""
    half: Literal["", "lower", "upper"] = ""
    """On which side of the exit level the index was last; exactly on it changes nothing."""
    entered: Literal["", "oversold", "overbought"] = ""
    """The zone that this update entered."""
    crossed: Literal["", "up", "down"] = ""
    """How this update crossed the exit level."""

    @property
    def signal(self) -> str:
        """What there may be a signal for; empty after most updates."""
        return self.entered or self.crossed


class RsiReversion(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Buy when the relative strength index falls below `oversold`, sell when it rises above `overbought`.

    Each once per entry into the zone. A long is closed when the index rises through `exit_level`, a short when it falls
    through it. The index is J. Welles Wilder's, with his smoothing: New Concepts in Technical Trading Systems (1978).
    The zone of the first index after warm-up is a place and no entry: it gives no signal.
    """

    memory_type: ClassVar[Any] = RsiMemory
    memory_schema: ClassVar[int] = 1
    silent_without_signal: ClassVar[bool] = True

    period: int = 14
    oversold: Decimal = Decimal(30)
    overbought: Decimal = Decimal(70)
    exit_level: Decimal = Decimal(50)

    def __post_init__(self) -> None:
        """Refuse a period without smoothing and levels out of order."""
        if self.period < 2:
            raise ValueError(f"period must be at least 2 updates, but is {self.period}")
        levels = (self.oversold, self.exit_level, self.overbought)
        finite = all(level.is_finite() for level in levels)
        if not finite or not 0 < self.oversold < self.exit_level < self.overbought < _HUNDRED:
            raise ValueError(
                "levels must be in the order 0 < oversold < exit_level < overbought < 100, but they are "
                + ", ".join(str(level) for level in levels)
            )

    def initial(self) -> RsiMemory:
        """No price yet."""
        return RsiMemory()

    def update(self, memory: RsiMemory, market: Market) -> RsiMemory:
        """Take in the change of the market's price since the last update."""
        memory.entered = ""
        memory.crossed = ""
        price = market.price
        if not price:
            return memory
        last = memory.last
        memory.last = price
        if last is None:
            return memory
        change = price - last
        gain, loss = (change, ZERO) if change > 0 else (ZERO, -change if change else ZERO)
        if memory.changes == self.period:
            memory.gain = _average(memory.gain, gain, self.period)
            memory.loss = _average(memory.loss, loss, self.period)
        else:
            memory.changes += 1
            memory.gain += gain
            memory.loss += loss
            if memory.changes < self.period:
                return memory
            memory.gain = (memory.gain / self.period).quantize(_AVERAGE_STEP)
            memory.loss = (memory.loss / self.period).quantize(_AVERAGE_STEP)
        self._place(memory, relative_strength_index(memory.gain, memory.loss))
        return memory

    def signals(self, memory: RsiMemory, view: View) -> Sequence[Signal]:
        """An entry on entering a zone, a close on crossing the exit level with a position that waited for it.

        Confidence of an entry is a half at the edge of its zone and rises to 1 at an index of 0 or 100.
        """
        if not memory.signal:
            return ()
        index = relative_strength_index(memory.gain, memory.loss)
        shown = plain(trimmed(index.quantize(_INDEX_STEP)))
        if memory.entered == "oversold":
            depth = (self.oversold - index) / self.oversold
            return (Signal("buy", _confidence(depth), f"RSI {shown} fell below {self.oversold}"),)
        if memory.entered == "overbought":
            depth = (index - self.overbought) / (_HUNDRED - self.overbought)
            return (Signal("sell", _confidence(depth), f"RSI {shown} rose above {self.overbought}"),)
        size = view.position.size
        if memory.crossed == "up" and size > 0:
            return (Signal("close", ONE, f"RSI {shown} rose through {self.exit_level}: the long has reverted"),)
        if memory.crossed == "down" and size < 0:
            return (Signal("close", ONE, f"RSI {shown} fell through {self.exit_level}: the short has reverted"),)
        return ()

    def _place(self, memory: RsiMemory, index: Decimal) -> None:
        """Note the zone and half the index is in, and what of them is new."""
        zone: Zone = "oversold" if index < self.oversold else "overbought" if index > self.overbought else "middle"
        if zone != memory.zone:
            if memory.zone and zone != "middle":
                memory.entered = zone
            memory.zone = zone
        if index == self.exit_level:
            return
        half: Literal["lower", "upper"] = "upper" if index > self.exit_level else "lower"
        if half != memory.half:
            if memory.half:
                memory.crossed = "up" if half == "upper" else "down"
            memory.half = half


def relative_strength_index(gain: Decimal, loss: Decimal) -> Decimal:
    """100 - 100 / (1 + gain / loss), written without the division by a loss of 0; 50 for a price that never moved."""
    moved = gain + loss
    return _HUNDRED * gain / moved if moved else _HUNDRED * HALF


def _average(average: Decimal, value: Decimal, period: int) -> Decimal:
    """Wilder's smoothing, (average * (period - 1) + value) / period, to 1e-12 so that digits do not pile up."""
    return ((average * (period - 1) + value) / period).quantize(_AVERAGE_STEP)


def _confidence(depth: Decimal) -> Decimal:
    return trimmed((HALF + HALF * depth).quantize(_CONFIDENCE_STEP))
