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
    """Add the records after `expected_version` inside the caller's transaction, and return the new head."""
    cursor.execute(sql.head, (name,))
    row = cursor.fetchone()
    if row is None:
        raise StreamNotFoundError(name)
    head = _LockedHead(*row)
    if epoch is not None and epoch != head.epoch:
        raise FencedError(name, epoch, head.epoch)
    if expected_version != head.version:
        return _repeated(cursor, sql, name, head, (expected_version, records))
    envelopes = linked(head.hash, head.version, records)
    if not envelopes:
        return Head(head.version, head.hash, head.epoch)
    _insert(cursor, sql, head.stream_id, envelopes)
    return _move_head(cursor, sql, head.stream_id, envelopes[-1], head.epoch)


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
    ours = (stream_id,)
    whole = len(envelopes) - len(envelopes) % ROWS_PER_INSERT
    if whole:
        flat = list(chain.from_iterable([ours + envelope for envelope in envelopes[:whole]]))
        width = COLUMNS_PER_ROW * ROWS_PER_INSERT
        cursor.executemany(sql.insert_many, [flat[start : start + width] for start in range(0, len(flat), width)])
    for envelope in envelopes[whole:]:
        cursor.execute(sql.insert_one, ours + envelope)


def _move_head(cursor: DBAPICursor, sql: DriverSql, stream_id: int, last: EnvelopeLike, epoch: int) -> Head:
    version, digest = last[0], last[-1]
    cursor.execute(sql.move_head, (version, digest, stream_id))
    return Head(version, digest, epoch)


def _repeated(connection: Connection, sql: DriverSql, name: str, expected: int, records: Sequence[RecordLike]) -> Head:
    """The result of an append that was stored before: the same hashes lie at the same versions."""
    stream_id, stream = find_stream(connection, name)
    first, last = stream.first_version, expected + len(records)
    if records and first - 1 <= expected and last <= stream.head.version:
        cursor = driver_cursor(connection)
        cursor.execute(sql.hashes, (stream_id, expected - 1, last))
        hashes = [found for (found,) in cursor.fetchall()]
        before = [stream.opening_hash] if expected == first - 1 else []
        previous, *stored = before + hashes
        again = linked(previous, expected, records)
        if [envelope.hash for envelope in again] == stored:
            return Head(last, again[-1].hash, stream.head.epoch)
    raise ConflictError(name, expected, stream.head.version)
