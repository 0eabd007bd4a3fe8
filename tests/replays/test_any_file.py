"""Whatever file is given, a command answers with a status and at most one line on standard error, never a traceback."""

import json
from pathlib import Path

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.replays.command import Answer, perptape
from tests.replays.surgery import TAIL, Tape

COMMANDS = (("replay",), ("replay", "--all"), ("verify",), ("rebuild",))


def answers(path: Path) -> list[Answer]:
    return [perptape(*command, path) for command in COMMANDS]


def refused(path: Path) -> None:
    """No command can run on the file: one line each and nothing printed, but for replay's empty list in JSON."""
    for command in COMMANDS:
        assert str(path) in perptape(*command, path).complaint
    assert perptape("store", "import", path, "--store", f"sqlite:///{path.parent / 'store.sqlite'}").complaint
    listed = perptape("replay", "--json", path)
    assert (listed.status, listed.data) == (2, [])
    assert perptape("verify", "--json", path).complaint


NO_RECORDINGS = {
    "empty": b"",
    "newline": b"\n",
    "nul": b"\0" * 5000,
    "binary": bytes(range(256)) * 40,
    "invalid UTF-8": b"\xff\xfe\xfa\n" * 10,
    "an object": b"{}\n",
    "a list": b"[1,2,3]\n",
    "NaN": b"NaN\n",
    "deep nesting": b"[" * 100_000 + b"\n",
    "deep objects": b'{"a":' * 100_000 + b"\n",
    "one huge line": b"x" * (1 << 25),
    "text": "Grüße\n".encode() * 100,
    "CSV": b"time,open,high\n1,2,3\n",
    "zstd of nothing": zstandard.compress(b""),
    "zstd of text": zstandard.compress(b"text\n" * 1000),
}


@pytest.mark.parametrize("name", NO_RECORDINGS)
def test_what_is_no_recording_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(NO_RECORDINGS[name])
    refused(path)


def test_a_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    refused(tmp_path)


def test_a_file_that_is_not_there_is_refused_in_one_line(tmp_path: Path) -> None:
    refused(tmp_path / "none.jsonl")


def test_a_recording_without_its_header_is_refused_in_one_line(short: Tape, tmp_path: Path) -> None:
    refused(short._replace(header=b"").write(tmp_path / "s.jsonl"))


def test_a_header_that_never_ends_is_damage(short: Tape, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(short.header[:-2] + b"x" * (1 << 25))
    assert [answer.status for answer in answers(path)] == [1] * 4


def test_text_that_is_none_and_nesting_without_end_are_damage_though_the_hash_fits(short: Tape, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    event = short.at(9)
    for body in (
        short.events[8][:-TAIL].replace(b"InstrumentUpdated", b"Instrument\xff"),
        b'{"version":9,"type":"OpeningState","schema":1,"at_ns":%d,"cause":null,"data":{"state_version":1,"state":%b}'
        % (event["at_ns"], b"[" * 50_000),
    ):
        short.with_line(9, body + b"0" * TAIL).rechained().write(path)
        assert [answer.status for answer in answers(path)] == [1] * 4
        assert perptape("verify", "--json", path).data["first_bad"]["version"] == 9
    for trading in (b'"\xff"', b"[" * 50_000):
        header = short.header.replace(b'"trading":{', b'"trading":%b{' % trading)
        path.write_bytes(header + b"".join(short.events) + short.trailer)
        assert [answer.status for answer in answers(path)] == [1] * 4


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
LINES = st.lists(JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60), max_size=6)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
def test_lines_of_anything_are_no_recording(lines: list[bytes], tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(b"\n".join(lines))
    refused(path)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
def test_lines_of_anything_under_a_header_are_damage_at_the_first(
    short: Tape, lines: list[bytes], tmp_path: Path
) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(short.header + b"\n".join(lines))
    verified = perptape("verify", "--json", path)
    assert (verified.status, verified.data["first_bad"]["version"], verified.err) == (1, 1, "")
    for answer in answers(path):
        assert answer.status == 1
        assert len(answer.err.splitlines()) <= 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(event=st.dictionaries(st.sampled_from("version type schema at_ns cause data hash".split()), JSON))
def test_an_event_of_anything_whose_hash_fits_is_damage(short: Tape, event: dict[str, object], tmp_path: Path) -> None:
    path = short.forged(9, {**short.at(9), **event}).write(tmp_path / "s.jsonl")
    for answer in answers(path):
        assert answer.status in (0, 1) if event.keys() <= {"hash"} else answer.status == 1
        assert len(answer.err.splitlines()) <= 1


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_edit_of_the_header_is_damage_or_no_recording(short: Tape, tmp_path: Path, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(short.header) - 1))
    end = data.draw(st.integers(start, len(short.header)))
    edited = short.header[:start] + data.draw(st.binary(max_size=12)) + short.header[end:]
    path = tmp_path / "s.jsonl"
    path.write_bytes(edited + b"".join(short.events) + short.trailer)
    for answer in answers(path):
        assert answer.status == 0 if edited == short.header else answer.status in (1, 2)
        assert len(answer.err.splitlines()) <= 1
