"""The rows of the table `snapshots`."""

from sqlalchemy import Connection, delete, func, insert, select, update

from eventstore.snapshot import Snapshot, SnapshotEntry, state_digest
from eventstore.tables import SNAPSHOTS

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
