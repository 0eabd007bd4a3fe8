"""A seeded random walk of one price in integers, the same on every platform.

A normal deviate is the sum of twelve uniforms less six: its variance is 1 and it reaches ±6 (the central limit
theorem). No logarithm, exponential or float sum takes part, whose last bits differ between C libraries and Python
versions.
"""

from decimal import Context, Decimal
from math import isqrt
from random import Random
from struct import Struct

from perptape.core.durations import HOUR_NS
from perptape.core.edge.market.conditions import Conditions

UNIT = 10**12
"""Prices are held as whole multiples of 1e-12 of the quote currency."""

_SCALE = 10**12
_TWELVE = Struct("<12H")
_TWELVE_MEAN = 12 * 65_535 // 2
_DEVIATION = 65_536
"""Standard deviation of the sum of twelve uniform 16-bit integers: sqrt(12 * (65536^2 - 1) / 12), nearly."""
_REACH = 4
_EXACT = Context(prec=60)
_UNIFORM = 1 << 32


def normal_deviate(random: Random) -> int:
    """A standard normal deviate times 65536."""
    total: int = sum(_TWELVE.unpack(random.getrandbits(192).to_bytes(24, "little")))
    return total - _TWELVE_MEAN


class RandomWalk:
    """The price of one symbol, step by step; `units` is where it is now, in `UNIT`s.

    It stays within a quarter and four times of where it began: a move that would leave that band is turned around, so
    that a long walk cannot end at nothing.
    """

    def __init__(self, start: Decimal, base: str, conditions: Conditions, step_ns: int, random: Random) -> None:
        """`base` is the coin, for which `conditions` may name a largest step."""
        self.units = int(_EXACT.multiply(start, Decimal(UNIT)))
        self._least, self._most = self.units // _REACH, self.units * _REACH
        self._random = random
        bound = conditions.max_step.get(base)
        self._bound = None if bound is None else int(_EXACT.multiply(bound, Decimal(_SCALE)))
        variance_per_hour = int(_EXACT.multiply(conditions.volatility, Decimal(_SCALE))) ** 2
        self._deviation = isqrt(variance_per_hour * step_ns // HOUR_NS)

    def step(self) -> int:
        """Move once; the new price in `UNIT`s."""
        if self._bound is None:
            move = self.units * self._deviation * normal_deviate(self._random) // (_DEVIATION * _SCALE)
        else:
            # Uniform between minus and plus the bound.
            aim = 2 * self._random.getrandbits(32) - _UNIFORM
            move = self.units * self._bound * aim // (_UNIFORM * _SCALE)
        moved = self.units + move
        self.units = moved if self._least <= moved <= self._most else self.units - move
        return self.units
