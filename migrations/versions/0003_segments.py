"""Segments of a long stream, their archives, and imports that go on where they were stopped."""

import sqlalchemy as sa
from alembic import op
from alembic.util import CommandError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

EVENTS, STREAMS = "events are immutable", "streams are immutable"
SEALED = "a sealed segment stays as it is"

GUARDS = {
    "segments_refuse_update": ("UPDATE", "segments"),
    "segments_refuse_delete": ("DELETE", "segments"),
    "archives_refuse_update": ("UPDATE", "archives"),
    "archives_refuse_delete": ("DELETE", "archives"),
}
POSTGRES_GUARDS = {"segments_refuse_truncate": "segments", "archives_refuse_truncate": "archives"}

# A sealed head moves only with the row of the segment that continues it.
MOVES = "(OLD.sealed AND (NEW.version <> OLD.version OR NEW.hash <> OLD.hash OR NOT NEW.sealed))"
CONTINUED = """
    EXISTS (
        SELECT 1 FROM {schema}segments AS next
        WHERE next.stream_id = {id} AND next.first_version = {version} + 1 AND next.previous_hash = {hash}
    )"""
# A stream that has no head yet is being imported, and nobody's so far: what there is of it may be thrown away.
UNFINISHED = """
    EXISTS (SELECT 1 FROM {schema}imports AS import WHERE import.stream_id = {id})
    AND NOT EXISTS (SELECT 1 FROM {schema}heads AS head WHERE head.stream_id = {id})"""
# An event may go when an archive holds the whole sealed segment that it belongs to: the archive's last hash must be the
# one that the next segment continues, or the one of the sealed head.
ARCHIVED = """
    EXISTS (
        SELECT 1 FROM {schema}archives AS archive
        WHERE archive.stream_id = {id} AND {version} BETWEEN archive.first_version AND archive.version
          AND (
            archive.number = 1
            OR EXISTS (
                SELECT 1 FROM {schema}segments AS ours
                WHERE ours.stream_id = {id} AND ours.number = archive.number
                  AND ours.first_version = archive.first_version
            )
          )
          AND (
            EXISTS (
                SELECT 1 FROM {schema}segments AS next
                WHERE next.stream_id = {id} AND next.number = archive.number + 1
                  AND next.first_version = archive.version + 1 AND next.previous_hash = archive.hash
            )
            OR EXISTS (
                SELECT 1 FROM {schema}heads AS head
                WHERE head.stream_id = {id} AND head.sealed
                  AND head.version = archive.version AND head.hash = archive.hash
            )
          )
    )"""
EVENT = {"id": "(OLD.place >> 40)", "version": "(OLD.place & 1099511627775)"}
HEAD = {"id": "OLD.stream_id", "version": "OLD.version", "hash": "OLD.hash"}
STREAM = {"id": "OLD.id", "version": "0"}
DELETIONS = {
    "events": (f"{ARCHIVED} OR ({UNFINISHED})", EVENT, EVENTS),
    "streams": (UNFINISHED, STREAM, STREAMS),
}

# The tables are named with their schema: whatever the search path of whoever writes, the guard looks at its own.
POSTGRES_GUARD = """
CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    allowed boolean;
BEGIN
    EXECUTE format($query$SELECT {condition}$query$, TG_TABLE_SCHEMA) INTO allowed USING {values};
    IF allowed THEN
        RETURN {row};
    END IF;
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = '{problem}';
END
$$
"""


def upgrade() -> None:
    on_postgres = op.get_bind().dialect.name == "postgresql"
    op.add_column("heads", sa.Column("sealed", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_table(
        "segments",
        sa.Column("stream_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("nonce", sa.Text, nullable=False),
        sa.Column("metadata", sa.LargeBinary, nullable=False),
        sa.Column("first_version", sa.BigInteger, nullable=False),
        sa.Column("previous_hash", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "number", name="pk_segments"),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name="fk_segments_stream_id"),
    )
    op.create_table(
        "archives",
        sa.Column("stream_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("first_version", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("file", sa.Text, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("stream_id", "number", name="pk_archives"),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name="fk_archives_stream_id"),
    )
    op.create_table(
        "imports",
        sa.Column("stream_id", sa.Integer, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("stream_id", name="pk_imports"),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name="fk_imports_stream_id", ondelete="CASCADE"),
    )
    if on_postgres:
        guard_postgres()
    else:
        guard_sqlite()


def guard_sqlite() -> None:
    for table, (condition, row, problem) in DELETIONS.items():
        allowed = condition.format(schema="", **row)
        op.execute(f"DROP TRIGGER {table}_refuse_delete")
        op.execute(
            f"CREATE TRIGGER {table}_refuse_delete BEFORE DELETE ON {table} WHEN NOT ({allowed}) "
            f"BEGIN SELECT RAISE(ABORT, '{problem}'); END"
        )
    op.execute(
        f"CREATE TRIGGER heads_refuse_sealed BEFORE UPDATE ON heads "
        f"WHEN {MOVES} AND NOT {CONTINUED.format(schema='', **HEAD)} BEGIN SELECT RAISE(ABORT, '{SEALED}'); END"
    )
    for name, (action, table) in GUARDS.items():
        op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} BEGIN SELECT RAISE(ABORT, '{SEALED}'); END")


def guard_postgres() -> None:
    for table, (condition, row, problem) in DELETIONS.items():
        name = f"{table}_refuse_delete"
        allowed = condition.format(schema="%1$I.", id="$1", version="$2")
        values = f"{row['id']}, {row['version']}"
        op.execute(POSTGRES_GUARD.format(name=name, condition=allowed, values=values, row="OLD", problem=problem))
        op.execute(f"DROP TRIGGER {name} ON {table}")
        op.execute(f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")
        always(table, name)
    name = "heads_refuse_sealed"
    continued = CONTINUED.format(schema="%1$I.", id="$1", version="$2", hash="$3")
    values = ", ".join(HEAD.values())
    op.execute(POSTGRES_GUARD.format(name=name, condition=continued, values=values, row="NEW", problem=SEALED))
    op.execute(f"CREATE TRIGGER {name} BEFORE UPDATE ON heads FOR EACH ROW WHEN {MOVES} EXECUTE FUNCTION {name}()")
    always("heads", name)
    refusal = f"EXECUTE FUNCTION refuse_change('{SEALED}')"
    for name, (action, table) in GUARDS.items():
        op.execute(f"CREATE TRIGGER {name} BEFORE {action} ON {table} FOR EACH ROW {refusal}")
        always(table, name)
    for name, table in POSTGRES_GUARDS.items():
        op.execute(f"CREATE TRIGGER {name} BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refusal}")
        always(table, name)


def always(table: str, trigger: str) -> None:
    """Guards hold for a replica's connections, too."""
    op.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")


def downgrade() -> None:
    raise CommandError("an older release cannot read segments: restore a backup made before the upgrade instead")
