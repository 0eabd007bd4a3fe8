"""Accepting what a recording comes to now: explicit, for one recording, with a word from the changelog."""

from collections.abc import Callable
from importlib.metadata import version as installed_version
from pathlib import Path

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from perptape.replays.golden.check import Checked, check, look
from perptape.replays.golden.difference import Difference
from perptape.replays.golden.divergences import entry, told
from perptape.replays.golden.errors import GoldenError
from perptape.replays.golden.form import Accepted, Golden, load, save
from perptape.replays.golden.names import golden_of
from perptape.replays.tape.reader import Progress

CHANGELOG = "CHANGELOG.md"


class Acceptance(Struct, frozen=True):
    """What was written, and what was not."""

    recording: Path
    golden: Path
    change: str
    """`written` (the first golden), `updated`, or `same`."""
    accepted: tuple[Difference, ...] = ()
    refused: tuple[Difference, ...] = ()


def accept(
    recording: Path,
    *,
    because: str = "",
    changelog: Path | None = None,
    agree: Callable[[Difference], bool] = lambda _: True,
    progress: Progress | None = None,
) -> Acceptance:
    """Write the golden of a recording as it comes out now; every difference that `agree` refuses stays one.

    Decisions that differ from the recorded ones are listed in the golden with `because`, words of an entry of the
    changelog (by default the nearest CHANGELOG.md above the recording); the recording itself is never changed.
    Raises GoldenError when decisions changed and nothing explains it, and when the recording is damaged or gone.
    """
    path = golden_of(recording)
    if not path.exists():
        return _first(look(recording, None, progress), because, changelog)
    checked = check(recording, progress)
    if checked.ok and not checked.not_compared:
        return Acceptance(recording, path, "same")
    now = _whole(checked)
    golden = load(path)
    chosen = [difference for difference in checked.differences if agree(difference)]
    refused = tuple(difference for difference in checked.differences if difference not in chosen)
    fresh = _merged(golden, now, {difference.section for difference in refused})
    fresh = replace(fresh, accepted=_accepted(checked, golden, chosen, because, changelog))
    if fresh == golden:
        return Acceptance(recording, path, "same", (), refused)
    save(fresh, path)
    return Acceptance(recording, path, "updated", tuple(chosen), refused)


def _first(checked: Checked, because: str, changelog: Path | None) -> Acceptance:
    now = _whole(checked)
    if checked.divergences:
        now = replace(now, accepted=(_group(checked, list(checked.differences), because, changelog),))
    save(now, checked.golden)
    return Acceptance(checked.recording, checked.golden, "written", checked.differences)


def _whole(checked: Checked) -> Golden:
    if checked.now is None:
        raise GoldenError(f"{checked.recording}: {checked.differences[0].text}; nothing was accepted")
    return checked.now


def _merged(golden: Golden, now: Golden, kept: set[str]) -> Golden:
    """What the recording comes to now, but for the sections of which a difference was refused."""
    names = {field.name for field in msgspec.structs.fields(Golden)}
    return replace(now, **{section: getattr(golden, section) for section in kept & names})


def _accepted(
    checked: Checked, golden: Golden, chosen: list[Difference], because: str, changelog: Path | None
) -> tuple[Accepted, ...]:
    """Groups accepted before, as far as they hold or their lapsing was refused, and the new one."""
    lapsing = any(difference.section == "accepted" for difference in chosen)
    held = {(kept.version, kept.kind) for kept in checked.held}
    groups = []
    for group in golden.accepted:
        left = tuple(kept for kept in group.decisions if not lapsing or (kept.version, kept.kind) in held)
        if left:
            groups.append(Accepted(group.release, group.because, left))
    if any(difference.section == "decisions" for difference in chosen):
        groups.append(_group(checked, chosen, because, changelog))
    return tuple(groups)


def _group(checked: Checked, chosen: list[Difference], because: str, changelog: Path | None) -> Accepted:
    groups = told(checked.recording, checked.divergences)
    entries = tuple(entry(found) for difference, group in groups if difference in chosen for found in group)
    _explained(checked.recording, len(entries), because, changelog)
    return Accepted(installed_version("perptape"), because, entries)


def _explained(recording: Path, count: int, because: str, changelog: Path | None) -> None:
    """Raise GoldenError unless the changelog holds these words."""
    if not because.strip():
        raise GoldenError(
            f"{recording}: {count} decisions differ from the recording: to accept them, quote the changelog entry "
            "that explains why (--because TEXT)"
        )
    path = changelog or _nearest(recording)
    if path is None:
        raise GoldenError(f"{recording}: no {CHANGELOG} in a folder above it: give one with --changelog FILE")
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise GoldenError(f"{path}: cannot be read as a changelog: {error}") from error
    if " ".join(because.split()) not in " ".join(text.split()):
        raise GoldenError(f"{path}: no entry contains {because!r}: write the entry first")


def _nearest(recording: Path) -> Path | None:
    folders = recording.absolute().parents
    return next((folder / CHANGELOG for folder in folders if (folder / CHANGELOG).is_file()), None)
