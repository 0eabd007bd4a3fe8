"""A divergence: where today's code concludes something else than the recording says."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct

from perptape.core.codec import Line, encode_body
from perptape.core.comparison import comparable
from perptape.core.comparison import is_same as means_the_same
from perptape.core.events import Decision

_SUBJECTS: Final = ("client_order_id", "timer_id", "guard", "symbol", "strategy", "command_id", "key", "channel")
"""By which fields a decision is recognised, the first that it has."""
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
        return Divergence(version, f"{name}: new decision (not in the recording)", "extra", None, replayed)
    if replayed is None:
        return Divergence(version, f"{recorded['type']}: no longer decided (only recorded)", "missing", recorded, None)
    fields = tuple(differing_fields(*(map(plain_event, compared) if compared is not None else (recorded, replayed))))
    if recorded["type"] != replayed["type"]:
        reason = f"{replayed['type']} instead of {recorded['type']}"
    else:
        reason = f"{recorded['type']} differs in {', '.join(fields)}"
    return Divergence(version, reason, "different", recorded, replayed, fields)


def aligned(
    recorded: Sequence[Line], replayed: Sequence[Decision], end: int, at_ns: int, cause: int
) -> list[Divergence]:
    """The divergences between two lists of decisions of one turn, which goes on at version `end` of the tape.

    Decisions of one type about one thing belong together, in order; the others are new or no longer decided.
    """
    found = []
    ours, theirs = [_about(line.data) for line in recorded], [_about(decision) for decision in replayed]
    for kind, i, i_end, j, j_end in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        both = min(i_end - i, j_end - j) if kind in ("equal", "replace") else 0
        pairs = zip(recorded[i : i + both], replayed[j : j + both], strict=True)
        found += [
            _between(line, other, at_ns, cause) for line, other in pairs if not is_same(line, other, at_ns, cause)
        ]
        found += [difference(line.version, _body(line), None) for line in recorded[i + both : i_end]]
        place = recorded[i_end].version if i_end < len(recorded) else end
        found += [difference(place, None, encode_body(place, one, at_ns, cause)) for one in replayed[j + both : j_end]]
    return found


def is_same(recorded: Line, replayed: Decision, at_ns: int, cause: int) -> bool:
    """Whether today's decision, made at this time for this cause, means what was recorded."""
    placed = recorded.at_ns == at_ns and recorded.cause == cause
    return placed and means_the_same(recorded.data, recorded.schema, replayed)


def _between(recorded: Line, replayed: Decision, at_ns: int, cause: int) -> Divergence:
    """The difference of two decisions that belong together; what is not compared is left out of its fields."""
    version, compared = recorded.version, None
    if type(recorded.data) is type(replayed):
        one, other = (comparable(data, recorded.schema) for data in (recorded.data, replayed))
        compared = (
            encode_body(version, one, recorded.at_ns, recorded.cause),
            encode_body(version, other, at_ns, cause),
        )
    return difference(version, _body(recorded), encode_body(version, replayed, at_ns, cause), compared)


def _body(line: Line) -> bytes:
    """A recorded decision as today's release would write it."""
    return encode_body(line.version, line.data, line.at_ns, line.cause)


def _about(decision: Any) -> tuple[str, str]:
    """Which decision it is: its type, and what it is about."""
    return type(decision).__name__, next(
        (str(getattr(decision, name)) for name in _SUBJECTS if hasattr(decision, name)), ""
    )
