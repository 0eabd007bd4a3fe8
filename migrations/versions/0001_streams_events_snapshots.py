"""Streams, their events and snapshots, and the guards that keep events as they were written."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

GUARDS = {
    "events_refuse_update": "BEFORE UPDATE ON events BEGIN SELECT RAISE(ABORT, 'events are immutable'); END",
    "events_refuse_delete": "BEFORE DELETE ON events BEGIN SELECT RAISE(ABORT, 'events are immutable'); END",
    "streams_refuse_delete": "BEFORE DELETE ON streams BEGIN SELECT RAISE(ABORT, 'streams are immutable'); END",
    "streams_refuse_update": "BEFORE UPDATE ON streams BEGIN SELECT RAISE(ABORT, 'streams are immutable'); END",
    "heads_refuse_delete": "BEFORE DELETE ON heads BEGIN SELECT RAISE(ABORT, 'a stream keeps its head'); END",
    "heads_refuse_rewind": (
        "BEFORE UPDATE ON heads "
        "WHEN NEW.stream_id <> OLD.stream_id OR NEW.version < OLD.version OR NEW.epoch < OLD.epoch "
        "BEGIN SELECT RAISE(ABORT, 'a head never goes back'); END"
    ),
}


def upgrade() -> None:
    op.create_table(
        "streams",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("format_name", sa.Text, nullable=False),
        sa.Column("metadata", sa.LargeBinary, nullable=False),
        sa.Column("first_version", sa.BigInteger, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary),
        sa.PrimaryKeyConstraint("id", name="pk_streams"),
        sa.UniqueConstraint("name", name="uq_streams_name"),
    )
    op.create_table(
        "heads",
        sa.Column("stream_id", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("stream_id", name="pk_heads"),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name="fk_heads_stream_id"),
    )
    op.create_table(
        "events",
        sa.Column("place", sa.BigInteger().with_variant(sa.Integer, "sqlite"), autoincrement=False, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("schema", sa.Integer, nullable=False),
        sa.Column("at_ns", sa.BigInteger, nullable=False),
        sa.Column("cause", sa.BigInteger),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("stream_id", sa.Integer, sa.Computed("place >> 40", persisted=False)),
        sa.Column("version", sa.BigInteger, sa.Computed("place & 1099511627775", persisted=False)),
        sa.PrimaryKeyConstraint("place", name="pk_events"),
    )
    op.create_table(
        "snapshots",
        sa.Column("stream_id", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("behaviour", sa.Text, nullable=False),
        sa.Column("state", sa.LargeBinary, nullable=False),
        sa.Column("state_digest", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.PrimaryKeyConstraint("stream_id", "version", "behaviour", name="pk_snapshots"),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name="fk_snapshots_stream_id"),
    )
    for name, guard in GUARDS.items():
        op.execute(f"CREATE TRIGGER {name} {guard}")


def downgrade() -> None:
    raise CommandError("events are never thrown away: restore a backup made before the upgrade instead")
