"""The rows of the tables `streams` and `heads`: one of each for every stream."""

from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from eventstore.errors import StreamExistsError, StreamNotFoundError
from eventstore.stream import Head, Stream
from eventstore.tables import HEADS, STREAMS

_STREAMS_AND_HEADS = select(
    *STREAMS.columns, HEADS.c.version.label("head_version"), HEADS.c.hash.label("head_hash"), HEADS.c.epoch
).join(HEADS, HEADS.c.stream_id == STREAMS.c.id)


def insert_stream(connection: Connection, stream: Stream) -> int:
    """Add a stream's rows and return its id. Raises StreamExistsError."""
    values = {
        "name": stream.name,
        "nonce": stream.nonce,
        "format_name": stream.format_name,
        "metadata": stream.metadata,
        "first_version": stream.first_version,
        "previous_hash": stream.previous_hash,
    }
    try:
        stream_id = int(connection.execute(insert(STREAMS).values(values).returning(STREAMS.c.id)).scalar_one())
    except IntegrityError:
        raise StreamExistsError(stream.name) from None
    connection.execute(insert(HEADS).values(stream_id=stream_id, **stream.head._asdict()))
    return stream_id


def find_stream(connection: Connection, name: str) -> tuple[int, Stream]:
    """A stream and its id. Raises StreamNotFoundError."""
    row = connection.execute(_STREAMS_AND_HEADS.where(STREAMS.c.name == name)).one_or_none()
    if row is None:
        raise StreamNotFoundError(name)
    return row.id, _stream(row)


def all_streams(connection: Connection) -> list[Stream]:
    """Every stream, in the order of their names' code points on every database."""
    found = connection.execute(_STREAMS_AND_HEADS)
    return sorted((_stream(row) for row in found), key=lambda stream: stream.name)


def raise_epoch(connection: Connection, name: str) -> Head:
    """Add one to a stream's epoch. Raises StreamNotFoundError."""
    stream_id = select(STREAMS.c.id).where(STREAMS.c.name == name).scalar_subquery()
    statement = update(HEADS).where(HEADS.c.stream_id == stream_id).values(epoch=HEADS.c.epoch + 1)
    row = connection.execute(statement.returning(HEADS.c.version, HEADS.c.hash, HEADS.c.epoch)).one_or_none()
    if row is None:
        raise StreamNotFoundError(name)
    return Head(*row)


def _stream(row: Any) -> Stream:
    head = Head(row.head_version, row.head_hash, row.epoch)
    return Stream(row.name, row.nonce, row.format_name, row.metadata, row.first_version, row.previous_hash, head)
