"""A strategy that says what it is told to, when it is told to: for scenarios, tests and rehearsals."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, ClassVar

from msgspec import Struct

from perptape.core.durations import SECOND_NS
from perptape.core.events.decisions import Action
from perptape.core.market import Market
from perptape.core.money import ONE, ZERO
from perptape.core.strategies.base import Signal, View

_ACTIONS: dict[str, Action | None] = {"buy": "buy", "sell": "sell", "close": "close", "raise": None}


class PlanLine(Struct, frozen=True):
    """One line of a plan: what is said in a symbol, from when to when, and how surely."""

    symbol: str
    action: Action | None
    """None raises, as a faulty strategy would."""
    from_ns: int
    until_ns: int
    """The line is said at every trigger before this time; at the first trigger only when it is `from_ns`."""
    confidence: Decimal


class ScriptMemory(Struct, gc=False, forbid_unknown_fields=True):
    """How far the plan has been said."""

    heard_at_ns: int = 0
    """Time of the last price at this trigger."""
    before_ns: int = 0
    """The same at the trigger before: what was due until then has been said."""


class Scripted(Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """Says the lines of `plan` in their symbols, `start_ns` being zero on its clock.

    A plan is lines divided by `;`, each `SYMBOL SECONDS ACTION [CONFIDENCE]`: `BTC-PERP 60 buy; BTC-PERP 120 close`.
    The action is buy, sell, close, or raise (fail, as a faulty strategy would). Such a line is said once, at the first
    trigger at or after its time. `BTC-PERP 60..90 buy 0.8` is said at every trigger from 60 s until before 90 s.
    """

    memory_type: ClassVar[Any] = ScriptMemory
    memory_schema: ClassVar[int] = 1

    plan: str = ""
    start_ns: int = 0

    def __post_init__(self) -> None:
        """Refuse a plan that cannot be read."""
        _lines(self.plan, self.start_ns)

    def initial(self) -> ScriptMemory:
        """Nothing has been said."""
        return ScriptMemory()

    def update(self, memory: ScriptMemory, market: Market) -> ScriptMemory:
        """Another trigger has come."""
        memory.before_ns = memory.heard_at_ns
        memory.heard_at_ns = market.heard_at_ns
        return memory

    def signals(self, memory: ScriptMemory, view: View) -> Sequence[Signal]:
        """The lines that are due; raises RuntimeError for a line that says so."""
        said = []
        for line in _lines(self.plan, self.start_ns):
            if line.symbol != view.market.symbol or not _is_due(line, memory):
                continue
            if line.action is None:
                raise RuntimeError("the plan says to fail here")
            said.append(Signal(line.action, line.confidence, f"the plan says {line.action}"))
        return said


def _is_due(line: PlanLine, memory: ScriptMemory) -> bool:
    if line.until_ns > line.from_ns:
        return line.from_ns <= memory.heard_at_ns < line.until_ns
    return memory.before_ns < line.from_ns <= memory.heard_at_ns


@cache
def _lines(plan: str, start_ns: int) -> tuple[PlanLine, ...]:
    return tuple(_line(text.split(), start_ns) for text in plan.split(";") if text.strip())


def _line(words: list[str], start_ns: int) -> PlanLine:
    shown = " ".join(words)
    if len(words) not in (3, 4) or words[2] not in _ACTIONS:
        raise ValueError(f"{shown!r} is not a line of a plan: write SYMBOL SECONDS buy|sell|close|raise [CONFIDENCE]")
    symbol, times, action = words[:3]
    first, span, last = times.partition("..")
    from_ns = _time_ns(first, shown, start_ns)
    until_ns = _time_ns(last, shown, start_ns) if span else from_ns
    if until_ns < from_ns:
        raise ValueError(f"{shown!r} ends before it begins")
    confidence = _number(words[3], shown) if len(words) > 3 else ONE
    if not ZERO <= confidence <= ONE:
        raise ValueError(f"{shown!r}: a confidence must be between 0 and 1")
    return PlanLine(symbol, _ACTIONS[action], from_ns, until_ns, confidence)


def _time_ns(text: str, shown: str, start_ns: int) -> int:
    return start_ns + int(_number(text, shown) * SECOND_NS)


def _number(text: str, shown: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"{shown!r}: {text!r} is not a number") from None
    if not number.is_finite() or number < 0:
        raise ValueError(f"{shown!r}: {text!r} is not a number of at least 0")
    return number
