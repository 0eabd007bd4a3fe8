"""Keeping what differs: recordings, their goldens and the summary, in a folder that CI stores."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from perptape.replays.golden.check import Checked
from perptape.replays.golden.errors import GoldenError
from perptape.replays.golden.summary import append_summary

SUMMARY = "summary.md"


def prepare(folder: Path) -> None:
    """Make the folder. Raises GoldenError when it is not empty, so that nothing in it is replaced or mixed up."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise GoldenError(f"{folder}: the folder is not empty: give a new one")
    except OSError as error:
        raise GoldenError(f"{folder}: cannot be used as a folder: {error.strerror}") from error


def keep(folder: Path, results: Sequence[Checked], faults: Sequence[str]) -> None:
    """Copy recordings that differ, with their goldens, and write the summary beside them. Raises GoldenError."""
    append_summary(folder / SUMMARY, results, faults)
    for source in _differing(results):
        target = folder / _place(source)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise GoldenError(f"{target}: cannot be written: {error.strerror}") from error


def _differing(results: Sequence[Checked]) -> Iterator[Path]:
    for checked in results:
        if not checked.ok:
            yield from (path for path in (checked.recording, checked.golden) if path.exists())


def _place(source: Path) -> Path:
    """Where a file goes: its path from the working folder; its whole path when it lies outside."""
    whole, here = source.resolve(), Path.cwd().resolve()
    return whole.relative_to(here if whole.is_relative_to(here) else whole.anchor)
