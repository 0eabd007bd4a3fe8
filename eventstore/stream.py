"""A stream: its identity, which never changes, and its head, which every append moves."""

from typing import NamedTuple

from perptape.eventstore.chain import genesis_hash, is_hash
from perptape.eventstore.errors import InvalidStreamError
from perptape.eventstore.place import MAX_VERSION


class Head(NamedTuple):
    """Where a stream ends."""

    version: int
    """Version of the last event; one below the first version in an empty stream."""
    hash: bytes
    """Hash of the last event; in an empty stream the hash that its first event continues."""
    epoch: int
    """Goes up whenever the stream changes hands: with each claim, and with each lease acquired or given back."""


class Stream(NamedTuple):
    """What a store knows of a stream without reading its events."""

    name: str
    nonce: str
    format_name: str
    metadata: bytes
    """The creator's own bytes (settings, provenance); kept, never read by the store."""
    first_version: int
    previous_hash: bytes | None
    """Hash of the line before the first, when this stream continues another; None when it begins one."""
    head: Head

    @property
    def opening_hash(self) -> bytes:
        """The hash that the first event continues."""
        return self.previous_hash or genesis_hash(self.format_name, self.name, self.nonce)


def new_stream(
    name: str, nonce: str, metadata: bytes, *, format_name: str, first_version: int, previous_hash: bytes | None
) -> Stream:
    """An empty stream. Raises InvalidStreamError."""
    for field, text in (("name", name), ("nonce", nonce), ("format name", format_name)):
        if not text or not text.isprintable():
            raise InvalidStreamError(f"a stream's {field} must be one line of printable text, not {text!r}")
    if not 0 < first_version <= MAX_VERSION:
        raise InvalidStreamError(f"stream {name!r} cannot begin at version {first_version}; the lowest is 1")
    if previous_hash is not None and not is_hash(previous_hash):
        raise InvalidStreamError(
            f"stream {name!r}: the previous hash must be 64 lowercase hexadecimal digits, not {previous_hash!r}"
        )
    empty = Stream(name, nonce, format_name, metadata, first_version, previous_hash, Head(0, b"", 0))
    return empty._replace(head=Head(first_version - 1, empty.opening_hash, 0))
