"""Checkpoints: what a stream's hash was at a version, kept where whoever can rewrite the stream cannot rewrite it.

The hash chain shows that an event was changed only as long as the hashes after it were not computed anew. A checkpoint
pins one hash of the chain, and by it everything before; kept on another machine, in a repository or on paper, and
signed, it shows a rewritten history too. One is one line of JSON with its keys in this order and no spaces:

    {"checkpoint":1,"stream":"bot","format":"perptape-recording/1","opening_hash":"...","version":7,"hash":"...",
     "at_ns":1700000000000000000,"made_at":"2025-01-06T08:00:00Z","public_key":"...","signature":"..."}

The last two are there when it is signed (Ed25519, hexadecimal digits). The signature is over the line's bytes before
`,"signature"`: the key that made it is signed with it, and the first key keeps it from being taken for anything else.
"""

import json
import re
from typing import Any, NamedTuple

from perptape.eventstore.chain import is_hash
from perptape.eventstore.errors import InvalidCheckpointError
from perptape.eventstore.place import MAX_VERSION

FORM = 1
"""The version of the line's form."""

_PLAIN = ("checkpoint", "stream", "format", "opening_hash", "version", "hash", "at_ns", "made_at")
_SIGNED = (*_PLAIN, "public_key", "signature")
_MADE_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_HEX = re.compile(r"[0-9a-f]+", re.ASCII)
_INT64_MAX = 2**63 - 1


class Checkpoint(NamedTuple):
    """A stream's hash at a version, and optionally who says so."""

    stream: str
    format_name: str
    opening_hash: bytes
    """The hash that the stream's first event continues; it differs between any two streams."""
    version: int
    hash: bytes
    at_ns: int
    """Time of the event at `version`, as the stream has it; 0 for a stream without events."""
    made_at: str
    """When the checkpoint was made, by its maker's clock: RFC 3339, UTC, in seconds."""
    public_key: str | None = None
    """64 hexadecimal digits; None when it is not signed."""
    signature: str | None = None
    """128 hexadecimal digits over `signed_bytes`."""


def signed_bytes(checkpoint: Checkpoint) -> bytes:
    """What a signature covers: the line without it."""
    return _encode(checkpoint, _SIGNED[:-1] if checkpoint.public_key is not None else _PLAIN)[:-1]


def checkpoint_line(checkpoint: Checkpoint) -> bytes:
    """The checkpoint as it stands in a file, newline included."""
    return _encode(checkpoint, _SIGNED if checkpoint.signature is not None else _PLAIN) + b"\n"


def parse_checkpoint(line: bytes) -> Checkpoint:
    """Read a line, with or without its newline. Raises InvalidCheckpointError unless it is one, to the byte."""
    bare = line.removesuffix(b"\n")
    try:
        fields = json.loads(bare)
    except (ValueError, RecursionError):
        raise InvalidCheckpointError("not JSON") from None
    if not isinstance(fields, dict) or "checkpoint" not in fields:
        raise InvalidCheckpointError("not a JSON object with the key 'checkpoint'")
    if fields["checkpoint"] != FORM:
        raise InvalidCheckpointError(f"unknown form {fields['checkpoint']!r}; this release reads {FORM}")
    if tuple(fields) not in {_PLAIN, _SIGNED}:
        raise InvalidCheckpointError(
            f"its keys have to be {', '.join(_PLAIN)}, and if it is signed, public_key and signature"
        )
    for key, value in fields.items():
        if not _fits(key, value):
            raise InvalidCheckpointError(f"invalid {key}: {value!r:.80}")
    checkpoint = _checkpoint(fields)
    if checkpoint_line(checkpoint) != bare + b"\n":
        raise InvalidCheckpointError("not in canonical form: spaces, escapes or a repeated key")
    return checkpoint


def _checkpoint(fields: dict[str, Any]) -> Checkpoint:
    return Checkpoint(
        stream=fields["stream"],
        format_name=fields["format"],
        opening_hash=fields["opening_hash"].encode(),
        version=fields["version"],
        hash=fields["hash"].encode(),
        at_ns=fields["at_ns"],
        made_at=fields["made_at"],
        public_key=fields.get("public_key"),
        signature=fields.get("signature"),
    )


def _encode(checkpoint: Checkpoint, keys: tuple[str, ...]) -> bytes:
    fields = {
        "checkpoint": FORM,
        "stream": checkpoint.stream,
        "format": checkpoint.format_name,
        "opening_hash": checkpoint.opening_hash.decode(),
        "version": checkpoint.version,
        "hash": checkpoint.hash.decode(),
        "at_ns": checkpoint.at_ns,
        "made_at": checkpoint.made_at,
        "public_key": checkpoint.public_key,
        "signature": checkpoint.signature,
    }
    return json.dumps({key: fields[key] for key in keys}, separators=(",", ":"), ensure_ascii=False).encode()


def _fits(key: str, value: object) -> bool:
    match key:
        case "checkpoint":
            return type(value) is int
        case "version":
            return type(value) is int and 0 <= value <= MAX_VERSION
        case "at_ns":
            return type(value) is int and 0 <= value <= _INT64_MAX
        case "stream" | "format":
            return isinstance(value, str) and bool(value) and value.isprintable()
        case "made_at":
            return isinstance(value, str) and _MADE_AT.fullmatch(value) is not None
        case "opening_hash" | "hash":
            return isinstance(value, str) and value.isascii() and is_hash(value.encode())
        case _:
            digits = 64 if key == "public_key" else 128
            return isinstance(value, str) and len(value) == digits and _HEX.fullmatch(value) is not None
