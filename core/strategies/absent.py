"""A strategy whose code is not loaded, or does not take its recorded parameters.

Reading a tape needs no strategy code: folding leaves the memory of such a strategy as it was recorded. To decide needs
it, so asking for its signals is an error.
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from msgspec import Struct

from perptape.core.errors import StrategyLoadError


class Absent(Struct, frozen=True):
    """Stands for a strategy that cannot run here. `why` is one line for a person."""

    memory_type: ClassVar[Any] = Any
    memory_schema: ClassVar[int] = 0

    why: str

    def initial(self) -> Any:
        """Nothing is known of its memory."""
        return None

    def update(self, memory: Any, market: object) -> Any:
        """The memory as it was."""
        del market
        return memory

    def signals(self, memory: object, view: object) -> Sequence[Any]:
        """Raises StrategyLoadError: nobody can say what the strategy would want."""
        del memory, view
        raise StrategyLoadError(self.why)
