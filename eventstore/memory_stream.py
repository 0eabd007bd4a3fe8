"""A stream in memory: what `perptape.eventstore.memory` keeps of each."""

from dataclasses import dataclass, field

from perptape.eventstore.envelope import Envelope
from perptape.eventstore.lease import Lease
from perptape.eventstore.segment import Archived, Begun, Segment, segments_of
from perptape.eventstore.snapshot import SnapshotEntry
from perptape.eventstore.stream import Stream


@dataclass(slots=True)
class StreamInMemory:
    """One stream's identity, events and snapshots, in plain lists."""

    stream: Stream
    envelopes: list[Envelope] = field(default_factory=list)
    snapshots: list[tuple[SnapshotEntry, bytes]] = field(default_factory=list)
    lease: Lease | None = None
    begun: list[Begun] = field(default_factory=list)
    archives: list[Archived] = field(default_factory=list)
    sealed: bool = False

    @property
    def segments(self) -> list[Segment]:
        """The parts of the stream between its seals."""
        return segments_of(self.stream, self.begun, self.archives, sealed=self.sealed)

    def part(self, segment: Segment) -> "StreamInMemory":
        """One segment as if it were a stream, to be read."""
        first, last = self.index(segment.stream.first_version), self.index(segment.stream.head.version)
        within = range(segment.stream.first_version - 1, segment.stream.head.version + 1)
        snapshots = [kept for kept in self.snapshots if kept[0].version in within]
        return StreamInMemory(segment.stream, self.envelopes[first : last + 1], snapshots)

    @property
    def lease_in_force(self) -> Lease | None:
        """The lease, unless the stream was claimed or released since."""
        return self.lease if self.lease is not None and self.lease.epoch == self.stream.head.epoch else None

    def index(self, version: int) -> int:
        """Where the event of a version lies in `envelopes`; below zero before the first."""
        return version - self.stream.first_version

    def at_ns(self, version: int) -> int | None:
        """The time of the event of a version; None before the first."""
        index = self.index(version)
        return self.envelopes[index].at_ns if index >= 0 else None
