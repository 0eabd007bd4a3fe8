"""An event's place: its stream and version in one integer, the key of the table `events`.

A key of one integer is what SQLite keeps a table in order by; with a key of two columns an append takes a sixth
longer and a commit writes more pages (measured, with and without rowid).
"""

VERSION_BITS = 40
MAX_VERSION = 2**VERSION_BITS - 1
"""The highest version of any stream: a thousand billion."""


def place_of(stream_id: int, version: int) -> int:
    """The place of a version in a stream."""
    return (stream_id << VERSION_BITS) + version
