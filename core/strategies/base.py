"""What a strategy is: plain parameters with two pure functions over plain memory.

A strategy is a frozen data type (a `msgspec.Struct` or a frozen dataclass) whose fields are its parameters, so that it
is part of the state like everything else. `update` runs while events are folded and returns the next memory; it may
change the memory it was given and return it. `signals` runs while deciding and changes nothing. Both see one symbol,
are called on the configured trigger only, and must depend on nothing but their arguments.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Protocol

from msgspec import Struct

from perptape.core.events.decisions import Action
from perptape.core.market import Market
from perptape.core.position import Position


class Signal(Struct, frozen=True, gc=False):
    """What a strategy wants in a symbol: to be long, short or flat. Confidence between 0 and 1."""

    action: Action
    confidence: Decimal
    reason: str


class View(Struct, gc=False):
    """What `signals` may look at: the symbol's market and the strategy's own position in it."""

    market: Market
    position: Position
    at_ns: int
    refusal: str = ""
    """What the venue last refused an order of the strategy in this symbol with; empty once one has filled."""


class Strategy(Protocol):
    """The three functions. A user's own class needs just these and two class attributes.

    A class may add a third, `silent_without_signal: ClassVar[bool] = True`: the memory has an attribute or property
    `signal`, and while that is empty `signals` has nothing to say and is not called. Most prices then cost less.
    """

    memory_type: ClassVar[Any]
    """Type of the memory: a msgspec.Struct, dataclass, dict or list of plain data."""
    memory_schema: ClassVar[int]
    """Raised when the memory's meaning changes; memory of another schema is not carried over."""

    def initial(self) -> Any:
        """Memory before the first trigger."""
        ...

    def update(self, memory: Any, market: Market) -> Any:
        """The next memory, now that `market` is as it is."""
        ...

    def signals(self, memory: Any, view: View) -> Sequence[Signal]:
        """What the strategy wants now; usually nothing."""
        ...
