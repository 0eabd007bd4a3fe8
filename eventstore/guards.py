"""The guards that keep stored events from being changed, and the proof that they are there.

They are triggers made by the migrations. The proof tries, on rows that no stream can have, every change that a guard
must stop, and undoes it all.
"""

from sqlalchemy import Connection, Delete, delete, insert, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from perptape.eventstore import probe
from perptape.eventstore.backend import Attempt, Backend
from perptape.eventstore.database import Database
from perptape.eventstore.errors import GuardsMissingError
from perptape.eventstore.place import place_of
from perptape.eventstore.tables import ARCHIVES, EVENTS, HEADS, IMPORTS, SEGMENTS, STREAMS

_OUR_EVENT = EVENTS.c.place == probe.EVENT["place"]
_OUR_STREAM = STREAMS.c.id == probe.STREAM["id"]
_HEADLESS_STREAM = STREAMS.c.id == probe.HEADLESS_STREAM["id"]
_OUR_HEAD = HEADS.c.stream_id == probe.HEAD["stream_id"]
_EVENTS, _STREAMS = "events are immutable", "streams are immutable"
_STAYS, _GOES_ON = "a stream keeps its head", "a head never goes back"
_OUR_SEGMENT = SEGMENTS.c.stream_id == probe.OVERREACHED
_OUR_ARCHIVE = ARCHIVES.c.stream_id == probe.MISTAKEN
_SEALED_HEAD = HEADS.c.stream_id == probe.UNARCHIVED


def _event_of(stream_id: int) -> Delete:
    return delete(EVENTS).where(EVENTS.c.place == place_of(stream_id, 1))


_ATTEMPTS = (
    Attempt("an event can be updated", update(EVENTS).where(_OUR_EVENT).values(data=b"{ }"), _EVENTS),
    Attempt("an event can be deleted", delete(EVENTS).where(_OUR_EVENT), _EVENTS),
    Attempt("a stream can be deleted", delete(STREAMS).where(_HEADLESS_STREAM), _STREAMS),
    Attempt("a stream can get another nonce", update(STREAMS).where(_OUR_STREAM).values(nonce="other"), _STREAMS),
    Attempt("a stream's head can be deleted", delete(HEADS).where(_OUR_HEAD), _STAYS),
    Attempt("a stream's head can go back", update(HEADS).where(_OUR_HEAD).values(version=0), _GOES_ON),
    Attempt("a stream's epoch can go back", update(HEADS).where(_OUR_HEAD).values(epoch=0), _GOES_ON),
    Attempt("an event can be deleted before it is sealed", _event_of(probe.UNSEALED), _EVENTS),
    Attempt("an event can be deleted that its archive does not contain", _event_of(probe.MISTAKEN), _EVENTS),
    Attempt("an event can be deleted that is in no archive", _event_of(probe.UNARCHIVED), _EVENTS),
    Attempt("an event can be deleted with another segment's archive", _event_of(probe.OVERREACHED), _EVENTS),
    Attempt("an event can be deleted that the next segment does not continue", _event_of(probe.CONTINUED), _EVENTS),
    Attempt("a sealed segment can grow", update(HEADS).where(_SEALED_HEAD).values(version=2), probe.SEALED),
    Attempt("a sealed segment can be opened", update(HEADS).where(_SEALED_HEAD).values(sealed=False), probe.SEALED),
    Attempt("a segment can be moved", update(SEGMENTS).where(_OUR_SEGMENT).values(number=3), probe.SEALED),
    Attempt("a segment's entry can be deleted", delete(SEGMENTS).where(_OUR_SEGMENT), probe.SEALED),
    Attempt("an archive can be changed", update(ARCHIVES).where(_OUR_ARCHIVE).values(hash=b""), probe.SEALED),
    Attempt("an archive's entry can be deleted", delete(ARCHIVES).where(_OUR_ARCHIVE), probe.SEALED),
)


class _Undo(Exception):
    """Leaves the transaction of the probe, which rolls it back."""


def check_catalogue(connection: Connection, backend: Backend) -> None:
    """Raise GuardsMissingError unless every guard is listed and switched on. Cheap; proves less than the proof."""
    missing = backend.guards - backend.guards_in_force(connection)
    if missing:
        raise GuardsMissingError(backend.name, f"the guard {min(missing)} is missing")


def check_guards(database: Database) -> None:
    """Raise GuardsMissingError unless every guard is listed and stops what it is there to stop.

    It takes the locks of a writer for a moment. Raises StoreBusyError when it does not get them.
    """
    try:
        with database.writing() as connection:
            prove_guards(connection, database.backend)
            raise _Undo
    except _Undo:
        return


def prove_guards(connection: Connection, backend: Backend) -> None:
    """As `check_guards`, inside the caller's transaction, which is left as it was."""
    check_catalogue(connection, backend)
    trial = connection.begin_nested()
    try:
        connection.execute(insert(STREAMS).values([probe.STREAM, probe.HEADLESS_STREAM]))
        connection.execute(insert(HEADS).values(probe.HEAD))
        connection.execute(insert(EVENTS).values(probe.EVENT))
        connection.execute(insert(IMPORTS).values(probe.IMPORTS))
        connection.execute(insert(STREAMS).values(probe.SEGMENT_STREAMS))
        connection.execute(insert(HEADS).values(probe.SEGMENT_HEADS))
        connection.execute(insert(EVENTS).values(probe.SEGMENT_EVENTS))
        connection.execute(insert(SEGMENTS).values(probe.SEGMENTS))
        _claim_archives(connection, backend)
        for attempt in (*_ATTEMPTS, *backend.attempts):
            if not _stopped(connection, backend, attempt):
                raise GuardsMissingError(backend.name, attempt.hole)
    finally:
        if trial.is_active:
            trial.rollback()


def _claim_archives(connection: Connection, backend: Backend) -> None:
    """Say of events that they are archived; whoever may not even say so may not delete them either."""
    try:
        with connection.begin_nested():
            connection.execute(insert(ARCHIVES).values(probe.ARCHIVES))
    except DBAPIError as error:
        if not backend.refused(error.orig, probe.SEALED):
            raise


def _stopped(connection: Connection, backend: Backend, attempt: Attempt) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(attempt.change)
    except DBAPIError as error:
        if backend.refused(error.orig, attempt.says):
            return True
        # Something else stopped it, which may not be there next time; a lock not got in time proves nothing at all.
        if not isinstance(error, IntegrityError):
            raise
    return False
