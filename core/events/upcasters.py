"""What became of events of earlier schemas, as functions on the JSON objects that were recorded.

When a released event type changes (a field is added, removed, renamed, or means something else), its type gets one
more function here, from the object as it was to the object as it is now, and all its earlier ones stay. Each is pure;
it sees decimals as the strings they were written as, and gives every field of the next schema its value. A function is
never changed once it was released: recordings are compared with what comes out of it.
"""

from collections.abc import Callable, Mapping
from typing import Any


def _memories_beside_the_state(opening: dict[str, Any]) -> dict[str, Any]:
    """Memories leave the sleeves, with what follows from the settings (OpeningState, schema 1 to 2)."""
    state, memories = opening["state"], []
    for symbol, market in state["markets"].items():
        for sleeve in market["sleeves"]:
            for name in ("logic", "trigger", "silent_without_signal"):
                sleeve.pop(name, None)
            memories.append(
                {
                    "symbol": symbol,
                    "strategy": sleeve["strategy"],
                    "memory_schema": sleeve.pop("memory_schema"),
                    "data": sleeve.pop("memory"),
                }
            )
    return {"state": state, "memories": memories}


UPCASTERS: Mapping[str, tuple[Callable[[dict[str, Any]], dict[str, Any]], ...]] = {
    "OpeningState": (_memories_beside_the_state,),
}
"""By event type: the function from schema 1 to 2, from 2 to 3, and so on."""
