"""The tables, as SQLAlchemy knows them. Migrations make them; a test holds the two against each other.

Event bytes are binary columns: what goes in comes out, whatever the database would make of it as text or JSON. Hashes
are their 64 digits as bytes, the form in which the chain takes them.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
)

from eventstore.place import MAX_VERSION, VERSION_BITS

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
