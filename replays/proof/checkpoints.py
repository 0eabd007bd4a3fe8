"""Checkpoints of recordings and streams: made of a chain that holds, and held against it later."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct

from perptape.eventstore.checkpoint import Checkpoint
from perptape.eventstore.checkpoint_file import append_checkpoint, read_checkpoints
from perptape.eventstore.checkpoint_key import SigningKey, public_key
from perptape.eventstore.checkpoint_proof import first_rewritten, first_unsigned, of_stream
from perptape.eventstore.verification import FirstBad
from perptape.replays.tape.chain import read_chain
from perptape.replays.tape.errors import DamageError, SourceError
from perptape.replays.tape.reader import Progress


class Anchors(Struct, frozen=True):
    """Checkpoints to hold chains against, and the public key that must have signed all of them, if one is trusted."""

    file: str
    checkpoints: tuple[Checkpoint, ...]
    trusted: str | None


class Anchored(Struct, frozen=True):
    """What holding a chain against its checkpoints found."""

    file: str
    checkpoints: int
    """How many of this stream there were."""
    last_version: int
    """Up to here the history is pinned, if nothing was found."""
    signed_by: tuple[str, ...]
    """Public keys that signed, each once; whose they are is for the reader to know, unless one was named as trusted."""
    unsigned: int
    trusted: bool
    """Whether a trusted key was named and signed all of them."""
    first_bad: FirstBad | None


def read_anchors(path: Path, trusted: str | None = None) -> Anchors:
    """The checkpoints of a file; `trusted` is a public key or its file.

    Raises InvalidCheckpointError and SigningKeyError.
    """
    key = None if trusted is None else public_key(trusted)
    return Anchors(str(path), tuple(read_checkpoints(path)), key)


def hold(name: str, store_url: str, anchors: Anchors) -> Anchored:
    """Look for every checkpoint of a recording's or stream's in its chain. Raises SourceError if there is none."""
    chain = read_chain(name, store_url, {one.version for one in anchors.checkpoints})
    ours = of_stream(anchors.checkpoints, chain.pinned.stream)
    if not ours:
        known = ", ".join(sorted({one.stream for one in anchors.checkpoints}))
        raise SourceError(f"{anchors.file}: contains no checkpoint of stream {chain.pinned.stream} (it has: {known})")
    # Of a damaged chain nothing is known from the damage on: that comes before any checkpoint there.
    found = [chain.damage, first_unsigned(ours, anchors.trusted), first_rewritten(ours, chain.pinned)]
    first_bad = min((bad for bad in found if bad is not None), key=lambda bad: bad.version, default=None)
    signers = Counter(one.public_key for one in ours)
    return Anchored(
        file=anchors.file,
        checkpoints=len(ours),
        last_version=ours[-1].version,
        signed_by=tuple(sorted(key for key in signers if key is not None)),
        unsigned=signers[None],
        trusted=anchors.trusted is not None and set(signers) == {anchors.trusted},
        first_bad=first_bad,
    )


def make_checkpoint(
    name: str,
    store_url: str,
    output: Path | None,
    *,
    key: SigningKey | None = None,
    now_ns: int,
    progress: Progress | None = None,
) -> Checkpoint:
    """Check the chain of a recording or stream, pin its last version, and add that to the output file.

    A chain that does not hold, or that earlier checkpoints in that file contradict, gets none: raises DamageError.
    Also raises NotARecordingError, SourceError, EventStoreError and InvalidCheckpointError.
    """
    earlier = read_checkpoints(output) if output is not None and _holds_something(output) else []
    chain = read_chain(name, store_url, {one.version for one in earlier}, progress)
    ours = of_stream(earlier, chain.pinned.stream)
    bad = chain.damage or first_unsigned(ours, None) or first_rewritten(ours, chain.pinned)
    if bad is not None:
        raise DamageError(bad.version, bad.reason)
    last = chain.pinned.last_version
    made = Checkpoint(
        stream=chain.pinned.stream,
        format_name=chain.pinned.format_name,
        opening_hash=chain.pinned.opening_hash,
        version=last,
        hash=chain.pinned.hashes[last],
        at_ns=chain.at_ns,
        made_at=datetime.fromtimestamp(now_ns // 1_000_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )
    checkpoint = made if key is None else key.sign(made)
    if output is not None:
        append_checkpoint(output, checkpoint)
    return checkpoint


def _holds_something(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except (FileNotFoundError, ValueError):  # whatever else is wrong with it, opening will say
        return False
    except OSError:
        return True
