"""The rows of the tables `segments` and `archives`, and the seal in `heads`."""

from sqlalchemy import Connection, delete, exists, insert, select, update

from perptape.eventstore.head_row import HeadRow
from perptape.eventstore.place import place_of
from perptape.eventstore.segment import Archived, Begun, Segment, segments_of
from perptape.eventstore.stream import Stream
from perptape.eventstore.tables import ARCHIVES, EVENTS, HEADS, SEGMENTS

_BEGUN = select(*(SEGMENTS.c[name] for name in Begun._fields)).order_by(SEGMENTS.c.number)
_ARCHIVES = select(*(ARCHIVES.c[name] for name in Archived._fields)).order_by(ARCHIVES.c.number)


def locked_head(connection: Connection, stream_id: int) -> HeadRow:
    """The head, which nobody else moves until the transaction ends."""
    row = connection.execute(select(*HEADS.columns).where(HEADS.c.stream_id == stream_id).with_for_update()).one()
    return HeadRow(*row)


def find_segments(connection: Connection, stream_id: int, stream: Stream) -> list[Segment]:
    """All segments of a stream, by number, as far as its head is known."""
    begun = [Begun(*row) for row in connection.execute(_BEGUN.where(SEGMENTS.c.stream_id == stream_id))]
    known = [one for one in begun if one.first_version <= stream.head.version]
    sealed = (
        len(known) < len(begun)
        or connection.execute(
            select(HEADS.c.sealed).where(HEADS.c.stream_id == stream_id, HEADS.c.version == stream.head.version)
        ).scalar_one_or_none()
    )
    return segments_of(stream, known, find_archives(connection, stream_id), sealed=bool(sealed))


def find_archives(connection: Connection, stream_id: int) -> list[Archived]:
    """What of a stream is in archives, by number."""
    return [Archived(*row) for row in connection.execute(_ARCHIVES.where(ARCHIVES.c.stream_id == stream_id))]


def seal_head(connection: Connection, stream_id: int, *, sealed: bool) -> None:
    """Seal the last segment, or break the seal for the segment that is already there to continue it."""
    connection.execute(update(HEADS).where(HEADS.c.stream_id == stream_id).values(sealed=sealed))


def insert_segment(connection: Connection, stream_id: int, begun: Begun) -> None:
    """Add the row of the segment that continues the one before it."""
    connection.execute(insert(SEGMENTS).values(stream_id=stream_id, **begun._asdict()))


def insert_archive(connection: Connection, stream_id: int, archived: Archived) -> None:
    """Say where a segment's events are from now on; only with this row may they leave the database."""
    connection.execute(insert(ARCHIVES).values(stream_id=stream_id, **archived._asdict()))


def delete_events(connection: Connection, stream_id: int, after: int, upto: int) -> None:
    """Delete events that may go: those of an archived segment, or of an import that is not finished."""
    in_range = (EVENTS.c.place > place_of(stream_id, after), EVENTS.c.place <= place_of(stream_id, upto))
    connection.execute(delete(EVENTS).where(*in_range))


def has_events(connection: Connection, stream_id: int, after: int, upto: int) -> bool:
    """Whether the database holds any event there."""
    in_range = (EVENTS.c.place > place_of(stream_id, after), EVENTS.c.place <= place_of(stream_id, upto))
    return bool(connection.execute(select(exists().where(*in_range))).scalar_one())


def hash_of(connection: Connection, stream_id: int, version: int) -> bytes | None:
    """The hash of an event in the database; None when it is not there."""
    found = select(EVENTS.c.hash).where(EVENTS.c.place == place_of(stream_id, version))
    digest: bytes | None = connection.execute(found).scalar_one_or_none()
    return digest
