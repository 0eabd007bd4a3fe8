"""A golden: what a recording came to, readable, in `S.golden.json` beside `S.jsonl`."""

from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from perptape.replays.golden.errors import GoldenError
from perptape.replays.golden.layout import laid_out
from perptape.replays.golden.names import lost_recording_of, recording_of
from perptape.replays.tape.header import UNREADABLE

FORMAT: Final = "perptape-golden"
FORMAT_VERSION: Final = 2


class GoldenSource(Struct, frozen=True, forbid_unknown_fields=True):
    """Which events the golden was taken of, and which code had recorded them."""

    stream: str
    first_version: int
    last_version: int
    last_hash: str
    release: str
    behaviour: str


class Entry(Struct, frozen=True, forbid_unknown_fields=True):
    """One decision that today's code makes otherwise than it was recorded, accepted."""

    version: int
    kind: str
    """`different`, `missing`, `extra` or `raised`."""
    type: str
    """Type of the recorded decision; of today's where none was recorded."""
    changes: dict[str, list[Any]]
    """By path: what was recorded and what is decided now; whole decisions where one is absent."""


class Accepted(Struct, frozen=True, forbid_unknown_fields=True):
    """Divergences accepted together: which decisions, since which release, and what the changelog says of it."""

    release: str
    because: str
    decisions: tuple[Entry, ...]


class Golden(Struct, frozen=True, forbid_unknown_fields=True):
    """What a recording came to. Rows are plain data with the version of the event that began them."""

    format: str
    format_version: int
    tape: GoldenSource
    account: dict[str, Any]
    """Mode, cash, equity, unrealised PnL and margin at the end, quote currency."""
    results: list[dict[str, Any]]
    """Per strategy and symbol, then per symbol: realised, fees, funding, number of fills, position left."""
    orders: list[dict[str, Any]]
    """In the order of their requests; each as it ended."""
    fills: list[dict[str, Any]]
    guards: list[dict[str, Any]]
    """Verdicts: orders blocked, guards tripped and cleared, with measured value and limit."""
    modes: list[dict[str, Any]]
    alerts: list[dict[str, Any]]
    states: dict[str, str]
    """State digests along the way and at the end, by version."""
    state: dict[str, Any]
    """The whole state at the end."""
    state_schema: str = ""
    """Schema of the states; digests and state are compared only under the same one. Empty in goldens of format 1."""
    accepted: tuple[Accepted, ...] = ()
    """On purpose changed since: what later releases decide otherwise."""


ROWS: Final = ("orders", "fills", "guards", "modes", "alerts", "results")
"""The sections that are lists of rows."""


def load(path: Path) -> Golden:
    """Read a golden. Raises GoldenError."""
    try:
        golden = msgspec.json.decode(path.read_bytes(), type=Golden)
    except FileNotFoundError as error:
        recording = recording_of(path) or lost_recording_of(path)
        raise GoldenError(f"{path}: no golden yet; create it with: perptape golden accept {recording}") from error
    except OSError as error:
        raise GoldenError(f"{path}: cannot be read: {error.strerror}") from error
    except UNREADABLE as error:
        raise GoldenError(f"{path}: not a golden: {error}; restore it from version control") from error
    if golden.format != FORMAT or golden.format_version > FORMAT_VERSION:
        raise GoldenError(f"{path}: not a golden of this release: {golden.format}, version {golden.format_version}")
    return golden


def dump(golden: Golden) -> str:
    """The text of a golden's file: one row a line where it fits, so that version control shows what changed."""
    return laid_out(msgspec.to_builtins(golden)) + "\n"


def save(golden: Golden, path: Path) -> None:
    """Write a golden, whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.write_text(dump(golden), encoding="utf-8")
    fresh.replace(path)
