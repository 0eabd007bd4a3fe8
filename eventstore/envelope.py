"""The envelope around an event's bytes, and the line it makes.

A line is one JSON object with its keys in this order and no spaces:

    {"version":7,"type":"T","schema":1,"at_ns":1700000000000000000,"cause":null,"data":{...},"hash":"..."}

What comes before `,"hash"` is the line's *body*: the bytes that the chain covers. A store keeps the fields of the
envelope and rebuilds the body from them to the byte.
"""

from typing import NamedTuple


class Record(NamedTuple):
    """An event on its way in: what the caller knows before the stream gives it a version and a hash."""

    type: str
    schema: int
    at_ns: int
    """Nanoseconds since the epoch, UTC."""
    cause: int | None
    """Version of the earlier event that led to this one; None when nothing in the stream did."""
    data: bytes
    """One JSON object, UTF-8, without a line break. The store keeps these bytes and does not parse them."""


RecordLike = tuple[str, int, int, int | None, bytes]
"""A Record, or any named tuple with the same fields in the same order."""


EnvelopeLike = tuple[int, str, int, int, int | None, bytes, bytes]
"""An Envelope, or a plain tuple of its fields."""


class Envelope(NamedTuple):
    """A stored event: its place in the stream, its bytes, and its hash."""

    version: int
    type: str
    schema: int
    at_ns: int
    cause: int | None
    data: bytes
    hash: bytes


def body(version: int, record: RecordLike) -> bytes:
    """The bytes before `,"hash"` in the line of this record at this version."""
    kind, schema, at_ns, cause, data = record
    why = "null" if cause is None else cause
    head = f'{{"version":{version},"type":"{kind}","schema":{schema},"at_ns":{at_ns},"cause":{why},"data":'
    return head.encode() + data


def line(envelope: Envelope) -> bytes:
    """The whole line, without its line break."""
    return body(envelope.version, envelope[1:6]) + b',"hash":"' + envelope.hash + b'"}'
