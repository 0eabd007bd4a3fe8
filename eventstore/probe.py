"""Rows that no stream can have, on which guards are tried in a transaction that is rolled back."""

from eventstore.place import place_of

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
