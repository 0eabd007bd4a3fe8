"""A replay, shown: one line when it holds; where, what, which fields and why when it does not."""

import json
from collections import deque
from pathlib import Path
from typing import Any

import msgspec

from perptape.core.codec import decode_data
from perptape.core.wording import why
from perptape.replays.proof.divergence import Divergence, plain_event
from perptape.replays.proof.player import Replay
from perptape.replays.tape.errors import DamageError, NotARecordingError
from perptape.replays.tape.header import BODY
from perptape.replays.tape.reader import open_recording

_BEFORE = 6
"""How many events before a divergence are looked through for its causes."""


def as_json(replay: Replay, *, listed: bool = False) -> dict[str, Any]:
    """The fields that `replay --json` prints for one file. With `listed` every divergence is among them."""
    data = {
        "file": replay.file,
        "events": replay.events,
        "observations": replay.observations,
        "decisions": replay.decisions,
        "reproduced": replay.reproduced,
        "divergence": None if replay.divergence is None else divergence_json(replay.divergence),
        "state_digest": replay.state_digest,
        "seconds": round(replay.seconds, 6),
    }
    if listed:
        data["divergences"] = [divergence_json(found) for found in replay.divergences]
    return data


def divergence_json(divergence: Divergence) -> dict[str, Any]:
    """A divergence as JSON."""
    return {
        "version": divergence.version,
        "kind": divergence.kind,
        "reason": divergence.reason,
        "recorded": divergence.recorded,
        "replayed": divergence.replayed,
        "fields": list(divergence.fields),
    }


def as_text(replay: Replay, *, listed: bool = False) -> str:
    """What a person wants to read. With `listed` every divergence gets its line."""
    rate = replay.events / replay.seconds if replay.seconds else 0
    if replay.divergence is None:
        return (
            f"{replay.file}: {replay.reproduced:,} of {replay.decisions:,} decisions reproduced from "
            f"{replay.observations:,} observations; state {replay.state_digest[:16]}…  "
            f"({replay.seconds:.2f} s, {rate:,.0f} events/s)"
        )
    lines = [_headline(replay, replay.divergence), *_comparison(replay.divergence)]
    if replay.divergence.kind != "damage":
        lines += _causes(Path(replay.file), replay.divergence)
    lines.append(f"  reproduced before it: {replay.reproduced:,} decisions; state {replay.state_digest[:16]}…")
    if listed and len(replay.divergences) > 1:
        lines.append(f"  all {len(replay.divergences):,} divergences:")
        lines += [f"    version {found.version:,}: {found.reason}" for found in replay.divergences]
    return "\n".join(lines)


def _headline(replay: Replay, divergence: Divergence) -> str:
    what = "DAMAGED" if divergence.kind == "damage" else "DIVERGED"
    return f"{replay.file}: {what} at version {divergence.version:,}: {divergence.reason}"


def _comparison(divergence: Divergence) -> list[str]:
    recorded, replayed = divergence.recorded, divergence.replayed
    if recorded is None and replayed is None:
        return []
    if recorded is None or replayed is None:
        title, event = ("recorded", recorded) if recorded is not None else ("now", replayed)
        return [f"  {title}: {_shown(event or {})}"]
    if recorded["type"] != replayed["type"]:
        return [f"  recorded: {_shown(recorded)}", f"  now:      {_shown(replayed)}"]
    width = max(map(len, divergence.fields), default=0)
    rows = [f"  in {recorded['type']}:", f"    {'field':<{width}}  recorded → now"]
    said = [(title, _why(event)) for title, event in (("recorded", recorded), ("now", replayed))]
    shown = (f"{path:<{width}}  {_value(recorded, path)} → {_value(replayed, path)}" for path in divergence.fields)
    reasons = [f"    {title:<8}  says: {why}" for title, why in said if why]
    return [*rows, *(f"    {row}" for row in shown), *reasons]


def _why(event: dict[str, Any]) -> str:
    """The reason of a decision in English."""
    return why(decode_data(event["type"], event["schema"], msgspec.json.encode(event["data"])))


def _shown(event: dict[str, Any]) -> str:
    return f"{event.get('type')} {json.dumps(event.get('data'), ensure_ascii=False)}"


def _value(event: dict[str, Any], path: str) -> str:
    value: Any = event
    for part in path.replace("[", ".[").split("."):
        if part.startswith("["):
            value = value[int(part[1:-1])]
        elif isinstance(value, dict):
            value = value.get(part)
    return json.dumps(value, ensure_ascii=False)


def _causes(path: Path, divergence: Divergence) -> list[str]:
    """The turn that diverged: its observation and the decisions before, and what came just before that."""
    before: deque[tuple[int, dict[str, Any]]] = deque(maxlen=_BEFORE)
    try:
        with open_recording(path) as recording:
            for version, line in enumerate(recording.lines(), recording.header.first_version):
                if version >= divergence.version:
                    break
                before.append((version, plain_event(line[BODY])))
    except (DamageError, NotARecordingError):
        return []
    rows = ["  before it:"]
    for version, event in before:
        mark = "  └ caused by " + str(event["cause"]) if event["cause"] is not None else ""
        rows.append(f"    {version:>9,}  {_shown(event)[:160]}{mark}")
    return rows
