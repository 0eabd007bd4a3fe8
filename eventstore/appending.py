"""Adding events: the hot path of a bot, one transaction for each append, however many turns it holds."""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from eventstore.database import driver_cursor
from eventstore.driver_sql import COLUMNS_PER_ROW, ROWS_PER_INSERT, DriverSql
from eventstore.envelope import Envelope, EnvelopeLike, RecordLike
from eventstore.errors import ConflictError, DamagedError, FencedError, StreamNotFoundError
from eventstore.linking import BrokenLink, checked_for_storing, linked
from eventstore.place import place_of
from eventstore.stream import Head, Stream
from eventstore.stream_rows import find_stream, insert_stream

_IMPORT_BATCH = 1_000


class _LockedHead(NamedTuple):
    stream_id: int
    version: int
    hash: bytes
    epoch: int


def append_records(
    cursor: DBAPICursor,
    sql: DriverSql,
    name: str,
    expected_version: int,
    records: Sequence[RecordLike],
    *,
    epoch: int | None,
) -> Head:
    """Add the records after `expected_version` inside the caller's transaction, and return the new head.

    Raises StreamNotFoundError, FencedError, ConflictError (a repeated append, too) and InvalidRecordError.
    """
    cursor.execute(sql.head, (name,))
    row = cursor.fetchone()
    if row is None:
        raise StreamNotFoundError(name)
    head = _LockedHead(*row)
    if epoch is not None and epoch != head.epoch:
        raise FencedError(name, epoch, head.epoch)
    if expected_version != head.version:
        raise ConflictError(name, expected_version, head.version)
    envelopes = linked(head.hash, head.version, records)
    if not envelopes:
        return Head(head.version, head.hash, head.epoch)
    _insert(cursor, sql, head.stream_id, envelopes)
    return _move_head(cursor, sql, head.stream_id, envelopes[-1], head.epoch)


def stored_append(
    connection: Connection, sql: DriverSql, name: str, expected_version: int, records: Sequence[RecordLike]
) -> Head | None:
    """What this append returned when it was stored, known by equal hashes at its versions; None if it never was."""
    stream_id, stream = find_stream(connection, name)
    before, last = stream.first_version - 1, expected_version + len(records)
    if not records or expected_version < before or last > stream.head.version:
        return None
    cursor = driver_cursor(connection)
    cursor.execute(sql.hashes, (place_of(stream_id, expected_version - 1), place_of(stream_id, last)))
    hashes = [found for (found,) in cursor.fetchall()]
    if expected_version == before:
        hashes.insert(0, stream.opening_hash)
    if not hashes:
        return None
    again = [digest for *_, digest in linked(hashes[0], expected_version, records)]
    return Head(last, again[-1], stream.head.epoch) if again == hashes[1:] else None


def import_envelopes(connection: Connection, sql: DriverSql, stream: Stream, envelopes: Iterable[Envelope]) -> Head:
    """Make the stream and fill it inside the caller's transaction. Raises DamagedError and StreamExistsError."""
    stream_id = insert_stream(connection, stream)
    cursor = driver_cursor(connection)
    sound = checked_for_storing(stream.head.hash, stream.head.version, envelopes)
    head = stream.head
    try:
        while batch := list(islice(sound, _IMPORT_BATCH)):
            _insert(cursor, sql, stream_id, batch)
            head = _move_head(cursor, sql, stream_id, batch[-1], head.epoch)
    except BrokenLink as broken:
        raise DamagedError(stream.name, broken.version, broken.reason) from broken
    return head


def _insert(cursor: DBAPICursor, sql: DriverSql, stream_id: int, envelopes: Sequence[EnvelopeLike]) -> None:
    values: list[object] = list(chain.from_iterable(envelopes))
    place = place_of(stream_id, envelopes[0][0])
    values[::COLUMNS_PER_ROW] = range(place, place + len(envelopes))
    wide = COLUMNS_PER_ROW * ROWS_PER_INSERT
    whole = len(values) - len(values) % wide
    if whole:
        cursor.executemany(sql.insert_many, [values[at : at + wide] for at in range(0, whole, wide)])
    for at in range(whole, len(values), COLUMNS_PER_ROW):
        cursor.execute(sql.insert_one, values[at : at + COLUMNS_PER_ROW])


def _move_head(cursor: DBAPICursor, sql: DriverSql, stream_id: int, last: EnvelopeLike, epoch: int) -> Head:
    version, digest = last[0], last[-1]
    cursor.execute(sql.move_head, (version, digest, stream_id))
    return Head(version, digest, epoch)
