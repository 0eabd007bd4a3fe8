"""Rules of the bot as given / when / then: given these facts, when this is observed, then these decisions.

    given(*running(puppet(buy=100))).when(quote(100)).then(like(SignalGenerated, action="buy"), like(OrderRequested))

A scene is driven by observations only, through the same turns as the bot, so no test can begin in a state that the
bot could not be in. Numbers may be written as text or whole numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from perptape.core.decide import take_turn
from perptape.core.durations import SECOND_NS
from perptape.core.events import Decision, Observation, TimerFired
from perptape.core.evolve import evolve
from perptape.core.money import arithmetic
from perptape.core.opening import open_snapshot, snapshot_bytes
from perptape.core.order import Order
from perptape.core.state import State
from perptape.core.waiting import next_timer
from tests.core.builders import BTC, NOW_NS, Number, number
from tests.core.facts import accepted, filled

VERSIONS_MAX = 1000
"""No scene is that long."""


class Like(NamedTuple):
    """A decision of this type with these fields, whatever the others hold."""

    kind: type[Any]
    fields: dict[str, Any]


def like(kind: type[Any], **fields: Any) -> Like:
    """The pattern of a decision; a text or whole number stands for the decimal where the field holds one."""
    return Like(kind, fields)


def _shown(decision: Any, pattern: Like | type[Any] | None) -> tuple[str, dict[str, Any]]:
    names = pattern.fields if isinstance(pattern, Like) and isinstance(decision, pattern.kind) else {}
    return type(decision).__name__, {name: getattr(decision, name) for name in names}


def _wanted(pattern: Like | type[Any], decision: Any) -> tuple[str, dict[str, Any]]:
    if not isinstance(pattern, Like):
        return pattern.__name__, {}
    fields = pattern.fields
    if isinstance(decision, pattern.kind):
        fields = {
            name: number(value) if isinstance(getattr(decision, name), Decimal) and value is not None else value
            for name, value in fields.items()
        }
    return pattern.kind.__name__, fields


def matches(decision: Any, pattern: Like | type[Any]) -> bool:
    """Whether a decision is as the pattern says."""
    return _shown(decision, pattern) == _wanted(pattern, decision)


@dataclass(slots=True)
class Scene:
    """A bot that is told one thing after the other."""

    state: State = field(default_factory=State)
    at_ns: int = NOW_NS
    decisions: Sequence[Decision] = ()
    """Those of the last turn."""
    tape: list[tuple[Any, int]] = field(default_factory=list)
    """Every event so far with its time."""

    def when(self, observation: Observation, after_s: Number = 0) -> "Scene":
        """One turn, so many seconds after the last one."""
        self.at_ns += int(number(after_s) * SECOND_NS)
        with arithmetic():
            self.decisions = list(take_turn(self.state, observation, self.at_ns))
        self.tape += [(event, self.at_ns) for event in (observation, *self.decisions)]
        return self

    def then(self, *patterns: Like | type[Any]) -> "Scene":
        """Exactly these decisions came of the last turn, in this order."""
        pairs = [*zip(self.decisions, patterns, strict=False)]
        shown = [_shown(decision, pattern) for decision, pattern in pairs]
        shown += [_shown(decision, None) for decision in self.decisions[len(pairs) :]]
        wanted = [_wanted(pattern, decision) for decision, pattern in pairs]
        wanted += [_wanted(pattern, None) for pattern in patterns[len(pairs) :]]
        assert shown == wanted, (shown, wanted)
        return self

    def then_also(self, *patterns: Like | type[Any]) -> "Scene":
        """Each of these is among the decisions of the last turn."""
        for pattern in patterns:
            assert any(matches(decision, pattern) for decision in self.decisions), (pattern, self.decisions)
        return self

    def then_never(self, *patterns: Like | type[Any]) -> "Scene":
        """None of these is among the decisions of the last turn."""
        for pattern in patterns:
            assert not any(matches(decision, pattern) for decision in self.decisions), (pattern, self.decisions)
        return self

    def wait(self) -> "Scene":
        """Let time pass until the first timer fires."""
        due_ns, timer_id = next_timer(self.state)
        self.at_ns = max(self.at_ns, due_ns)
        return self.when(TimerFired(timer_id=timer_id))

    def wait_for(self, timer_id: str) -> "Scene":
        """Let time pass until this timer fires; those before it fire too."""
        while next_timer(self.state)[1] != timer_id:
            assert self.state.version < VERSIONS_MAX, f"{timer_id} is not waited for"
            self.wait()
        return self.wait()

    def accept(self) -> "Scene":
        """The venue takes the newest order."""
        return self.when(accepted(self.order))

    def fill(self, price: Number, size: Number | None = None, fee: Number = 0, **changes: Any) -> "Scene":
        """The newest order fills, wholly unless a size is given; it is accepted first."""
        if self.order.status == "requested":
            self.accept()
        return self.when(filled(self.order, price, size, fee=fee, **changes))

    def restart(self) -> "Scene":
        """The process ends without a word; the next one finds the state in its bytes."""
        self.state = open_snapshot(snapshot_bytes(self.state))
        return self

    @property
    def order(self) -> Order:
        """The newest working order."""
        return next(reversed(self.state.orders.values()))

    @property
    def working(self) -> list[Order]:
        """The working orders, oldest first."""
        return list(self.state.orders.values())

    def position(self, symbol: str = BTC) -> Decimal:
        """Signed contracts held."""
        held = self.state.positions.get(symbol)
        return held.size if held is not None else Decimal(0)

    def refolded(self) -> State:
        """The state that folding the tape alone gives."""
        state = State()
        with arithmetic():
            for version, (event, at_ns) in enumerate(self.tape, 1):
                evolve(state, event, version, at_ns)
        return state


def given(*observations: Observation) -> Scene:
    """A bot that has been told these, one second apart."""
    scene = Scene()
    for observation in observations:
        scene.when(observation, after_s=1)
    return scene
