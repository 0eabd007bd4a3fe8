"""One event of a tape, decoded, with its place."""

from typing import Any

from msgspec import Struct


class TapeEvent(Struct, frozen=True):
    """An event and where it stands; `cause` is the version of the observation behind a decision."""

    version: int
    at_ns: int
    cause: int | None
    event: Any
