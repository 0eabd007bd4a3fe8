"""How recordings and goldens are called, and which belong together. Costs nothing to import."""

from pathlib import Path
from typing import Final

GOLDEN_SUFFIX: Final = ".golden.json"
RECORDING_SUFFIXES: Final = (".jsonl", ".jsonl.zst")
RECORDING_MARK: Final = b"perptape-recording"
"""The format's name in the first bytes of a recording: `perptape.replays.tape.header.FORMAT`, without importing it."""


def is_recording(path: Path) -> bool:
    """Whether a file begins as a recording does. Reads its first bytes only; a compressed file counts as one."""
    if path.suffix == ".zst":
        return True
    try:
        with path.open("rb") as file:
            return RECORDING_MARK in file.read(len(RECORDING_MARK) + 32)
    except OSError:
        return False


def golden_of(recording: Path) -> Path:
    """Where a recording's golden is."""
    for suffix in reversed(RECORDING_SUFFIXES):
        if recording.name.endswith(suffix):
            return recording.with_name(recording.name.removesuffix(suffix) + GOLDEN_SUFFIX)
    return recording.with_name(recording.name + GOLDEN_SUFFIX)


def recording_of(golden: Path) -> Path | None:
    """The recording that a golden belongs to; None when there is none."""
    stem = golden.name.removesuffix(GOLDEN_SUFFIX)
    found = (golden.with_name(stem + suffix) for suffix in RECORDING_SUFFIXES)
    return next((path for path in found if path.exists()), None)


def lost_recording_of(golden: Path) -> Path:
    """Where the recording of a golden would be that has none."""
    return golden.with_name(golden.name.removesuffix(GOLDEN_SUFFIX) + RECORDING_SUFFIXES[0])
