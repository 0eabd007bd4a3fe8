"""The rows of the table `snapshots`."""

from sqlalchemy import Connection, delete, func, insert, select, update

from perptape.eventstore.place import place_of
from perptape.eventstore.snapshot import Snapshot, SnapshotEntry, state_digest
from perptape.eventstore.snapshot_retention import DatedSnapshot, Retention, expired
from perptape.eventstore.tables import EVENTS, SNAPSHOTS

_COLUMNS = SNAPSHOTS.columns


def put_snapshot(connection: Connection, stream_id: int, snapshot: Snapshot) -> None:
    """Store a snapshot in the place of any other of its version and behaviour."""
    connection.execute(
        delete(SNAPSHOTS).where(
            _COLUMNS.stream_id == stream_id,
            _COLUMNS.version == snapshot.version,
            _COLUMNS.behaviour == snapshot.behaviour,
        )
    )
    connection.execute(
        insert(SNAPSHOTS).values(
            stream_id=stream_id,
            version=snapshot.version,
            behaviour=snapshot.behaviour,
            state=snapshot.state,
            state_digest=state_digest(snapshot.state),
            status="active",
        )
    )


def newest_active(connection: Connection, stream_id: int, behaviour: str, upto: int) -> tuple[Snapshot, str] | None:
    """The newest snapshot in use of a behaviour, not above `upto`, and the digest it was saved with."""
    statement = (
        select(_COLUMNS.version, _COLUMNS.behaviour, _COLUMNS.state, _COLUMNS.state_digest)
        .where(
            _COLUMNS.stream_id == stream_id,
            _COLUMNS.behaviour == behaviour,
            _COLUMNS.status == "active",
            _COLUMNS.version <= upto,
        )
        .order_by(_COLUMNS.version.desc())
        .limit(1)
    )
    row = connection.execute(statement).one_or_none()
    return None if row is None else (Snapshot(row.version, row.behaviour, row.state), row.state_digest)


def list_snapshots(connection: Connection, stream_id: int) -> list[SnapshotEntry]:
    """Every snapshot of a stream, without the states themselves."""
    statement = select(
        _COLUMNS.version,
        _COLUMNS.behaviour,
        _COLUMNS.state_digest,
        func.length(_COLUMNS.state),
        _COLUMNS.status,
        _COLUMNS.reason,
    ).where(_COLUMNS.stream_id == stream_id)
    return sorted(SnapshotEntry(*row) for row in connection.execute(statement))


def set_aside(connection: Connection, stream_id: int, version: int, behaviour: str, reason: str) -> None:
    """Mark a snapshot as not to be used, and why."""
    connection.execute(
        update(SNAPSHOTS)
        .where(
            _COLUMNS.stream_id == stream_id,
            _COLUMNS.version == version,
            _COLUMNS.behaviour == behaviour,
        )
        .values(status="set_aside", reason=reason)
    )


def prune(connection: Connection, stream_id: int, head_version: int, retention: Retention) -> list[SnapshotEntry]:
    """Delete the snapshots that need not be kept, and list them; the events that they were folded from stay."""
    # The id is not a column in this sum: on PostgreSQL it is too short a number to be shifted.
    place = _COLUMNS.version + place_of(stream_id, 0)
    times = select(_COLUMNS.version, EVENTS.c.at_ns).join(EVENTS, EVENTS.c.place == place)
    rows = connection.execute(times.where(_COLUMNS.stream_id == stream_id).distinct())
    at_ns: dict[int, int] = {row.version: row.at_ns for row in rows}
    head = select(EVENTS.c.at_ns).where(EVENTS.c.place == place_of(stream_id, head_version))
    head_at_ns: int = connection.execute(head).scalar_one_or_none() or 0
    dated = [DatedSnapshot(entry, at_ns.get(entry.version)) for entry in list_snapshots(connection, stream_id)]
    gone = expired(dated, head_at_ns, retention)
    for entry in gone:
        connection.execute(
            delete(SNAPSHOTS).where(
                _COLUMNS.stream_id == stream_id,
                _COLUMNS.version == entry.version,
                _COLUMNS.behaviour == entry.behaviour,
            )
        )
    return gone
