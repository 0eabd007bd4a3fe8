"""A segment: the part of a stream between two seals.

A stream begins as one segment. When that is sealed and continued, the stream goes on in the next one: its versions
follow, and its first event continues the chain of the last one. The stream's name means all of it: reading goes across
the seams, and appending goes to the end. `NAME#2` means the second segment alone, `NAME#1` the first.
"""

import re
from typing import NamedTuple

from perptape.eventstore.envelope import RecordLike
from perptape.eventstore.errors import InvalidStreamError, SealedError, StreamNotFoundError
from perptape.eventstore.stream import Stream

_SEGMENT_NAME = re.compile(r"(?P<stream>.+)#(?P<number>[1-9][0-9]{0,8})")


class Archived(NamedTuple):
    """Where the events of a segment went."""

    number: int
    """The segment's."""
    first_version: int
    version: int
    """The last one."""
    hash: bytes
    """Of the last event."""
    file: str
    """Its path within the store's folder of archives, or an absolute one."""
    sha256: str
    """Of the whole file, as hexadecimal digits."""


class Segment(NamedTuple):
    """What a store knows of a segment without reading its events."""

    number: int
    """Counted from 1."""
    stream: Stream
    """Name of the whole stream; all the rest is this segment's own."""
    sealed: bool
    archive: Archived | None
    """None while the events are in the store."""

    @property
    def name(self) -> str:
        """What means this segment alone."""
        return segment_name(self.stream.name, self.number)


class Beginning(NamedTuple):
    """What the caller says of the segment that is to continue a stream."""

    nonce: str
    metadata: bytes
    opening: RecordLike
    """Its first event: it carries all that a reader needs who begins there."""


class Address(NamedTuple):
    """What a name may mean: a stream, or one segment of it."""

    stream: str
    number: int | None
    """None for all segments."""


class Begun(NamedTuple):
    """How a segment after the first begins."""

    number: int
    nonce: str
    metadata: bytes
    first_version: int
    previous_hash: bytes


def address(name: str) -> Address:
    """The name taken apart."""
    found = _SEGMENT_NAME.fullmatch(name)
    return Address(found["stream"], int(found["number"])) if found else Address(name, None)


def segment_name(stream: str, number: int) -> str:
    """The name of a stream's segment."""
    return f"{stream}#{number}"


def require_stream_name(name: str) -> None:
    """Raise InvalidStreamError for a name that means a segment: nobody could tell the two apart."""
    if address(name).number is not None:
        raise InvalidStreamError(f"stream {name!r} cannot be created: a name that ends in #NUMBER means a segment")


def segments_of(stream: Stream, begun: list[Begun], archives: list[Archived], *, sealed: bool) -> list[Segment]:
    """The whole stream as its segments, by number. `sealed` is whether the last one is."""
    archived = {archive.number: archive for archive in archives}
    segments: list[Segment] = []
    rest = stream
    for next_one in begun:
        number, nonce, metadata, first_version, previous_hash = next_one
        end = stream.head._replace(version=first_version - 1, hash=previous_hash)
        segments.append(Segment(number - 1, rest._replace(head=end), True, archived.get(number - 1)))
        rest = Stream(stream.name, nonce, stream.format_name, metadata, first_version, previous_hash, stream.head)
    number = len(begun) + 1
    return [*segments, Segment(number, rest, sealed, archived.get(number))]


def segment_named(segments: list[Segment], name: str) -> Segment:
    """The one segment that a name means; a stream's name does as long as it has one. Raises StreamNotFoundError."""
    number = address(name).number
    if number is None and len(segments) > 1:
        raise StreamNotFoundError(segment_name(name, len(segments) + 1))
    if number is not None and number > len(segments):
        raise StreamNotFoundError(name)
    return segments[(number or 1) - 1]


def open_name(segments: list[Segment], name: str, expected_version: int) -> str:
    """The stream to which an append to a stream or a segment goes, given all segments.

    Raises SealedError when the append would follow an event of a sealed segment, and StreamNotFoundError.
    """
    meant = segments[-1] if address(name).number is None else segment_named(segments, name)
    upto_meant = segments[: meant.number]
    follows = (one for one in upto_meant if one.sealed and expected_version <= one.stream.head.version)
    segment = next(follows, meant)
    if segment.sealed:
        raise sealed_error(name, segments, segment)
    return segment.stream.name


def sealed_error(name: str, segments: list[Segment], segment: Segment) -> SealedError:
    """The refusal of an append to a sealed segment, which names the segment that continues it."""
    successor = segment_name(segment.stream.name, segment.number + 1) if segment.number < len(segments) else None
    return SealedError(name, segment.stream.head.version, successor)
