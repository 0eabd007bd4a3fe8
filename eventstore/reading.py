"""Reading events in pages: each page is a query of its own, so that a slow reader holds nothing open.

Streams are only ever added to and have no gaps, so pages are ranges of versions and cannot disagree.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import NamedTuple, cast

from sqlalchemy import ColumnElement, Connection, select

from perptape.eventstore.database import Database
from perptape.eventstore.driver_sql import ReadingSql
from perptape.eventstore.envelope import Envelope
from perptape.eventstore.errors import DamagedError
from perptape.eventstore.place import MAX_VERSION, place_of
from perptape.eventstore.tables import EVENTS

PAGE = 1_000
"""Events fetched at a time; what a reader holds in memory."""

_Row = tuple[object, ...]

# `Envelope._make` without its check of the length: every row has the table's columns.
_envelope = cast("Callable[[_Row], Envelope]", partial(tuple.__new__, Envelope))


class Source(NamedTuple):
    """Where a stream's events lie."""

    database: Database
    sql: ReadingSql
    stream_id: int
    stream: str


def pages(source: Source, after: int, upto: int) -> Iterator[Iterator[Envelope]]:
    """The events after one version up to another, page by page; ends after a page that is not full."""
    while after < upto:
        last = min(after + PAGE, upto)
        rows = _rows(source, after, last)
        yield map(_envelope, rows)
        if len(rows) < last - after:
            return
        after = last


def whole_pages(source: Source, after: int, upto: int) -> Iterator[Iterator[Envelope]]:
    """As `pages`, but a page that is not full raises DamagedError before any of it is given out."""
    while after < upto:
        last = min(after + PAGE, upto)
        yield map(_envelope, _whole_rows(source, after, last))
        after = last


def whole_pages_back(source: Source, before: int, down_to: int) -> Iterator[Iterator[Envelope]]:
    """The events before one version down to another, newest first, page by page; raises what `whole_pages` does."""
    while before > down_to:
        first = max(before - PAGE, down_to)
        yield map(_envelope, reversed(_whole_rows(source, first - 1, before - 1)))
        before = first


def _whole_rows(source: Source, after: int, upto: int) -> Sequence[_Row]:
    rows = _rows(source, after, upto)
    if len(rows) < upto - after:
        held = {row[0] for row in rows}
        missing = next(version for version in range(after + 1, upto + 1) if version not in held)
        raise DamagedError(source.stream, missing, "it is missing")
    return rows


def _rows(source: Source, after: int, upto: int) -> Sequence[_Row]:
    with source.database.reading() as connection:
        cursor = source.database.backend.cursor(connection)
        cursor.execute(source.sql.page, (place_of(source.stream_id, after), place_of(source.stream_id, upto)))
        return cursor.fetchall()


def version_outside(connection: Connection, stream_id: int, first: int, last: int) -> int | None:
    """The lowest stored version that lies outside a stream's bounds; None when all is well."""
    lowest = select(EVENTS.c.version).where(*_in_stream(stream_id)).order_by(EVENTS.c.place).limit(1)
    for outside in (EVENTS.c.place < place_of(stream_id, first), EVENTS.c.place > place_of(stream_id, last)):
        found: int | None = connection.execute(lowest.where(outside)).scalar_one_or_none()
        if found is not None:
            return found
    return None


def _in_stream(stream_id: int) -> tuple[ColumnElement[bool], ...]:
    return EVENTS.c.place >= place_of(stream_id, 0), EVENTS.c.place <= place_of(stream_id, MAX_VERSION)
