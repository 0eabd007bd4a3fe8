"""Goldens, told: one line for what holds; meaning first, then paths with both values, for what does not."""

import json
from typing import Any

from perptape.replays.golden.accept import Acceptance
from perptape.replays.golden.check import Checked
from perptape.replays.golden.difference import Difference

_PATHS_MAX = 6
"""How many paths of one difference are shown."""
_VALUE_MAX = 100
_EVENT_MAX = 180


def checked_text(checked: Checked, *, paths_max: int = _PATHS_MAX) -> str:
    """What a person wants to read of one recording."""
    if checked.ok:
        count = len(checked.held)
        held = f", {count:,} accepted change{'s' * (count != 1)}" if count else ""
        noted = f"; {checked.not_compared}" if checked.not_compared else ""
        return f"{checked.recording}: matches its golden, {checked.events:,} events{held}{noted}"
    count = len(checked.differences)
    lines = [f"{checked.recording}: differs from its golden, {count} difference{'s' * (count != 1)}"]
    for number, difference in enumerate(checked.differences, 1):
        lines += difference_lines(difference, f"  {number}. ", paths_max)
    return "\n".join(lines)


def difference_lines(difference: Difference, lead: str = "", paths_max: int = _PATHS_MAX) -> list[str]:
    """Its meaning, then its paths."""
    pad = " " * len(lead)
    shown = difference.changes[:paths_max]
    width = max((len(change.path) for change in shown), default=0)
    rows = [f"{pad}{change.path:<{width}}  {value_text(change.golden)} → {value_text(change.now)}" for change in shown]
    left = len(difference.changes) - len(shown)
    return [lead + difference.sentence, *rows, *([f"{pad}and {left:,} more"] if left else [])]


def accepted_text(done: Acceptance) -> str:
    """What accepting did to one recording's golden."""
    said = {"written": "golden written", "updated": "golden updated", "same": "matches its golden"}[done.change]
    lines = [f"{done.recording}: {said}" + (f" ({done.golden.name})" if done.change != "same" else "")]
    lines += [f"  accepted: {difference.sentence}" for difference in done.accepted]
    lines += [f"  not accepted: {difference.sentence}" for difference in done.refused]
    return "\n".join(lines)


def checked_json(checked: Checked) -> dict[str, Any]:
    """The fields that `golden check --json` prints for one recording."""
    return {
        "file": str(checked.recording),
        "golden": str(checked.golden),
        "ok": checked.ok,
        "events": checked.events,
        "accepted": len(checked.held),
        "not_compared": checked.not_compared or None,
        "differences": [difference_json(difference) for difference in checked.differences],
    }


def accepted_json(done: Acceptance) -> dict[str, Any]:
    """The fields that `golden accept --json` prints for one recording."""
    return {
        "file": str(done.recording),
        "golden": str(done.golden),
        "change": done.change,
        "accepted": [difference_json(difference) for difference in done.accepted],
        "refused": [difference_json(difference) for difference in done.refused],
    }


def difference_json(difference: Difference) -> dict[str, Any]:
    """A difference as JSON."""
    return {
        "section": difference.section,
        "meaning": difference.sentence,
        "first_version": difference.first_version or None,
        "paths": [{"path": one.path, "golden": one.golden, "now": one.now} for one in difference.changes],
    }


def value_text(value: Any) -> str:
    """One side of a change on one line, cut to a readable length."""
    if isinstance(value, dict) and {"type", "cause", "data"} <= value.keys():
        return _clipped(f"{value['type']} {json.dumps(value['data'], ensure_ascii=False)}", _EVENT_MAX)
    return _clipped("none" if value is None else json.dumps(value, ensure_ascii=False), _VALUE_MAX)


def _clipped(shown: str, length: int) -> str:
    return shown if len(shown) <= length else shown[: length - 1] + "…"
