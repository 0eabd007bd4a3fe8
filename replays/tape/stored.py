"""Walking a stored stream: its envelopes in order, each held against the chain, and the last one against the head."""

from collections.abc import Iterator

from perptape.eventstore.envelope import Envelope
from perptape.eventstore.errors import DamagedError
from perptape.eventstore.linking import BrokenLink, checked
from perptape.eventstore.store import EventStore
from perptape.eventstore.stream import Stream
from perptape.replays.tape.errors import DamageError


def stored_envelopes(store: EventStore, name: str, stream: Stream) -> Iterator[Envelope]:
    """The events of a stream, or of a segment (`name#2`), up to its head.

    Raises DamageError at the first that is not as it was written.
    """
    version, last_hash, head = stream.first_version - 1, stream.opening_hash, stream.head
    try:
        for envelope in checked(last_hash, version, store.read(name, upto=head.version)):
            version, last_hash = envelope.version, envelope.hash
            yield envelope
    except BrokenLink as broken:
        raise DamageError(broken.version, broken.reason) from broken
    except DamagedError as damaged:
        raise DamageError(damaged.version, damaged.reason) from damaged
    if version != head.version:
        raise DamageError(version + 1, f"the stream ends here, but its head is at {head.version}")
    if last_hash != head.hash:
        raise DamageError(version, "its hash differs from the hash in the stream's head")
