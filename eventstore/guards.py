"""The guards that keep stored events from being changed, and the proof that they are there.

They are triggers made by the migrations. A REPLACE is a deletion to SQLite and seen by them only on connections with
`recursive_triggers`, which ours are; a trigger on INSERT would stop other programs' too, but costs every append a
sixth (measured). What a foreign program does to the file, `verify` finds.
"""

from sqlalchemy import Connection, delete, insert, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.expression import Executable

from eventstore import sqlite
from eventstore.database import Database
from eventstore.errors import GuardsMissingError
from eventstore.place import place_of
from eventstore.tables import EVENTS, HEADS, STREAMS

GUARDS = frozenset(
    {
        "events_refuse_update",
        "events_refuse_delete",
        "streams_refuse_delete",
        "streams_refuse_update",
        "heads_refuse_delete",
        "heads_refuse_rewind",
    }
)
"""Names of the triggers that every store has."""

_PROBE_STREAM = {
    "id": -1, "name": "\x00probe", "nonce": "", "format_name": "", "metadata": b"", "first_version": 1,
    "previous_hash": None,
}  # fmt: skip
# Of a stream with a head the foreign key would refuse the deletion, and the guard would prove nothing.
_HEADLESS_STREAM = {**_PROBE_STREAM, "id": -2, "name": "\x00probe without a head"}
_PROBE_HEAD = {"stream_id": -1, "version": 1, "hash": b"", "epoch": 1}
_PROBE_EVENT = {
    "place": place_of(-1, 1), "type": "probe", "schema": 1, "at_ns": 0, "cause": None, "data": b"{}", "hash": b"",
}  # fmt: skip

_OUR_EVENT = EVENTS.c.place == _PROBE_EVENT["place"]
_OUR_STREAM = STREAMS.c.id == -1
_OUR_HEAD = HEADS.c.stream_id == -1
_ATTEMPTS: tuple[tuple[str, Executable], ...] = (
    ("an event can be updated", update(EVENTS).where(_OUR_EVENT).values(data=b"{ }")),
    ("an event can be deleted", delete(EVENTS).where(_OUR_EVENT)),
    (
        "an event can be replaced",
        insert(EVENTS).prefix_with("OR REPLACE", dialect="sqlite").values(_PROBE_EVENT),
    ),
    ("a stream can be deleted", delete(STREAMS).where(STREAMS.c.id == _HEADLESS_STREAM["id"])),
    ("a stream can get another nonce", update(STREAMS).where(_OUR_STREAM).values(nonce="other")),
    ("a stream's head can be deleted", delete(HEADS).where(_OUR_HEAD)),
    ("a stream's head can go back", update(HEADS).where(_OUR_HEAD).values(version=0)),
    ("a stream's epoch can go back", update(HEADS).where(_OUR_HEAD).values(epoch=0)),
)


class _Undo(Exception):
    """Leaves the transaction of the probe, which rolls it back."""


def check_catalogue(connection: Connection, store: str) -> None:
    """Raise GuardsMissingError unless the database lists every guard. Cheap; proves less than `check_guards`."""
    missing = GUARDS - sqlite.trigger_names(connection)
    if missing:
        raise GuardsMissingError(store, f"the guard {min(missing)} is missing")


def check_guards(database: Database) -> None:
    """Raise GuardsMissingError unless every guard is listed and stops what it is there to stop.

    It tries on an event of its own, in a transaction that is rolled back, and takes the write lock for that.
    """
    try:
        with database.writing() as connection:
            check_catalogue(connection, database.name)
            connection.execute(insert(STREAMS).values([_PROBE_STREAM, _HEADLESS_STREAM]))
            connection.execute(insert(HEADS).values(_PROBE_HEAD))
            connection.execute(insert(EVENTS).values(_PROBE_EVENT))
            for hole, statement in _ATTEMPTS:
                if _succeeds(connection, statement):
                    raise GuardsMissingError(database.name, hole)
            raise _Undo
    except _Undo:
        return


def _succeeds(connection: Connection, statement: Executable) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except DBAPIError:
        return False
    return True
