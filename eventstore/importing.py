"""Importing a stream in many transactions: killed on the way, nobody sees it; begun again, it goes on from there.

A stream that is being imported has its row in `streams`, which keeps its name, and one in `imports`, but no head: it
cannot be found, read or appended to. The last transaction gives it its head, and from then on it is there as a whole.
An import that cannot be finished is thrown away again; that is the only time that events leave the database but for
those in archives, and the guards see to it that it goes no further than a stream without a head.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from sqlalchemy import Connection, delete, insert, select, update

from perptape.eventstore.database import Database
from perptape.eventstore.driver_sql import ENVELOPE_COLUMNS, ReadingSql
from perptape.eventstore.envelope import Envelope
from perptape.eventstore.errors import (
    ConflictError,
    DamagedError,
    ImportUnfinishedError,
    StoreReadOnlyError,
    StoreUnavailableError,
    StreamExistsError,
)
from perptape.eventstore.linking import BrokenLink, checked_for_storing
from perptape.eventstore.place import place_of
from perptape.eventstore.reading import Source, pages
from perptape.eventstore.segment_rows import delete_events
from perptape.eventstore.stream import Head, Stream
from perptape.eventstore.stream_rows import add_stream, stream_values
from perptape.eventstore.tables import EVENTS, HEADS, IMPORTS, STREAMS

BATCH = 5_000
"""Events stored by one transaction, and the most that a killed import has to store again."""
DELETED_AT_A_TIME = 10_000

_UNFINISHED = select(*STREAMS.columns, IMPORTS.c.version).join(IMPORTS, IMPORTS.c.stream_id == STREAMS.c.id)
_PLACE_AND_FIELDS = ("place", *ENVELOPE_COLUMNS)


def import_stream(database: Database, sql: ReadingSql, stream: Stream, envelopes: Iterable[Envelope]) -> Head:
    """Store the stream, or what is missing of it, and let it be seen.

    Raises DamagedError, StreamExistsError, ConflictError (another process imports it at the same time), and whatever
    `envelopes` raises: nothing is kept then. What is stored when the store fails or the process ends is kept for the
    next attempt.
    """
    stream_id, reached = _begin(database, stream)
    importing = _Import(database, Source(database, sql, stream_id, stream.name), stream, reached)
    try:
        sound = checked_for_storing(stream.opening_hash, stream.first_version - 1, envelopes)
        return importing.finish(importing.store(importing.not_stored(sound)))
    except BrokenLink as broken:
        importing.discard()
        raise DamagedError(stream.name, broken.version, broken.reason) from broken
    except (StoreUnavailableError, ConflictError):
        raise
    except Exception:  # whatever the source of the events raised: what came of it so far is not wanted
        importing.discard()
        raise


def refuse_unfinished(database: Database, name: str, refusal: StreamExistsError) -> StreamExistsError:
    """The error for a name that is taken: ImportUnfinishedError when it is an import that took it."""
    with database.reading() as connection:
        unfinished = connection.execute(_UNFINISHED.where(STREAMS.c.name == name)).one_or_none()
    return refusal if unfinished is None else ImportUnfinishedError(name)


class _Import:
    """One import on its way. `reached` is the last version that is stored."""

    def __init__(self, database: Database, source: Source, stream: Stream, reached: int) -> None:
        self._database = database
        self._source = source
        self._stream = stream
        self._reached = reached
        self._before = stream.first_version - 1

    def not_stored(self, envelopes: Iterable[Envelope]) -> Iterator[Envelope]:
        """Those after what is stored already; stored ones that are not the same are thrown away and given out."""
        stored = chain.from_iterable(pages(self._source, self._before, self._reached))
        position = self._before
        source = iter(envelopes)
        while position < self._reached:
            envelope = next(source, None)
            if envelope is None or next(stored, None) != envelope:
                self._cut(position)
                if envelope is not None:
                    yield envelope
                break
            position = envelope.version
        yield from source

    def store(self, envelopes: Iterator[Envelope]) -> Envelope | None:
        """Store these, a batch in each transaction; the last one, None when there was none."""
        last: Envelope | None = None
        while batch := list(islice(envelopes, BATCH)):
            last = batch[-1]
            with self._database.writing() as connection:
                self._move(connection, last.version)
                connection.execute(insert(EVENTS), [self._row(envelope) for envelope in batch])
            self._reached = last.version
        return last

    def finish(self, last: Envelope | None) -> Head:
        """Give the stream its head: now it is there."""
        digest = self._stream.opening_hash if self._reached == self._before else self._last_hash(last)
        head = Head(self._reached, digest, 0)
        with self._database.writing() as connection:
            self._move(connection, self._reached)
            connection.execute(insert(HEADS).values(stream_id=self._source.stream_id, **head._asdict()))
            connection.execute(delete(IMPORTS).where(IMPORTS.c.stream_id == self._source.stream_id))
        return head

    def discard(self) -> None:
        """Throw away what is stored. A user who may not delete leaves it to the next import, unseen as it is."""
        try:
            self._cut(self._before)
            with self._database.writing() as connection:
                self._move(connection, self._before)
                connection.execute(delete(STREAMS).where(STREAMS.c.id == self._source.stream_id))
        except StoreReadOnlyError:
            return

    def _cut(self, keep: int) -> None:
        """Delete the stored events after a version, the last ones first."""
        while self._reached > keep:
            after = max(self._reached - DELETED_AT_A_TIME, keep)
            with self._database.writing() as connection:
                self._move(connection, after)
                delete_events(connection, self._source.stream_id, after, self._reached)
            self._reached = after

    def _move(self, connection: Connection, version: int) -> None:
        """Note how far it got, and take the lock. Raises ConflictError when somebody else has got elsewhere."""
        ours = (IMPORTS.c.stream_id == self._source.stream_id, IMPORTS.c.version == self._reached)
        if not connection.execute(update(IMPORTS).where(*ours).values(version=version)).rowcount:
            found = select(IMPORTS.c.version).where(IMPORTS.c.stream_id == self._source.stream_id)
            actual = connection.execute(found).scalar_one_or_none()
            raise ConflictError(self._stream.name, self._reached, self._reached if actual is None else actual)

    def _last_hash(self, last: Envelope | None) -> bytes:
        if last is not None:
            return last.hash
        [stored] = chain.from_iterable(pages(self._source, self._reached - 1, self._reached))
        return stored.hash

    def _row(self, envelope: Envelope) -> dict[str, object]:
        place = place_of(self._source.stream_id, envelope.version)
        return dict(zip(_PLACE_AND_FIELDS, (place, *envelope[1:]), strict=True))


def _begin(database: Database, stream: Stream) -> tuple[int, int]:
    """The id of the unfinished stream and the last version it has; one of another origin is thrown away first."""
    with database.reading() as connection:
        found = connection.execute(_UNFINISHED.where(STREAMS.c.name == stream.name)).one_or_none()
    if found is not None:
        if found[1:-1] == tuple(stream_values(stream).values()):
            return found.id, found.version
        source = Source(database, ReadingSql("", ""), found.id, stream.name)
        _Import(database, source, stream._replace(first_version=found.first_version), found.version).discard()
    with database.writing() as connection:
        stream_id = add_stream(connection, stream)
        reached = stream.first_version - 1
        connection.execute(insert(IMPORTS).values(stream_id=stream_id, version=reached))
    return stream_id, reached
