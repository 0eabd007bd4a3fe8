"""Envelopes joined to a chain: made from records, or checked when they come with their hashes."""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from types import NoneType

from perptape.eventstore.chain import link
from perptape.eventstore.envelope import Envelope, EnvelopeLike, RecordLike, body
from perptape.eventstore.errors import InvalidRecordError
from perptape.eventstore.record_rules import check_record, check_records


class BrokenLink(ValueError):
    """An envelope that does not continue the chain: `version` and `reason` say where and how."""

    def __init__(self, version: int, reason: str) -> None:
        super().__init__(reason)
        self.version = version
        self.reason = reason


_SHAPES = {
    (int, str, int, int, NoneType, bytes, bytes),
    (int, str, int, int, int, bytes, bytes),
}


def linked(previous: bytes, version: int, records: Sequence[RecordLike]) -> list[EnvelopeLike]:
    """The records as plain envelopes after `version`, whose hash is `previous`. Raises InvalidRecordError.

    What `body` and `link` do is spelled out here: every append goes through this loop, and calls are a third of it.
    """
    check_records(version, records)
    envelopes: list[EnvelopeLike] = []
    for kind, schema, at_ns, cause, data in records:
        version += 1
        why = b"null" if cause is None else b"%d" % cause
        line = b'%b{"version":%d,"type":"%b","schema":%d,"at_ns":%d,"cause":%b,"data":%b'
        line %= (previous, version, kind.encode(), schema, at_ns, why, data)
        previous = sha256(line).hexdigest().encode()
        envelopes.append((version, kind, schema, at_ns, cause, data, previous))
    return envelopes


def checked(previous: bytes, version: int, envelopes: Iterable[Envelope]) -> Iterator[Envelope]:
    """Pass on envelopes after `version`, whose hash is `previous`, as long as each continues the chain.

    Raises BrokenLink at the first that does not: a gap, a repeated version, an altered field or an altered hash.
    """
    for envelope in envelopes:
        version += 1
        if tuple(map(type, envelope)) not in _SHAPES:
            raise BrokenLink(version, "a field has the wrong type")
        if envelope.version != version:
            raise BrokenLink(version, f"version {version} is missing; version {envelope.version} is in its place")
        previous = link(previous, body(version, envelope[1:6]))
        if previous != envelope.hash:
            raise BrokenLink(version, "its hash does not match its bytes and the hash before it")
        yield envelope


def checked_for_storing(previous: bytes, version: int, envelopes: Iterable[Envelope]) -> Iterator[Envelope]:
    """As `checked`, and refuse what could not have been appended either. Raises BrokenLink."""
    for envelope in checked(previous, version, envelopes):
        try:
            check_record(envelope.version, envelope[1:6])
        except InvalidRecordError as error:
            raise BrokenLink(envelope.version, str(error)) from error
        yield envelope
