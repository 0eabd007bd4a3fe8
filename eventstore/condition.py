"""The condition of a store's database: which one it is, how big, and what about it should worry its owner."""

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from perptape.eventstore.backend import Backend
from perptape.eventstore.place import place_of
from perptape.eventstore.tables import EVENTS

_SPAN = 1_000_000
"""Versions whose sizes one query adds up: well under a second."""


class Condition(NamedTuple):
    """What a look at the database shows."""

    product: str
    """Which database it is, with its version."""
    revision: str
    """The revision of the store's schema."""
    size_bytes: int
    """What the store takes on the disk, indexes and write-ahead log of a file included."""
    worries: tuple[str, ...]
    """Settings under which acknowledged events could be lost or read wrongly; each a sentence."""


def condition_of(connection: Connection, backend: Backend, revision: str) -> Condition:
    """The condition of a store whose schema is at this revision."""
    return Condition(
        product=backend.product(connection),
        revision=revision,
        size_bytes=backend.size_bytes(connection),
        worries=backend.worries(connection),
    )


def data_bytes(connection: Connection, stream_id: int, after: int, upto: int) -> int:
    """The bytes of the events' own data after a version, up to another one."""
    total = 0
    while after < upto:
        last = min(after + _SPAN, upto)
        places = EVENTS.c.place > place_of(stream_id, after), EVENTS.c.place <= place_of(stream_id, last)
        total += int(connection.execute(select(func.sum(func.length(EVENTS.c.data))).where(*places)).scalar() or 0)
        after = last
    return total
