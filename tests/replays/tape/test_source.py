"""What `--at` says, and where a command's argument is looked for."""

from pathlib import Path

import pytest

from perptape.replays.tape.errors import SourceError
from perptape.replays.tape.source import TapePoint, file_size, is_file, parse_point

NOON_NS = 1_744_027_200_000_000_000  # 2025-04-07T12:00:00Z


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1", TapePoint(version=1)),
        ("0", TapePoint(version=0)),
        ("007", TapePoint(version=7)),
        ("2025-04-07T12:00:00Z", TapePoint(at_ns=NOON_NS)),
        ("2025-04-07t12:00:00z", TapePoint(at_ns=NOON_NS)),
        ("2025-04-07 12:00:00Z", TapePoint(at_ns=NOON_NS)),
        ("2025-04-07T14:00:00+02:00", TapePoint(at_ns=NOON_NS)),
        ("2025-04-07T06:30:00-05:30", TapePoint(at_ns=NOON_NS)),
        ("2025-04-07T12:00:00.5Z", TapePoint(at_ns=NOON_NS + 500_000_000)),
        ("2025-04-07T12:00:00.000000001Z", TapePoint(at_ns=NOON_NS + 1)),
        ("2025-04-07T12:00:00.123456789Z", TapePoint(at_ns=NOON_NS + 123_456_789)),
        ("2025-04-07T12:00:00.1234567899Z", TapePoint(at_ns=NOON_NS + 123_456_789)),
        ("1969-12-31T23:59:59.75Z", TapePoint(at_ns=-250_000_000)),
        ("0001-01-01T00:00:00+23:59", TapePoint(at_ns=-62_135_683_140_000_000_000)),
        ("9999-12-31T23:59:59-23:59", TapePoint(at_ns=253_402_387_139_000_000_000)),
    ],
)
def test_a_moment_is_a_version_or_a_time(text: str, moment: TapePoint) -> None:
    assert parse_point(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        " 1",
        "-1",
        "+1",
        "1.0",
        "1e3",
        "٣",
        "9" * 19,
        "9" * 5000,
        "yesterday",
        "2025-04-07",
        "12:00:00Z",
        "20250407T120000Z",
        "2025-04-07T12:00Z",
        "2025-04-07T12:00:00,5Z",
        "2025-04-07T12:00:00.Z",
        "2025-04-07T12:00:00+0200",
        "2025-04-07T12:00:00+00:00:30.5",
        "2025-04-07T12:00:00+24:00",
        "2025-02-30T12:00:00Z",
        "2025-04-07T24:00:01Z",
        "2025-W15-1T12:00:00Z",
        "2025-04-07T12:00:00Z\n",
    ],
)
def test_everything_else_is_refused_in_one_short_line(text: str) -> None:
    with pytest.raises(SourceError, match="neither a version") as refusal:
        parse_point(text)
    assert len(str(refusal.value)) < 200


def test_a_time_without_its_offset_is_refused_with_a_remedy() -> None:
    with pytest.raises(SourceError, match="needs an offset, for example 2025-04-07T12:00:00Z"):
        parse_point("2025-04-07T12:00:00")


@pytest.mark.parametrize("name", ["s.jsonl", "s.jsonl.zst", "folder/s", "./bot"])
def test_what_looks_like_a_file_is_one(name: str) -> None:
    assert is_file(name)


def test_what_exists_is_a_file_whatever_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert not is_file("bot")
    Path("bot").write_bytes(b"123")
    assert is_file("bot")
    assert file_size("bot") == 3
    assert file_size("other") is None
