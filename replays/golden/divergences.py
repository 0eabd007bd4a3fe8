"""Decisions that today's code makes otherwise than a recording holds them: told by meaning, or accepted before."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from perptape.core.codec import decode_line
from perptape.replays.golden.difference import Changed, Difference, counted, differing
from perptape.replays.golden.form import Accepted, Entry
from perptape.replays.proof.divergence import Divergence
from perptape.replays.tape.reader import open_recording


def entry(divergence: Divergence) -> Entry:
    """What a golden keeps of a divergence."""
    recorded, replayed = divergence.recorded, divergence.replayed
    if recorded is not None and replayed is not None and recorded["type"] == replayed["type"]:
        changes = {change.path: [change.golden, change.now] for change in _differing(divergence)}
    else:
        changes = {"": [recorded, replayed]}
    event = recorded or replayed or {"type": ""}
    return Entry(divergence.version, divergence.kind, event["type"], changes)


def sort_out(
    divergences: Iterable[Divergence], accepted: Sequence[Accepted]
) -> tuple[list[Divergence], list[Entry], list[Entry]]:
    """Divergences that are new, entries that were accepted and hold, and accepted ones that hold no more."""
    known = {_key(kept): kept for group in accepted for kept in group.decisions}
    new: list[Divergence] = []
    held: list[Entry] = []
    for divergence in divergences:
        kept = known.pop(_key(entry(divergence)), None)
        if kept is None:
            new.append(divergence)
        else:
            held.append(kept)
    return new, held, list(known.values())


def _key(kept: Entry) -> tuple[Any, ...]:
    return kept.version, kept.kind, kept.type, repr(kept.changes)


def told(recording: Path, divergences: Sequence[Divergence]) -> list[tuple[Difference, list[Divergence]]]:
    """New divergences that mean the same thing as one difference."""
    groups: dict[str, list[Divergence]] = {}
    for divergence in divergences:
        groups.setdefault(_what(divergence), []).append(divergence)
    causes = _types_at(recording, {_cause(group[0]) for group in groups.values()})
    found = []
    for what, group in groups.items():
        changes = tuple(change for divergence in group for change in _changes(divergence))
        cause = _cause(group[0])
        because = f"the bot now reacts differently to {causes[cause]} at version {cause:,}" if cause in causes else ""
        text = f"{what} on {counted(len(group), 'decisions')}"
        found.append((Difference("decisions", text, group[0].version, changes, because), group))
    return found


def lapsed(entries: Sequence[Entry]) -> list[Difference]:
    """Accepted divergences that are none any more."""
    if not entries:
        return []
    changes = tuple(
        Changed(f"version {kept.version} {path}".rstrip(), accepted, None)
        for kept in entries
        for path, (_, accepted) in kept.changes.items()
    )
    text = f"{counted(len(entries), 'decisions')} no longer changed as accepted"
    return [Difference("accepted", text, entries[0].version, changes)]


def _what(divergence: Divergence) -> str:
    recorded, replayed = divergence.recorded, divergence.replayed
    if divergence.kind == "raised":
        return f"today's code raised {divergence.reason.partition(': ')[2]}"
    if replayed is None:
        return f"{recorded['type'] if recorded else ''} is no longer decided"
    if recorded is None:
        return f"{replayed['type']} is a new decision"
    if recorded["type"] != replayed["type"]:
        return f"{replayed['type']} replaces {recorded['type']}"
    fields = ", ".join(field.removeprefix("data.") for field in divergence.fields)
    return f"{fields} of {recorded['type']} changed"


def _differing(divergence: Divergence) -> list[Changed]:
    """The fields that differ, without those that are not compared."""
    found = differing(divergence.recorded, divergence.replayed, "")
    return [change for change in found if not divergence.fields or change.path in divergence.fields]


def _changes(divergence: Divergence) -> Iterable[Changed]:
    at = f"version {divergence.version}"
    if divergence.recorded is None or divergence.replayed is None:
        yield Changed(at, divergence.recorded, divergence.replayed)
        return
    for change in _differing(divergence):
        yield Changed(f"{at} {change.path}", change.golden, change.now)


def _cause(divergence: Divergence) -> int:
    event = divergence.recorded or divergence.replayed or {}
    return int(event.get("cause") or 0)


def _types_at(recording: Path, versions: set[int]) -> dict[int, str]:
    """The types of the events at these versions."""
    wanted = versions - {0}
    types: dict[int, str] = {}
    if not wanted:
        return {}
    with open_recording(recording) as opened:
        for version, line in enumerate(opened.lines(), opened.header.first_version):
            if version in wanted:
                types[version] = type(decode_line(line).data).__name__
            if len(types) == len(wanted):
                break
    return types
