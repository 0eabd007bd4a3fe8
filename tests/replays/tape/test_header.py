"""The lines of a recording, by the letter of the format, so that any tool can check one."""

import hashlib
import json

import msgspec
from msgspec import Raw

from perptape.replays.tape.header import (
    HASH_START,
    TAIL_BYTES,
    Header,
    Provenance,
    Trailer,
    genesis_hash,
    header_line,
    trailer_line,
)
from tests.replays.surgery import Tape

HEADER = Header(
    format="perptape-recording",
    format_version=2,
    stream="bot",
    nonce="00ff",
    first_version=1,
    previous_hash=genesis_hash("bot", "00ff", b'{"cycle_s":60}'),
    trading=Raw(b'{"cycle_s":60}'),
    provenance=Provenance(release="0.1.0", behaviour="aa"),
)


def test_the_first_hash_is_of_form_settings_stream_and_nonce() -> None:
    settings = hashlib.sha256(b'{"cycle_s":60}').hexdigest().encode()
    first = hashlib.sha256(b"perptape-recording/2 " + settings + b"\nbot\n00ff").hexdigest()
    assert genesis_hash("bot", "00ff", b'{"cycle_s":60}') == first


def test_the_first_form_did_not_hold_the_settings() -> None:
    first = hashlib.sha256(b"perptape-recording/1\nbot\n00ff").hexdigest()
    assert genesis_hash("bot", "00ff", b'{"cycle_s":60}', 1) == first


def test_the_header_ends_with_its_own_hash() -> None:
    line = header_line(HEADER)
    body, _, rest = line.rpartition(b',"hash":"')
    assert rest == hashlib.sha256(body).hexdigest().encode() + b'"}\n'
    assert list(json.loads(line)) == [*Header.__struct_fields__, "hash"]
    assert b'"trading":{"cycle_s":60}' in line


def test_the_trailer_counts() -> None:
    assert trailer_line(Trailer(9, 5, "ab")) == b'{"last_version":9,"count":5,"last_hash":"ab"}\n'


def test_a_session_is_written_by_the_letter(session: Tape) -> None:
    header = json.loads(session.header)
    assert (header["format"], header["format_version"], header["first_version"]) == ("perptape-recording", 2, 1)
    trading = session.header[session.header.index(b'"trading":') + 10 : session.header.index(b',"provenance"')]
    assert header["previous_hash"] == genesis_hash(header["stream"], header["nonce"], trading)
    assert list(header["provenance"]) == ["release", "behaviour"]
    digest = header["previous_hash"].encode()
    for version, line in enumerate(session.events, 1):
        event = json.loads(line)
        assert list(event) == ["version", "type", "schema", "at_ns", "cause", "data", "hash"]
        digest = hashlib.sha256(digest + line[:-TAIL_BYTES]).hexdigest().encode()
        assert (event["version"], line[-HASH_START:-3]) == (version, digest)
        assert msgspec.json.format(line[:-1], indent=-1) == line[:-1], "compact"
    count = len(session.events)
    assert json.loads(session.trailer) == {"last_version": count, "count": count, "last_hash": digest.decode()}


def test_the_settings_stand_in_the_header_and_in_the_first_configuration(session: Tape) -> None:
    loaded = next(event for event in map(json.loads, session.events) if event["type"] == "ConfigurationLoaded")
    assert json.loads(session.header)["trading"] == loaded["data"]["settings"]
