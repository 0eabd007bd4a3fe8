"""The proof that a stream is what was written: no gap, no altered byte, and a head that fits the last event."""

from collections.abc import Iterable
from typing import NamedTuple

from perptape.eventstore.envelope import Envelope
from perptape.eventstore.linking import BrokenLink, checked
from perptape.eventstore.stream import Stream


class FirstBad(NamedTuple):
    """The first version of a stream at which it is not what was written."""

    version: int
    reason: str


class Verification(NamedTuple):
    """What verifying a stream found."""

    events: int
    """Events that are sound: all of them, or those before the first bad one."""
    first_bad: FirstBad | None

    @property
    def ok(self) -> bool:
        """Whether the whole stream is sound."""
        return self.first_bad is None


def verify_envelopes(stream: Stream, envelopes: Iterable[Envelope]) -> Verification:
    """Check the events of the stream up to its head, in order, against its chain and its head."""
    before = stream.first_version - 1
    version, last_hash = before, stream.opening_hash
    head = stream.head
    try:
        for envelope in checked(last_hash, version, envelopes):
            version, last_hash = envelope.version, envelope.hash
    except BrokenLink as broken:
        return Verification(version - before, FirstBad(broken.version, broken.reason))
    if version < head.version:
        missing = FirstBad(version + 1, f"it is missing; the head is at version {head.version}")
        return Verification(version - before, missing)
    if last_hash != head.hash:
        return Verification(max(version - before - 1, 0), FirstBad(version, "its hash differs from the head's"))
    return Verification(version - before, None)
