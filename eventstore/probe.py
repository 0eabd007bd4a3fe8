"""Rows that no stream can have, on which guards are tried in a transaction that is rolled back."""

from perptape.eventstore.place import place_of

STREAM = {
    "id": -1, "name": "\x01probe", "nonce": "", "format_name": "", "metadata": b"", "first_version": 1,
    "previous_hash": None,
}  # fmt: skip
# Of a stream with a head the foreign key would refuse the deletion, and the guard would prove nothing.
HEADLESS_STREAM = {**STREAM, "id": -2, "name": "\x01probe without a head"}
HEAD = {"stream_id": -1, "version": 1, "hash": b"", "epoch": 1}
EVENT = {
    "place": place_of(-1, 1), "type": "probe", "schema": 1, "at_ns": 0, "cause": None, "data": b"{}", "hash": b"",
}  # fmt: skip

SEALED = "a sealed segment stays as it is"
"""What the guards of sealed segments and their archives say."""

# Streams of one event each, with archives that do not entitle anybody to delete it: of a stream that is not sealed, of
# a sealed one but with another hash, none at all, one that reaches into the segment before it, and one with another
# hash than the next segment continues.
UNSEALED, MISTAKEN, UNARCHIVED, OVERREACHED, CONTINUED = SEGMENTED = (-3, -4, -5, -6, -7)
SEGMENT_STREAMS = [{**STREAM, "id": one, "name": f"\x01probe {one}"} for one in SEGMENTED]
SEGMENT_HEADS = [{**HEAD, "stream_id": one, "sealed": one != UNSEALED} for one in SEGMENTED]
SEGMENT_EVENTS = [{**EVENT, "place": place_of(one, 1)} for one in SEGMENTED]
SEGMENTS = [
    {"stream_id": OVERREACHED, "number": 2, "nonce": "", "metadata": b"", "first_version": 9, "previous_hash": b""},
    {"stream_id": CONTINUED, "number": 2, "nonce": "", "metadata": b"", "first_version": 2, "previous_hash": b""},
]
ARCHIVES = [
    {"stream_id": one, "number": number, "first_version": 1, "version": 1, "hash": digest, "file": "", "sha256": ""}
    for one, number, digest in (
        (UNSEALED, 1, b""),
        (MISTAKEN, 1, b"another"),
        (OVERREACHED, 2, b""),
        (CONTINUED, 1, b"another"),
    )
]
# One that is on its way in, but has a head: it is a stream by now.
IMPORTS = [{"stream_id": -1, "version": 1}]
