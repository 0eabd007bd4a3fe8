"""The tables, as SQLAlchemy knows them. Migrations make them; a test holds the two against each other.

Event bytes are binary columns: what goes in comes out, whatever the database would make of it as text or JSON. Hashes
are their 64 digits as bytes, the form in which the chain takes them.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    false,
)

from perptape.eventstore.place import MAX_VERSION, VERSION_BITS

METADATA = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
    }
)

STREAMS = Table(
    "streams",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("nonce", Text, nullable=False),
    Column("format_name", Text, nullable=False),
    Column("metadata", LargeBinary, nullable=False),
    Column("first_version", BigInteger, nullable=False),
    Column("previous_hash", LargeBinary),
)

# Apart from the streams, so that an append writes a few bytes and not a stream's metadata with them.
HEADS = Table(
    "heads",
    METADATA,
    Column("stream_id", Integer, ForeignKey("streams.id"), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("sealed", Boolean, nullable=False, server_default=false()),
)

# A foreign key to the streams would cost a look-up for each event; a guard keeps streams from being deleted instead.
EVENTS = Table(
    "events",
    METADATA,
    Column("place", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("type", Text, nullable=False),
    Column("schema", Integer, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("cause", BigInteger),
    Column("data", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("stream_id", Integer, Computed(f"place >> {VERSION_BITS}", persisted=False)),
    Column("version", BigInteger, Computed(f"place & {MAX_VERSION}", persisted=False)),
)

SNAPSHOTS = Table(
    "snapshots",
    METADATA,
    Column("stream_id", Integer, ForeignKey("streams.id"), primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("behaviour", Text, primary_key=True),
    Column("state", LargeBinary, nullable=False),
    Column("state_digest", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("reason", Text),
)

# One row at most for each stream, changed at every renewal. In force only under the head's epoch: an older row's holder
# was fenced off without a lease.
LEASES = Table(
    "leases",
    METADATA,
    Column("stream_id", Integer, ForeignKey("streams.id"), primary_key=True),
    Column("holder", Text, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    Column("since_ns", BigInteger, nullable=False),
    Column("ttl_ns", BigInteger, nullable=False),
    Column("expires_at_ns", BigInteger, nullable=False),
)

# The segments after the first, each continuing the one before it; the first one's identity is the stream's.
SEGMENTS = Table(
    "segments",
    METADATA,
    Column("stream_id", Integer, ForeignKey("streams.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("nonce", Text, nullable=False),
    Column("metadata", LargeBinary, nullable=False),
    Column("first_version", BigInteger, nullable=False),
    Column("previous_hash", LargeBinary, nullable=False),
)

# Where the events of a sealed segment went; only with this row may they leave the table `events`.
ARCHIVES = Table(
    "archives",
    METADATA,
    Column("stream_id", Integer, ForeignKey("streams.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("first_version", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("file", Text, nullable=False),
    Column("sha256", Text, nullable=False),
)

# Streams that are being imported: they have no head yet, and so nobody sees them.
IMPORTS = Table(
    "imports",
    METADATA,
    Column("stream_id", Integer, ForeignKey("streams.id", ondelete="CASCADE"), primary_key=True),
    Column("version", BigInteger, nullable=False),
)
