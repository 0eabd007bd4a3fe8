"""Timer ids: the kind of a timer, and the symbol, channel or client order id that it is about."""

from typing import Literal, NamedTuple, get_args

TimerKind = Literal["cycle", "stale", "reconcile", "calm", "errors", "reconnect", "retry", "lookup", "cancel"]
KINDS: frozenset[str] = frozenset(get_args(TimerKind))


class Timer(NamedTuple):
    """What a timer id says."""

    kind: TimerKind
    key: str
    """Symbol, channel or client order id; empty for a timer of the whole bot."""


def timer_id(kind: TimerKind, key: str = "") -> str:
    """The id under which the timer is on the tape and in the state: `kind`, or `kind:key`."""
    return f"{kind}:{key}" if key else kind


def parse_timer(text: str) -> Timer | None:
    """The timer of this id; None when it is no id that this release makes."""
    kind, _, key = text.partition(":")
    return Timer(kind, key) if kind in KINDS else None  # type: ignore[arg-type]


CYCLE = timer_id("cycle")
RECONCILE = timer_id("reconcile")
ERRORS = timer_id("errors")
