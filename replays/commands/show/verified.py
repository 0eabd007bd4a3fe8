"""A verification, shown."""

from pathlib import Path
from typing import Any

from perptape.replays.commands.show.progress import progress_bar
from perptape.replays.proof.checkpoints import Anchored, read_anchors
from perptape.replays.proof.verify import StoreVerified, Verified, verify, verify_store
from perptape.replays.tape.errors import SourceError
from perptape.replays.tape.source import file_size


def answer(
    source: str | None,
    store: str,
    checkpoints: Path | None,
    public_key: str | None,
    *,
    quiet: bool,
) -> tuple[dict[str, Any], str, bool]:
    """What `verify` answers: as JSON, as text, and whether all is as written. Raises what verifying does."""
    if public_key is not None and checkpoints is None:
        raise SourceError("--public-key needs --checkpoints FILE (see --help)")
    anchors = read_anchors(checkpoints, public_key) if checkpoints is not None else None
    if source is None:
        everything = verify_store(store, anchors)
        return store_as_json(everything), store_as_text(everything), everything.ok
    with progress_bar("verifying", 0, file_size(source), quiet=quiet) as advance:
        result = verify(source, store, advance, anchors)
    return as_json(result), as_text(result), result.ok


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
        "checkpoints": None if result.checkpoints is None else _anchored_json(result.checkpoints),
    }


def store_as_json(result: StoreVerified) -> dict[str, Any]:
    """What `verify --json` prints for a whole store."""
    streams = [as_json(stream) for stream in result.streams]
    return {"store": result.store, "ok": result.ok, "streams": streams, "gone": result.gone}


def store_as_text(result: StoreVerified) -> str:
    """What a person wants to read of a whole store."""
    lines = [as_text(stream) for stream in result.streams]
    lines += [
        f"{name}: MISSING: checkpoints name this stream, but the store has no such stream" for name in result.gone
    ]
    return "\n".join(lines or [f"{result.store}: no streams"])


def _anchored_json(held: Anchored) -> dict[str, Any]:
    return {
        "file": held.file,
        "checkpoints": held.checkpoints,
        "last_version": held.last_version,
        "unsigned": held.unsigned,
        "signed_by": list(held.signed_by),
        "trusted": held.trusted,
    }


def _anchored_text(held: Anchored) -> str:
    count = f"{held.checkpoints} checkpoint{'s' * (held.checkpoints > 1)}"
    if held.trusted:
        whose = "all signed with the given key"
    else:
        keys = ", ".join(held.signed_by)
        whose = f"signed by {keys} (not checked: no --public-key given)" if keys else "none signed"
        whose += f", {held.unsigned} not signed" if keys and held.unsigned else ""
    return f"  {count} up to version {held.last_version:,} match, {whose}"


def as_text(result: Verified) -> str:
    """What a person wants to read."""
    if result.first_bad is not None:
        return f"{result.file}: DAMAGED, first bad version {result.first_bad.version:,}: {result.first_bad.reason}"
    lines = [f"{result.file}: {result.events:,} events, hash chain intact, no gaps"]
    if result.cold:
        starts = ", ".join(f"{warm.snapshot_version:,}" for warm in result.warm) or "none (too short)"
        lines.append(f"  cold start  {result.cold}")
        lines.append(f"  warm starts from versions {starts}: the same state, byte for byte")
    else:
        lines.append("  not written by a bot: no state to prove")
    if result.checkpoints is not None:
        lines.append(_anchored_text(result.checkpoints))
    return "\n".join(lines)
