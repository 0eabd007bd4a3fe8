"""Snapshots: a state's bytes at a version, there to save time and never needed."""

from hashlib import sha256
from typing import Literal, NamedTuple

SnapshotStatus = Literal["active", "set_aside"]


class Snapshot(NamedTuple):
    """A state that a fold of the stream had reached at `version`, written by code with this behaviour digest."""

    version: int
    behaviour: str
    state: bytes


class SnapshotEntry(NamedTuple):
    """What a listing shows of a stored snapshot."""

    version: int
    behaviour: str
    state_digest: str
    """SHA-256 of the state's bytes when they were saved, 64 lowercase hexadecimal digits."""
    size_bytes: int
    status: SnapshotStatus
    reason: str | None
    """Why it was set aside; None while it is active."""


def state_digest(state: bytes) -> str:
    """SHA-256 of a state's bytes in hexadecimal digits."""
    return sha256(state).hexdigest()


DAMAGED = "its bytes do not match their digest"
"""The reason given for a snapshot that is set aside because it was damaged."""
