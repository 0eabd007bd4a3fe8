"""The rows of the tables `streams` and `heads`: one of each for every stream."""

from typing import Any

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from perptape.eventstore.errors import StreamExistsError, StreamNotFoundError
from perptape.eventstore.segment import address, segment_named
from perptape.eventstore.segment_rows import find_segments
from perptape.eventstore.stream import Head, Stream
from perptape.eventstore.tables import HEADS, STREAMS

_STREAMS_AND_HEADS = select(
    *STREAMS.columns, HEADS.c.version.label("head_version"), HEADS.c.hash.label("head_hash"), HEADS.c.epoch
).join(HEADS, HEADS.c.stream_id == STREAMS.c.id)


def insert_stream(connection: Connection, stream: Stream) -> int:
    """Add a stream's rows and return its id. Raises StreamExistsError."""
    stream_id = add_stream(connection, stream)
    connection.execute(insert(HEADS).values(stream_id=stream_id, **stream.head._asdict()))
    return stream_id


def add_stream(connection: Connection, stream: Stream) -> int:
    """Add a stream's row without its head: nobody can see it. Raises StreamExistsError."""
    try:
        values = insert(STREAMS).values(stream_values(stream)).returning(STREAMS.c.id)
        return int(connection.execute(values).scalar_one())
    except IntegrityError:
        raise StreamExistsError(stream.name) from None


def stream_values(stream: Stream) -> dict[str, object]:
    """What a stream's row holds beside its id, in the order of its columns."""
    return {
        "name": stream.name,
        "nonce": stream.nonce,
        "format_name": stream.format_name,
        "metadata": stream.metadata,
        "first_version": stream.first_version,
        "previous_hash": stream.previous_hash,
    }


def find_stream(connection: Connection, name: str) -> tuple[int, Stream]:
    """A stream and its id. Raises StreamNotFoundError."""
    row = connection.execute(_STREAMS_AND_HEADS.where(STREAMS.c.name == name)).one_or_none()
    if row is not None:
        return row.id, _stream(row)
    wanted = address(name).stream
    if wanted == name:
        raise StreamNotFoundError(name)
    stream_id, stream = find_stream(connection, wanted)
    return stream_id, segment_named(find_segments(connection, stream_id, stream), name).stream


def all_streams(connection: Connection) -> list[Stream]:
    """Every stream, in the order of their names' code points on every database."""
    found = connection.execute(_STREAMS_AND_HEADS)
    return sorted((_stream(row) for row in found), key=lambda stream: stream.name)


def all_heads(connection: Connection) -> dict[str, Head]:
    """Every stream's head, by the stream's name, without the rest of the streams' rows."""
    heads = select(STREAMS.c.name, HEADS.c.version, HEADS.c.hash, HEADS.c.epoch)
    found = connection.execute(heads.join(HEADS, HEADS.c.stream_id == STREAMS.c.id))
    return {name: Head(version, digest, epoch) for name, version, digest, epoch in found}


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
