"""What became of events of earlier schemas, as functions on the JSON objects that were recorded.

When a released event type changes (a field is added, removed, renamed, or means something else), its type gets one
more function here, from the object as it was to the object as it is now, and all its earlier ones stay. Each is pure;
it sees decimals as the strings they were written as, and gives every field of the next schema its value. A function is
never changed once it was released: recordings are compared with what comes out of it.
"""

from collections.abc import Callable, Mapping
from typing import Any

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]


def _sentence(text: str, **names: str) -> dict[str, Any]:
    """A sentence of the time before reasons had codes, as a reason."""
    reason: dict[str, Any] = {"code": "recorded"}
    if names:
        reason["names"] = names
    if text:
        reason["text"] = text
    return reason


def _reason_in(field: str) -> Upcaster:
    def upcast(data: dict[str, Any]) -> dict[str, Any]:
        return {**data, field: _sentence(data[field])}

    return upcast


def _aggregated(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "losers": [{**loser, "why": _sentence(loser["why"])} for loser in data["losers"]]}


def _alert(data: dict[str, Any]) -> dict[str, Any]:
    return {
        "alert_id": data["alert_id"],
        "severity": data["severity"],
        "topic": "recorded",
        "subject": "",
        "halt_id": 0,
        "reason": _sentence(data["message"], title=data["title"]),
    }


def _opening(data: dict[str, Any]) -> dict[str, Any]:
    """Reasons get codes: of halts, restrictions, trips, orders, and alerts under way. Memories leave the sleeves."""
    state = {_RENAMED.get(name, name): part for name, part in data["state"].items()}
    for part in ("halts", "tripped"):
        state[part] = {key: {**kept, "reason": _sentence(kept["reason"])} for key, kept in state[part].items()}
    state["restricted"] = {cause: _sentence(text) for cause, text in state["restricted"].items()}
    for part in ("orders", "closed_orders"):
        state[part] = {
            key: {**order, "note": _sentence(order["note"]) if order["note"] else None}
            for key, order in state[part].items()
        }
    state["alerts"] = {key: _alert(alert) for key, alert in state["alerts"].items()}
    return {"state": state, "memories": _taken_out(state["markets"])}


def _taken_out(markets: dict[str, Any]) -> list[dict[str, Any]]:
    """The strategies' memories; what follows from the settings leaves the sleeves too."""
    memories = []
    for symbol, market in markets.items():
        for sleeve in market["sleeves"]:
            for name in ("logic", "trigger", "silent_without_signal"):
                sleeve.pop(name, None)
            schema, data = sleeve.pop("memory_schema"), sleeve.pop("memory")
            memories.append({"symbol": symbol, "strategy": sleeve["strategy"], "memory_schema": schema, "data": data})
    return memories


_RENAMED = {"misread": "unreadable_replies"}
"""Parts of the state that had another name."""
_REASON = (_reason_in("reason"),)

UPCASTERS: Mapping[str, tuple[Upcaster, ...]] = {
    "SignalsAggregated": (_aggregated,),
    "OrderResubmitted": _REASON,
    "OrderAbandoned": _REASON,
    "OrderBlocked": _REASON,
    "CancelRequested": _REASON,
    "TimerSet": _REASON,
    "GuardTripped": _REASON,
    "GuardCleared": _REASON,
    "ModeChanged": _REASON,
    "CommandRefused": (_reason_in("why"),),
    "ReconciliationRequested": _REASON,
    "DriftDetected": (_reason_in("evidence"),),
    "AlertRaised": (_alert,),
    "OpeningState": (_opening,),
}
"""By event type: the function from schema 1 to 2, from 2 to 3, and so on."""
