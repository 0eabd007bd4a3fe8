"""Appends that were stored before: the same on every database."""

from collections.abc import Sequence

from perptape.eventstore.database import Database
from perptape.eventstore.driver_sql import ReadingSql
from perptape.eventstore.envelope import RecordLike
from perptape.eventstore.linking import linked
from perptape.eventstore.place import place_of
from perptape.eventstore.stream import Head
from perptape.eventstore.stream_rows import find_stream


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
