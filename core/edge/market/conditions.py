"""Market conditions for synthetic paths.

`volatility` is the standard deviation of the return over one hour, as a fraction. A step of length s has the standard
deviation volatility * sqrt(s / 1 h): variances of independent returns add up.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from perptape.core.durations import SECOND_NS
from perptape.core.edge.market.errors import ConditionsError

_LARGEST_FRACTION = Decimal("0.5")
_NONE: Mapping[str, Decimal] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Conditions:
    """How a synthetic market behaves. Raises ConditionsError for what no market can be."""

    volatility: Decimal
    """Standard deviation of the return over one hour, a fraction; unused for symbols in `max_step`."""
    spread_bps: Decimal
    """Ask above bid in basis points of the mid price; at least one price step."""
    depth: Decimal
    """Value shown on each side of the book, in quote currency; each book shows between a half and one and a half."""
    step_ns: int = SECOND_NS
    """Time between two points of a symbol, unless the path is given another."""
    max_step: Mapping[str, Decimal] = field(default_factory=lambda: _NONE)
    """Coins whose moves are uniform between minus and plus this fraction a step, in place of the normal ones."""

    def __post_init__(self) -> None:
        for name, value in (("volatility", self.volatility), *(("max_step", step) for step in self.max_step.values())):
            if not (value.is_finite() and 0 <= value <= _LARGEST_FRACTION):
                raise ConditionsError(f"{name} {value} is not a fraction between 0 and {_LARGEST_FRACTION}; lower it")
        if not (self.spread_bps.is_finite() and 0 < self.spread_bps < 10_000):
            raise ConditionsError(f"spread_bps {self.spread_bps} is not between 0 and 10000; choose one that is")
        if not (self.depth.is_finite() and self.depth > 0):
            raise ConditionsError(f"depth {self.depth} is not above zero; give a value in quote currency")
        if self.step_ns < 1:
            raise ConditionsError(f"step_ns {self.step_ns} is not above zero; give nanoseconds")


NORMAL = Conditions(Decimal("0.01"), Decimal(2), Decimal(1_000_000))
VOLATILE = Conditions(Decimal("0.08"), Decimal(20), Decimal(300_000))
ILLIQUID = Conditions(Decimal("0.03"), Decimal(100), Decimal(10_000))
STRESS = Conditions(
    Decimal("0.08"),
    Decimal(50),
    Decimal(100_000),
    max_step=MappingProxyType({"BTC": Decimal("0.05"), "ETH": Decimal("0.08")}),
)

CONDITIONS: Mapping[str, Conditions] = MappingProxyType(
    {"normal": NORMAL, "volatile": VOLATILE, "illiquid": ILLIQUID, "stress": STRESS}
)
"""The named conditions of the scenario catalogue."""
