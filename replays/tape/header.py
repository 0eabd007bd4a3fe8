"""The lines of a recording.

The header is the first line and ends with its own hash. Then comes one line per event: a body, as perptape.core.codec
writes it, followed by `,"hash":"<64 hexadecimal digits>"}` and a newline. The trailer is the last line.

The chain is over text, so that any tool can check it: hash of version n = SHA-256(hash of version n-1, as its 64
hexadecimal digits, followed by the body of line n). The hash before version 1 is SHA-256 of form, stream and nonce,
each followed by a newline but the last. The form is `perptape-recording/2` and, after a space, the SHA-256 of the
header's settings as 64 hexadecimal digits; in form 1, which earlier releases wrote, it is `perptape-recording/1` alone.
"""

import hashlib
from typing import Final

import msgspec
from msgspec import Raw, Struct

FORMAT: Final = "perptape-recording"
FORMAT_VERSION: Final = 2
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


def chain_form(trading: bytes, format_version: int = FORMAT_VERSION) -> str:
    """What the chain of a stream with these settings begins with: the form's name, and what it pins of the settings."""
    name = f"{FORMAT}/{format_version}"
    return name if format_version == 1 else f"{name} {hashlib.sha256(trading).hexdigest()}"


def genesis_hash(stream: str, nonce: str, trading: bytes, format_version: int = FORMAT_VERSION) -> str:
    """The hash before version 1 of a stream with these settings, 64 hexadecimal digits."""
    form = chain_form(trading, format_version)
    return hashlib.sha256(f"{form}\n{stream}\n{nonce}".encode()).hexdigest()


def first_header(stream: str, nonce: str, trading: bytes, provenance: Provenance) -> Header:
    """The header of a stream that begins with these settings, as canonical JSON."""
    previous_hash = genesis_hash(stream, nonce, trading)
    return Header(FORMAT, FORMAT_VERSION, stream, nonce, 1, previous_hash, Raw(trading), provenance)


def form_of(header: Header) -> str:
    """The name by which a store knows the form of the stream's chain."""
    return chain_form(bytes(header.trading), header.format_version)


def form_name(form: str) -> str:
    """The name of a chain's form without what it pins of the settings."""
    return form.partition(" ")[0]


def header_line(header: Header) -> bytes:
    """The header as it stands in the file, newline included."""
    body = msgspec.json.encode(header)[:-1]
    return b'%b,"hash":"%b"}\n' % (body, hashlib.sha256(body).hexdigest().encode())


def trailer_line(trailer: Trailer) -> bytes:
    """The trailer as it stands in the file, newline included."""
    return msgspec.json.encode(trailer) + b"\n"
