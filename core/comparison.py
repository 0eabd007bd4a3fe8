"""Comparison: what of a decision a replay compares. Codes and numbers are; sentences are not.

A strategy's own words are never compared. A decision of a schema in which reasons were sentences has none of today's
codes, so its reason is left out on both sides; everything else of it is compared.
"""

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from perptape.core.canonical import canonical_json
from perptape.core.events import (
    AlertRaised,
    CancelRequested,
    CommandRefused,
    Decision,
    DriftDetected,
    GuardCleared,
    GuardTripped,
    ModeChanged,
    OrderAbandoned,
    OrderBlocked,
    OrderResubmitted,
    ReconciliationRequested,
    SignalGenerated,
    SignalsAggregated,
    TimerSet,
)
from perptape.core.events.reason import Reason

_NO_REASON = Reason("recorded")
_SENTENCES_UNTIL = 1
"""The last schema of these decisions in which their reasons were sentences."""
_REASONS: Mapping[type[Decision], Mapping[str, Any]] = {
    OrderResubmitted: {"reason": _NO_REASON},
    OrderAbandoned: {"reason": _NO_REASON},
    OrderBlocked: {"reason": _NO_REASON},
    CancelRequested: {"reason": _NO_REASON},
    TimerSet: {"reason": _NO_REASON},
    GuardTripped: {"reason": _NO_REASON},
    GuardCleared: {"reason": _NO_REASON},
    ModeChanged: {"reason": _NO_REASON},
    CommandRefused: {"why": _NO_REASON},
    ReconciliationRequested: {"reason": _NO_REASON},
    DriftDetected: {"evidence": _NO_REASON},
    AlertRaised: {"topic": "recorded", "subject": "", "halt_id": 0, "reason": _NO_REASON},
}


def comparable(decision: Any, schema: int) -> Any:
    """The decision as it is compared with one that was recorded in this schema."""
    kind = type(decision)
    if kind is SignalGenerated:
        return replace(decision, reason="")
    if schema > _SENTENCES_UNTIL:
        return decision
    if kind is SignalsAggregated:
        return replace(decision, losers=tuple(replace(loser, why=_NO_REASON) for loser in decision.losers))
    blank = _REASONS.get(kind)
    return decision if blank is None else replace(decision, **blank)


def is_same(recorded: Any, schema: int, replayed: Any) -> bool:
    """Whether today's decision means what was recorded in this schema: each code, number and name, digit by digit."""
    if type(recorded) is not type(replayed):
        return False
    return canonical_json(comparable(recorded, schema)) == canonical_json(comparable(replayed, schema))
