"""What was archived, shown."""

from typing import Any

import msgspec

from perptape.replays.upkeep.archive import ArchiveReport


def as_json(report: ArchiveReport) -> dict[str, Any]:
    """What `store archive --json` prints."""
    data: dict[str, Any] = msgspec.to_builtins(report)
    return data


def as_text(report: ArchiveReport) -> str:
    """What a person wants to read."""
    lines = [
        f"{one.segment}: versions {one.first_version:,} to {one.version:,} moved to {one.file}\n  SHA-256 {one.sha256}"
        for one in report.archived
    ]
    if not lines:
        lines.append(
            f"{report.stream}: no sealed segment, so nothing was archived; --seal seals the open segment first"
        )
    elif report.open_segment is not None:
        lines.append(f"{report.open_segment}: still open, so it stays in the store")
    return "\n".join(lines)
