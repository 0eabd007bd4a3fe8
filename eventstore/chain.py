"""The hash chain: every line's hash covers the line and, through the hash before it, all earlier lines.

    hash_0 = SHA-256(format name, stream, nonce; joined by newlines, UTF-8)
    hash_n = SHA-256(hash_{n-1} as 64 hexadecimal digits, then the line's bytes before its `,"hash"`)

Hashes are 64 lowercase hexadecimal digits as ASCII bytes, everywhere: that is how the chain takes them.
"""

from hashlib import sha256

FORMAT_NAME = "perptape-recording/1"
"""Name and version of the line format, unless a stream names another."""

_DIGITS = frozenset(b"0123456789abcdef")


def genesis_hash(format_name: str, stream: str, nonce: str) -> bytes:
    """The hash before the first line. None of the three may hold a newline, or two streams could share it."""
    return sha256(f"{format_name}\n{stream}\n{nonce}".encode()).hexdigest().encode()


def link(previous: bytes, body: bytes) -> bytes:
    """The hash of a line with this body that follows the line whose hash is `previous`."""
    return sha256(previous + body).hexdigest().encode()


def is_hash(value: bytes) -> bool:
    """Whether the value has the form of a hash: 64 lowercase hexadecimal digits."""
    return len(value) == 64 and _DIGITS.issuperset(value)
