"""Leases: who writes to a stream, since when, and until when without a renewal.

A lease is changed at every renewal and deleted when it is given back: nothing here is immutable, and no guard keeps it
so. What keeps an earlier writer from appending is the epoch in `heads`, and that has its guard. Whoever throws all
leases away, as the way back does, lets every stream be taken at once, and still fences off those who held them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "leases",
        sa.Column("stream_id", sa.Integer, nullable=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("epoch", sa.BigInteger, nullable=False),
        sa.Column("since_ns", sa.BigInteger, nullable=False),
        sa.Column("ttl_ns", sa.BigInteger, nullable=False),
        sa.Column("expires_at_ns", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("stream_id", name="pk_leases"),
        sa.ForeignKeyConstraint(["stream_id"], ["streams.id"], name="fk_leases_stream_id"),
    )


def downgrade() -> None:
    op.drop_table("leases")
