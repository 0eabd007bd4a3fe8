"""The proof: what replaying and verifying the recording showed, as values handed in."""

from msgspec import Struct


class ReplayProof(Struct, frozen=True):
    """What a replay reproduced."""

    events: int
    observations: int
    decisions: int
    reproduced: int
    state_digest: str
    divergence: str = ""
    """The first divergence in words; empty when there is none."""


class WarmStart(Struct, frozen=True):
    """A start from a stored snapshot and the events after it."""

    snapshot_version: int
    state_digest: str


class VerifyProof(Struct, frozen=True):
    """What cold and warm starts came to."""

    ok: bool
    cold: str
    """State digest of folding everything."""
    warm: tuple[WarmStart, ...] = ()


class Proof(Struct, frozen=True):
    """All that was proved. A part that was not done is None."""

    replay: ReplayProof | None = None
    verify: VerifyProof | None = None
    killed_at: int | None = None
    """Version after which the process was killed; None when nobody killed it."""
    note: str = ""


def reproduced(proof: Proof | None) -> bool:
    """Whether a replay gave every recorded decision."""
    return (
        proof is not None
        and proof.replay is not None
        and not proof.replay.divergence
        and proof.replay.reproduced == proof.replay.decisions
    )


def proved(proof: Proof) -> bool:
    """Whether everything that was tried came out as recorded."""
    parts = [reproduced(proof)] if proof.replay is not None else []
    if proof.verify is not None:
        digests = {proof.verify.cold, *(warm.state_digest for warm in proof.verify.warm)}
        if proof.replay is not None:
            digests.add(proof.replay.state_digest)
        parts.append(proof.verify.ok and len(digests) == 1)
    return bool(parts) and all(parts)
