"""The lines of a recording.

The header is the first line and ends with its own hash. Then comes one line per event: a body, as perptape.core.codec
writes it, followed by `,"hash":"<64 hexadecimal digits>"}` and a newline. The trailer is the last line.

The chain is over text, so that any tool can check it: hash of version n = SHA-256(hash of version n-1, as its 64
hexadecimal digits, followed by the body of line n). The hash before version 1 is SHA-256 of format, stream and nonce,
each followed by a newline but the last.
"""

import hashlib
from typing import Final

import msgspec
from msgspec import Raw, Struct

FORMAT: Final = "perptape-recording"
FORMAT_VERSION: Final = 1
HASH_DIGITS: Final = 64
TAIL_BYTES: Final = len(b',"hash":"') + HASH_DIGITS + len(b'"}\n')
"""Length of what follows the body on an event line, newline included."""
HASH_START: Final = HASH_DIGITS + len(b'"}\n')
"""Where the hash begins, counted from the end of the line."""
BODY: Final = slice(-TAIL_BYTES)
"""The body of an event line, `line[BODY]`. A slice made anew for each line would cost 0.04 µs."""
HASH: Final = slice(-HASH_START, -len(b'"}\n'))
"""The hash of an event line, `line[HASH]`."""
TRAILER_MARK: Final = b'{"last_version":'
UNREADABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
"""What decoding JSON may raise: wrong content, bytes that are no text, nesting without end."""


class Provenance(Struct, frozen=True, forbid_unknown_fields=True):
    """Which code recorded; outside chain and comparison."""

    release: str
    behaviour: str
    """Digest of the sources that shape decisions and state."""


class Header(Struct, frozen=True, forbid_unknown_fields=True):
    """The first line without its hash."""

    format: str
    format_version: int
    stream: str
    nonce: str
    first_version: int
    previous_hash: str
    trading: Raw
    """The `[trading]` settings in force at the first event, as JSON."""
    provenance: Provenance


class Trailer(Struct, frozen=True, forbid_unknown_fields=True):
    """The last line: what a whole recording must have held."""

    last_version: int
    count: int
    last_hash: str


def genesis_hash(stream: str, nonce: str) -> str:
    """The hash before version 1 of a stream, 64 hexadecimal digits."""
    return hashlib.sha256(f"{FORMAT}/{FORMAT_VERSION}\n{stream}\n{nonce}".encode()).hexdigest()


def header_line(header: Header) -> bytes:
    """The header as it stands in the file, newline included."""
    body = msgspec.json.encode(header)[:-1]
    return b'%b,"hash":"%b"}\n' % (body, hashlib.sha256(body).hexdigest().encode())


def trailer_line(trailer: Trailer) -> bytes:
    """The trailer as it stands in the file, newline included."""
    return msgspec.json.encode(trailer) + b"\n"
