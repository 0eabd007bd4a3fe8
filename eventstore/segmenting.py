"""Sealing a stream's last segment, continuing the stream in the next one, and archiving what is sealed."""

from pathlib import Path

from sqlalchemy import Connection

from perptape.eventstore.archive_file import archive_of, require_archive
from perptape.eventstore.database import Database
from perptape.eventstore.errors import ConflictError, FencedError, InvalidStreamError
from perptape.eventstore.head_row import HeadRow
from perptape.eventstore.linking import linked
from perptape.eventstore.segment import Beginning, Begun, Segment, address, open_name, segment_named
from perptape.eventstore.segment_rows import (
    delete_events,
    find_segments,
    has_events,
    hash_of,
    insert_archive,
    insert_segment,
    locked_head,
    seal_head,
)
from perptape.eventstore.stream import Head
from perptape.eventstore.stream_rows import find_stream

DELETED_AT_A_TIME = 10_000
"""Archived events deleted by one transaction: writers wait for no longer than that."""


class Segmenting:
    """What is done to the segments of one store. `folder` is where archives lie."""

    def __init__(self, database: Database, folder: Path | None) -> None:
        self._database = database
        self._folder = folder

    def segments(self, name: str) -> list[Segment]:
        """All segments of a stream, or the one that the name means. Raises StreamNotFoundError."""
        with self._database.reading() as connection:
            found = _all_of(connection, name)[1]
        return found if address(name).number is None else [segment_named(found, name)]

    def open_name(self, name: str, expected_version: int) -> str:
        """The stream to which an append to a segment goes.

        Raises SealedError when it would follow an event of a sealed segment, and StreamNotFoundError.
        """
        with self._database.reading() as connection:
            return open_name(_all_of(connection, name)[1], name, expected_version)

    def seal(self, name: str, epoch: int | None) -> Head:
        """Close the last segment. One that is sealed and that nothing continues yet stays as it is."""
        with self._database.writing() as connection:
            stream_id, _ = find_stream(connection, name)
            head = locked_head(connection, stream_id)
            _require_epoch(name, head, epoch)
            if not head.sealed:
                seal_head(connection, stream_id, sealed=True)
        return head.head()

    def continue_stream(self, name: str, expected_version: int, beginning: Beginning, epoch: int | None) -> Head:
        """Seal the stream at the expected version and begin the next segment with its opening, all in one."""
        with self._database.writing() as connection:
            stream_id, _ = find_stream(connection, name)
            head = locked_head(connection, stream_id)
            _, segments = _all_of(connection, name)
            last = segments[-1].stream
            envelopes = linked(
                head.hash if expected_version == head.version else last.opening_hash,
                expected_version,
                [beginning.opening],
            )
            if len(segments) > 1 and (last.first_version, envelopes[0][-1]) == (
                expected_version + 1,
                hash_of(connection, stream_id, last.first_version),
            ):
                return Head(last.first_version, envelopes[0][-1], head.epoch)
            _require_epoch(name, head, epoch)
            if expected_version != head.version:
                raise ConflictError(name, expected_version, head.version)
            if head.version < last.first_version:
                raise InvalidStreamError(f"stream {name!r} has no events yet: nothing to continue")
            begun = Begun(len(segments) + 1, beginning.nonce, beginning.metadata, head.version + 1, head.hash)
            insert_segment(connection, stream_id, begun)
            if head.sealed:
                seal_head(connection, stream_id, sealed=False)
            return self._database.appender.extend(self._database.backend.cursor(connection), head, envelopes).head()

    def archive(self, name: str, path: Path) -> Segment:
        """Take the file for the events of a sealed segment, and delete them. Repeating goes on where it was stopped."""
        stream_id, segment = self._one(name)
        if segment.archive is None:
            archived = archive_of(self._folder, segment, path)
            with self._database.writing() as connection:
                insert_archive(connection, stream_id, archived)
            segment = segment._replace(archive=archived)
        self._delete_archived(stream_id, segment)
        return segment

    def _delete_archived(self, stream_id: int, segment: Segment) -> None:
        if segment.archive is None:
            raise AssertionError(f"{segment.name} is in no archive")
        require_archive(self._folder, segment.stream.name, segment.archive)
        after, last = segment.stream.first_version - 1, segment.stream.head.version
        while after < last:
            upto = min(after + DELETED_AT_A_TIME, last)
            with self._database.reading() as connection:
                there = has_events(connection, stream_id, after, upto)
            if there:
                with self._database.writing() as connection:
                    delete_events(connection, stream_id, after, upto)
            after = upto

    def _one(self, name: str) -> tuple[int, Segment]:
        with self._database.reading() as connection:
            stream_id, segments = _all_of(connection, name)
        return stream_id, segment_named(segments, name)


def _all_of(connection: Connection, name: str) -> tuple[int, list[Segment]]:
    """All segments of the stream that a name means, or means one of, and the stream's id."""
    stream_id, stream = find_stream(connection, address(name).stream)
    return stream_id, find_segments(connection, stream_id, stream)


def _require_epoch(name: str, head: HeadRow, epoch: int | None) -> None:
    if epoch is not None and epoch != head.epoch:
        raise FencedError(name, epoch, head.epoch)
