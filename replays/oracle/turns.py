"""Turns: what the bot observed, what it answered, and how the books stood before and after."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from perptape.core.access import CREDENTIALS, READ_ONLY_KEY
from perptape.core.events import (
    CallThrottled,
    CancelAccepted,
    CancelOutcomeUnknown,
    CancelRejected,
    CancelRequested,
    ConnectionLost,
    OrderLookedUp,
    OrderLookupFailed,
    OrderLookupRequested,
    ReplyNotUnderstood,
    SessionStarted,
    TimerSet,
)
from perptape.core.money import arithmetic
from perptape.replays.evidence.expectation import Expectation, UnmetError
from perptape.replays.evidence.run import Run
from perptape.replays.evidence.tape_event import TapeEvent
from perptape.replays.oracle.books import Books


@dataclass
class Turn:
    """One turn of a tape."""

    observed: TapeEvent
    """The observation with its place on the tape."""
    answers: list[TapeEvent]
    """What it decided."""
    before: "Standing"
    books: Books
    """As they are after the turn."""
    asked: set[str]
    """Client order ids of lookups and `cancel ID` of cancels that wait for an answer."""

    @property
    def event(self) -> Any:
        """The observation."""
        return self.observed.event

    def decided(self, kind: type[Any], **fields: Any) -> list[Any]:
        """The decisions of a type with these field values."""
        return [
            answer.event
            for answer in self.answers
            if type(answer.event) is kind
            and all(getattr(answer.event, name) == value for name, value in fields.items())
        ]


@dataclass(frozen=True)
class Standing:
    """What a turn began with."""

    mode: str
    tripped: dict[str, tuple[Any, ...]]
    alerts: int
    asked: int
    last_halt: int
    known: bool
    unreadable_replies: int
    lost: frozenset[str]
    restricted: frozenset[str]
    pending: str
    timers: frozenset[str]


def standing(books: Books) -> Standing:
    """How the books stand."""
    kept = books.conditions
    return Standing(
        mode=kept.mode,
        tripped=dict(kept.tripped),
        alerts=len(kept.alerted),
        asked=kept.asked,
        last_halt=kept.last_halt,
        known=books.money.known,
        unreadable_replies=kept.unreadable_replies,
        lost=frozenset(kept.lost),
        restricted=frozenset(kept.restricted),
        pending=kept.pending,
        timers=frozenset(books.timers.due),
    )


def turns(run: Run) -> Iterator[Turn]:
    """Every turn of the run; the books of one are those of the next."""
    books = Books()
    asked: set[str] = set()
    events = run.events
    index = 0
    while index < len(events):
        before, opened = standing(books), events[index]
        books.see(opened)
        _answered(asked, opened.event)
        index += 1
        answers = []
        while index < len(events) and events[index].cause is not None:
            books.see(events[index])
            _ask(asked, events[index].event)
            answers.append(events[index])
            index += 1
        yield Turn(opened, answers, before, books, asked)


def _ask(asked: set[str], event: Any) -> None:
    if isinstance(event, OrderLookupRequested):
        asked.add(event.client_order_id)
    elif isinstance(event, CancelRequested):
        asked.add(f"cancel {event.client_order_id}")


def _answered(asked: set[str], event: Any) -> None:
    match event:
        case SessionStarted():
            asked.clear()
        case OrderLookedUp() | OrderLookupFailed():
            asked.discard(event.client_order_id)
        case CancelRejected() | CancelOutcomeUnknown():
            asked.discard(f"cancel {event.client_order_id}")
        case CallThrottled() | ReplyNotUnderstood():
            asked.discard(event.key if event.call == "look_up" else f"{event.call} {event.key}")
        case CancelAccepted() | _:
            pass


def each_turn(phrase: str, name: str, wrong: Callable[[Turn], Iterator[str]]) -> Expectation:
    """The expectation that nothing is wrong with any turn."""
    return Expectation(phrase, name, lambda run: hold_each(run, wrong))


def hold_each(run: Run, wrong: Callable[[Turn], Iterator[str]]) -> None:
    """Raise UnmetError at the first turn with which something is wrong."""
    with arithmetic():
        for turn in turns(run):
            for what in wrong(turn):
                line = turn.observed
                where = f"{type(line.event).__name__}, version {line.version} at {run.second(line.at_ns):f} s"
                raise UnmetError(f"{what}; {where}")


def may_write(turn: Turn) -> bool:
    """Whether the key may change anything at the venue."""
    return not turn.books.conditions.tripped.keys() & {CREDENTIALS, READ_ONLY_KEY}


def locked_out(turn: Turn) -> bool:
    """Whether the venue refuses the key."""
    return CREDENTIALS in turn.books.conditions.tripped


def is_news(turn: Turn, event: ConnectionLost) -> bool:
    """Whether a channel is lost, and not only another attempt to connect it."""
    return bool(turn.decided(TimerSet)) and not turn.books.conditions.outages[event.channel][1]
