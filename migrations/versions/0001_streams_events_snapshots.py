"""Streams, their events and snapshots, and the guards that keep events as they were written."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

EVENTS, STREAMS, HEADS = "events are immutable", "streams are immutable", "a stream keeps its head"
REWOUND = "NEW.stream_id <> OLD.stream_id OR NEW.version < OLD.version OR NEW.epoch < OLD.epoch"

GUARDS = {
    "events_refuse_update": ("BEFORE UPDATE ON events", EVENTS),
    "events_refuse_delete": ("BEFORE DELETE ON events", EVENTS),
    "streams_refuse_delete": ("BEFORE DELETE ON streams", STREAMS),
    "streams_refuse_update": ("BEFORE UPDATE ON streams", STREAMS),
    "heads_refuse_delete": ("BEFORE DELETE ON heads", HEADS),
    "heads_refuse_rewind": (f"BEFORE UPDATE ON heads {{each}} WHEN ({REWOUND})", "a head never goes back"),
}
POSTGRES_GUARDS = {
    "events_refuse_truncate": ("events", EVENTS),
    "streams_refuse_truncate": ("streams", STREAMS),
    "heads_refuse_truncate": ("heads", HEADS),
}
POSTGRES_REFUSAL = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = TG_ARGV[0];
END
$$
"""


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
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
        # For people with a query to write. PostgreSQL before 18 has no computed columns but stored ones.
        sa.Column("stream_id", sa.Integer, sa.Computed("place >> 40", persisted=on_postgres)),
        sa.Column("version", sa.BigInteger, sa.Computed("place & 1099511627775", persisted=on_postgres)),
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
    if on_postgres:
        guard_postgres()
    else:
        guard_sqlite()


def guard_sqlite() -> None:
    for name, (when, problem) in GUARDS.items():
        moment = when.replace("{each} ", "")
        op.execute(f"CREATE TRIGGER {name} {moment} BEGIN SELECT RAISE(ABORT, '{problem}'); END")


def guard_postgres() -> None:
    op.execute(POSTGRES_REFUSAL)
    for name, (when, problem) in GUARDS.items():
        each = "FOR EACH ROW"
        moment = when.replace("{each}", each) if "{each}" in when else f"{when} {each}"
        op.execute(f"CREATE TRIGGER {name} {moment} EXECUTE FUNCTION refuse_change('{problem}')")
    for name, (table, problem) in POSTGRES_GUARDS.items():
        op.execute(
            f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION refuse_change('{problem}')"
        )
    for name in (*GUARDS, *POSTGRES_GUARDS):
        table = name.partition("_")[0]
        op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")  # a replica's connections, too


def downgrade() -> None:
    raise CommandError("events are never thrown away: restore a backup made before the upgrade instead")
