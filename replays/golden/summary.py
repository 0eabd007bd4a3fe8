"""The Markdown summary of a golden check, for the summary page of a CI job."""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from perptape.replays.golden.check import Checked
from perptape.replays.golden.difference import Difference
from perptape.replays.golden.errors import GoldenError
from perptape.replays.golden.text import value_text

BYTES_MAX = 1_000_000
"""GitHub drops a whole summary of more than 1,024 kB; the details end before that."""
ROWS_MAX = 1_000
"""Recordings listed in one table."""
DIFFERENCES_MAX = 20
"""Differences shown of one recording."""
PATHS_MAX = 6
"""Changed values shown of one difference."""
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*[<|"})


def append_summary(path: Path, results: Sequence[Checked], faults: Sequence[str]) -> None:
    """Add the summary at the end of a file, which is made when it is not there. Raises GoldenError."""
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(summary_text(results, faults))
    except OSError as error:
        raise GoldenError(f"{path}: the summary cannot be written: {error.strerror}") from error


def summary_text(results: Sequence[Checked], faults: Sequence[str]) -> str:
    """What a check found, as Markdown: a headline, what failed with its differences, and what matches.

    Args:
        results: what came of each recording that was checked.
        faults: one line for each recording that could not be checked.
    """
    failed = [checked for checked in results if not checked.ok]
    matching = [checked for checked in results if checked.ok]
    above = [f"### {_headline(failed, matching, faults)}", ""]
    below: list[str] = []
    if faults:
        above += ["Could not be checked:", "", *(f"- {_prose(fault)}" for fault in faults[:ROWS_MAX]), ""]
    if failed:
        above += _table(failed)
        below += _advice(failed)
    if matching:
        said = f"{len(matching):,} matching recording{'s' * (len(matching) != 1)}"
        below += ["<details>", f"<summary>{said}</summary>", "", *_table(matching), "</details>", ""]
    details = _details(failed, BYTES_MAX - _size(above) - _size(below) - 1)
    return "\n".join([*above, *details, *below]) + "\n"


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _headline(failed: Sequence[Checked], matching: Sequence[Checked], faults: Sequence[str]) -> str:
    total = len(failed) + len(matching) + len(faults)
    unchecked = f"{len(faults):,} of {total:,} could not be checked"
    if not (failed or matching):
        return "No recording could be checked"
    if not failed:
        said = "The recording matches its golden" if total == 1 else f"All {total:,} recordings match their goldens"
        return f"Recordings: {unchecked}" if faults else said
    if total == 1:
        return "The recording differs from its golden"
    verb = "differs from its golden" if len(failed) == 1 else "differ from their goldens"
    return f"{len(failed):,} of {total:,} recordings {verb}" + (f", {unchecked}" if faults else "")


def _table(results: Sequence[Checked]) -> list[str]:
    shown = results[:ROWS_MAX]
    rows = (f"| {_code(str(one.recording))} | {one.events:,} | {_verdict(one)} |" for one in shown)
    left = len(results) - len(shown)
    more = [f"and {left:,} more recordings", ""] if left else []
    return ["| recording | events | result |", "|---|---:|---|", *rows, "", *more]


def _verdict(checked: Checked) -> str:
    if checked.ok:
        held = len(checked.held)
        return "matches" + (f", {held:,} accepted change{'s' * (held != 1)}" if held else "")
    sections = {difference.section for difference in checked.differences}
    if "damage" in sections:
        return "**damaged**"
    if "golden" in sections:
        return "**recording is missing**"
    count = len(checked.differences)
    return f"**{count:,} difference{'s' * (count != 1)}**"


def _details(failed: Sequence[Checked], room: int) -> list[str]:
    """The differences of each recording, for as many recordings as there is room for, in bytes."""
    lines: list[str] = []
    for number, checked in enumerate(failed):
        section = [f"#### {_code(str(checked.recording))}", "", *_differences(checked)]
        room -= _size(section)
        if room < 0:
            return [*lines, f"The log shows the differences of {len(failed) - number:,} more recordings.", ""]
        lines += section
    return lines


def _differences(checked: Checked) -> Iterator[str]:
    """Numbered: what changed by itself, then, folded away, what only follows from it."""
    shown = checked.differences[:DIFFERENCES_MAX]
    following = [one for one in shown if one.follows] if not all(one.follows for one in shown) else []
    for number, difference in enumerate((one for one in shown if one not in following), 1):
        yield from _numbered(number, difference)
    if following:
        said = f"{len(following):,} consequence{'s' * (len(following) != 1)}"
        yield from ("<details>", f"<summary>{said}</summary>", "")
        for number, difference in enumerate(following, len(shown) - len(following) + 1):
            yield from _numbered(number, difference)
        yield from ("</details>", "")
    left = len(checked.differences) - len(shown)
    if left > 0:
        yield from (f"The log shows {left:,} more difference{'s' * (left != 1)}.", "")


def _numbered(number: int, difference: Difference) -> Iterator[str]:
    """An item of a list: the meaning of a difference, and a table of values before and after."""
    lead = f"{number}. "
    reason = _prose(difference.sentence.removeprefix(difference.text))
    yield from (f"{lead}**{_prose(difference.text)}**{reason}", "")
    yield from (" " * len(lead) + line if line else "" for line in _changes(difference))


def _changes(difference: Difference) -> Iterator[str]:
    if not difference.changes:
        return
    yield from ("| where | before | now |", "|---|---|---|")
    for change in difference.changes[:PATHS_MAX]:
        cells = (change.path, _value(change.golden), _value(change.now))
        yield f"| {' | '.join(_code(cell) for cell in cells)} |"
    yield ""
    left = len(difference.changes) - PATHS_MAX
    if left > 0:
        yield from (f"and {left:,} more", "")


def _value(value: Any) -> str:
    """One side of a change; of a digest as much as tells it from another one."""
    return re.sub(r"\b([0-9a-f]{12})[0-9a-f]{52}\b", r"\1…", value_text(value))


def _advice(failed: Sequence[Checked]) -> Iterator[str]:
    """The commands that accept the changes, where they can be accepted."""
    commands = [
        f"perptape golden accept {shlex.quote(str(one.recording))}"
        + (' --because "QUOTE FROM YOUR CHANGELOG ENTRY"' if one.divergences else "")
        for one in failed[:ROWS_MAX]
        if one.now is not None
    ]
    if commands:
        yield from ("If this change is intended, run this and commit the result:", "", "```sh", *commands, "```", "")


def _prose(text: str) -> str:
    return " ".join(text.translate(_MARKS).split())


def _code(text: str) -> str:
    flat = " ".join(text.split()).replace("|", "\\|")
    return f"`` {flat} ``" if "`" in flat else f"`{flat}`"
