"""A verification, shown."""

from typing import Any

from replays.verify import Verified


def as_json(result: Verified) -> dict[str, Any]:
    """The fields that `verify --json` prints."""
    return {
        "file": result.file,
        "ok": result.ok,
        "events": result.events,
        "state_digest": result.state_digest,
        "cold": result.cold,
        "warm": [
            {"snapshot_version": warm.snapshot_version, "state_digest": warm.state_digest} for warm in result.warm
        ],
        "first_bad": None
        if result.first_bad is None
        else {"version": result.first_bad.version, "reason": result.first_bad.reason},
    }


def as_text(result: Verified) -> str:
    """What a person wants to read."""
    if result.first_bad is not None:
        return (
            f"{result.file}: NOT as written, first bad version {result.first_bad.version:,}: {result.first_bad.reason}"
        )
    starts = ", ".join(f"{warm.snapshot_version:,}" for warm in result.warm) or "none (too short)"
    return (
        f"{result.file}: {result.events:,} events, the chain holds, no gap\n"
        f"  cold start  {result.cold}\n"
        f"  warm starts from versions {starts}: the same state, byte for byte"
    )
