"""Adding events, as far as it is the same on every database: appends that were stored before, and whole streams."""

from collections.abc import Iterable, Sequence
from itertools import islice

from sqlalchemy import Connection

from eventstore.database import Database
from eventstore.driver_sql import ReadingSql
from eventstore.envelope import Envelope, RecordLike
from eventstore.errors import DamagedError
from eventstore.head_row import HeadRow
from eventstore.linking import BrokenLink, checked_for_storing, linked
from eventstore.place import place_of
from eventstore.stream import Head, Stream
from eventstore.stream_rows import find_stream, insert_stream

_IMPORT_BATCH = 1_000


def stored_append(
    database: Database, sql: ReadingSql, name: str, expected_version: int, records: Sequence[RecordLike]
) -> Head | None:
    """What this append returned when it was stored, known by equal hashes at its versions; None if it never was."""
    with database.reading() as connection:
        stream_id, stream = find_stream(connection, name)
        before, last = stream.first_version - 1, expected_version + len(records)
        if not records or expected_version < before or last > stream.head.version:
            return None
        cursor = database.backend.cursor(connection)
        cursor.execute(sql.hashes, (place_of(stream_id, expected_version - 1), place_of(stream_id, last)))
        hashes = [found for (found,) in cursor.fetchall()]
    if expected_version == before:
        hashes.insert(0, stream.opening_hash)
    if not hashes:
        return None
    again = [digest for *_, digest in linked(hashes[0], expected_version, records)]
    return Head(last, again[-1], stream.head.epoch) if again == hashes[1:] else None


def import_envelopes(database: Database, connection: Connection, stream: Stream, envelopes: Iterable[Envelope]) -> Head:
    """Make the stream and fill it inside the caller's transaction. Raises DamagedError and StreamExistsError."""
    head = HeadRow(insert_stream(connection, stream), *stream.head)
    cursor = database.backend.cursor(connection)
    sound = checked_for_storing(head.hash, head.version, envelopes)
    try:
        while batch := list(islice(sound, _IMPORT_BATCH)):
            head = database.appender.extend(cursor, head, batch)
    except BrokenLink as broken:
        raise DamagedError(stream.name, broken.version, broken.reason) from broken
    return head.head()
