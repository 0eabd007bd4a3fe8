"""A divergence: where today's code concludes something else than the recording says."""

from typing import Any, Literal

import msgspec
from msgspec import Struct

Reason = Literal["different", "missing", "extra", "damage", "raised"]


class Divergence(Struct, frozen=True):
    """One place. `recorded` and `replayed` are whole events as plain data, None where there is none."""

    version: int
    reason: str
    kind: Reason
    recorded: dict[str, Any] | None
    replayed: dict[str, Any] | None
    fields: tuple[str, ...] = ()
    """Paths of the fields that differ."""


def plain_event(body: bytes) -> dict[str, Any]:
    """An event's line body as plain data."""
    event: dict[str, Any] = msgspec.json.decode(body + b"}")
    return event


def differing_fields(recorded: Any, replayed: Any, path: str = "") -> list[str]:
    """Paths at which two pieces of plain data differ, in the recorded order."""
    if isinstance(recorded, dict) and isinstance(replayed, dict):
        keys = list(dict.fromkeys([*recorded, *replayed]))
        return [
            found
            for key in keys
            for found in differing_fields(recorded.get(key), replayed.get(key), f"{path}.{key}" if path else key)
        ]
    if isinstance(recorded, list) and isinstance(replayed, list) and len(recorded) == len(replayed):
        return [
            found
            for index, (one, other) in enumerate(zip(recorded, replayed, strict=True))
            for found in differing_fields(one, other, f"{path}[{index}]")
        ]
    return [] if recorded == replayed and type(recorded) is type(replayed) else [path]


def difference(
    version: int,
    recorded_body: bytes | None,
    replayed_body: bytes | None,
    compared: tuple[bytes, bytes] | None = None,
) -> Divergence:
    """The divergence between a recorded and a replayed decision, either of which may be absent.

    `compared` are both without what is not compared; by default it is everything.
    """
    recorded = plain_event(recorded_body) if recorded_body is not None else None
    replayed = plain_event(replayed_body) if replayed_body is not None else None
    if recorded is None:
        name = replayed["type"] if replayed else ""
        return Divergence(version, f"{name} is decided now and was not recorded", "extra", None, replayed)
    if replayed is None:
        return Divergence(version, f"{recorded['type']} was recorded and is not decided now", "missing", recorded, None)
    fields = tuple(differing_fields(*(map(plain_event, compared) if compared is not None else (recorded, replayed))))
    if recorded["type"] != replayed["type"]:
        reason = f"{recorded['type']} was recorded, {replayed['type']} is decided now"
    else:
        reason = f"{recorded['type']} differs in {', '.join(fields)}"
    return Divergence(version, reason, "different", recorded, replayed, fields)


def is_decision_line(line: bytes) -> bool:
    """Whether a line holds a decision: its cause is a version."""
    return b'"cause":null' not in line[:200]
