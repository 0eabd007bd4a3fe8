"""Whatever is changed in a recording is found, at the first version that is not as it was written.

The header counts as version 0, the trailer as the one after the last. `verify` and `replay` say the same.
"""

import re
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perptape.replays.proof.player import replay_file
from perptape.replays.proof.verify import FirstBad, verify
from perptape.replays.tape.errors import NotARecordingError
from tests.replays.command import perptape
from tests.replays.surgery import Tape, first_bad

BATCH_BYTES = 1 << 16
"""How much of a recording is read at a time."""


def found(path: Path) -> int | None:
    """The first bad version; both commands name it, and the same reason. None when the recording is sound."""
    verified, replay = verify(str(path), ""), replay_file(path)
    if verified.first_bad is None:
        assert (verified.ok, replay.divergences) == (True, [])
        return None
    assert replay.divergence is not None
    assert (replay.divergence.kind, len(replay.divergences)) == ("damage", 1)
    assert FirstBad(replay.divergence.version, replay.divergence.reason) == verified.first_bad
    assert not verified.ok
    return verified.first_bad.version


def damaged(tmp_path: Path, content: bytes, name: str = "s.jsonl") -> int | None:
    path = tmp_path / name
    path.write_bytes(content)
    return found(path)


def line_starts(tape: Tape) -> list[int]:
    """Where each line begins: header, events, trailer, and the end of the file."""
    starts = [0]
    for line in (tape.header, *tape.events, tape.trailer):
        starts.append(starts[-1] + len(line))
    return starts


def flipped(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


def test_an_untouched_recording_is_sound(session_file: Path) -> None:
    assert found(session_file) is None


def digits_of_decisions(tape: Tape) -> list[tuple[int, int]]:
    """Each digit in each decision's line, as (version, place in the line)."""
    return [
        (version, digit.start())
        for version in tape.decisions
        for digit in re.finditer(rb"[0-9]", tape.events[version - 1])
    ]


def digit_changes_found(tape: Tape, places: list[tuple[int, int]], tmp_path: Path) -> None:
    for version, place in places:
        line = tape.events[version - 1]
        other = b"%d" % ((int(line[place : place + 1]) + 1) % 10)
        changed = tape.with_line(version, line[:place] + other + line[place + 1 :])
        assert damaged(tmp_path, changed.content) == version


def test_one_changed_digit_in_any_decision_is_found(short: Tape, tmp_path: Path) -> None:
    places = digits_of_decisions(short)
    assert len({version for version, _ in places}) == len(short.decisions) > 20
    digit_changes_found(short, places[::40], tmp_path)


@pytest.mark.sweep
def test_every_third_digit_of_each_decision_is_found(short: Tape, tmp_path: Path) -> None:
    digit_changes_found(short, digits_of_decisions(short)[::3], tmp_path)


def byte_changes_found(tape: Tape, places: range, tmp_path: Path) -> None:
    starts = line_starts(tape)
    for place in places:
        line = next(number for number, (start, end) in enumerate(pairwise(starts)) if start <= place < end)
        assert damaged(tmp_path, flipped(tape.content, place)) == line, f"byte {place}"


def test_a_changed_byte_anywhere_is_found(short: Tape, tmp_path: Path) -> None:
    byte_changes_found(short, range(0, len(short.content), 211), tmp_path)


def test_a_changed_byte_in_the_frame_of_a_line_is_found(short: Tape, tmp_path: Path) -> None:
    starts = line_starts(short)
    for line in (0, 1, 40, len(short.events), len(short.events) + 1):
        byte_changes_found(short, range(starts[line + 1] - 76, starts[line + 1], 5), tmp_path)
        byte_changes_found(short, range(starts[line + 1] - 3, starts[line + 1]), tmp_path)


@pytest.mark.sweep
def test_a_changed_byte_at_every_fifth_place_is_found(short: Tape, tmp_path: Path) -> None:
    byte_changes_found(short, range(0, len(short.content), 5), tmp_path)


def test_a_removed_line_is_found_where_it_was(short: Tape, tmp_path: Path) -> None:
    for version in range(1, len(short.events) + 1):
        kept = short._replace(events=(*short.events[: version - 1], *short.events[version:]))
        assert damaged(tmp_path, kept.content) == version


def test_swapped_lines_are_found_at_the_first_of_them(short: Tape, tmp_path: Path) -> None:
    for version in range(1, len(short.events)):
        one, other = short.events[version - 1 : version + 1]
        swapped = short.with_line(version, other).with_line(version + 1, one)
        assert damaged(tmp_path, swapped.content) == version


def test_a_repeated_line_is_found_at_its_repetition(short: Tape, tmp_path: Path) -> None:
    for version in range(1, len(short.events) + 1, 7):
        events = short.events
        repeated = short._replace(events=(*events[:version], *events[version - 1 :]))
        assert damaged(tmp_path, repeated.content) == version + 1


def test_a_file_cut_between_two_lines_misses_the_next_one(short: Tape, tmp_path: Path) -> None:
    for line, end in enumerate(line_starts(short)[1:-1]):
        assert damaged(tmp_path, short.content[:end]) == line + 1


def test_a_file_cut_inside_a_line_is_bad_there(short: Tape, tmp_path: Path) -> None:
    starts = line_starts(short)
    random = Random(1)
    for line in range(1, len(starts) - 1, 5):
        cut = random.randrange(starts[line] + 1, starts[line + 1])
        assert damaged(tmp_path, short.content[:cut]) == line


@pytest.mark.parametrize("garbage", [b"x", b"\n", b"\0", b"{}\n", b"\xff\xfe"])
def test_what_follows_the_trailer_is_found(short: Tape, garbage: bytes, tmp_path: Path) -> None:
    assert damaged(tmp_path, short.content + garbage) == len(short.events) + 1


def test_what_follows_the_trailer_is_found_where_the_next_batch_would_begin(session: Tape, tmp_path: Path) -> None:
    signals = [version for version in session.decisions if session.at(version)["type"] == "SignalGenerated"]
    sizes = {version: sum(map(len, session.events[:version])) for version in signals}
    last = max(version for version, size in sizes.items() if size < BATCH_BYTES - 100)
    reason = session.at(last)["data"]["reason"] + "." * (BATCH_BYTES - 10 - sizes[last])
    padded = session.changed(last, reason=reason)
    whole = padded._replace(events=padded.events[:last]).rechained()
    assert sum(map(len, whole.events)) == BATCH_BYTES - 10, "the trailer is the last line of the batch"
    assert damaged(tmp_path, whole.content + b"x") == last + 1


def test_a_second_trailer_is_found(short: Tape, tmp_path: Path) -> None:
    assert damaged(tmp_path, short.content + short.trailer) == len(short.events) + 1


def test_a_trailer_that_does_not_count_right_is_found(short: Tape, tmp_path: Path) -> None:
    miscounted = short.trailer.replace(b'"count":', b'"count":1')
    assert damaged(tmp_path, short._replace(trailer=miscounted).content) == len(short.events) + 1


def test_a_missing_trailer_is_found(short: Tape, tmp_path: Path) -> None:
    assert damaged(tmp_path, short._replace(trailer=b"").content) == len(short.events) + 1


def test_line_ends_of_another_system_are_found(short: Tape, tmp_path: Path) -> None:
    assert damaged(tmp_path, short.content.replace(b"\n", b"\r\n")) == 0
    body = short.content.removeprefix(short.header)
    assert damaged(tmp_path, short.header + body.replace(b"\n", b"\r\n")) == 1


def test_a_byte_order_mark_is_found(short: Tape, tmp_path: Path) -> None:
    assert damaged(tmp_path, b"\xef\xbb\xbf" + short.content) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"trading": 5},
        {"trading": {"cycle_s": "often"}},
        {"first_version": 0},
        {"first_version": -3},
        {"format_version": 0},
        {"format": "another"},
        {"stream": "other"},
        {"nonce": ""},
        {"previous_hash": "é" * 64},
        {"provenance": {}},
        {"surplus": 1},
    ],
    ids=str,
)
def test_a_forged_header_is_found_though_its_hash_fits(short: Tape, fields: dict[str, object], tmp_path: Path) -> None:
    assert damaged(tmp_path, short.reheaded(**fields).content) == 0


def test_a_recording_of_a_later_format_is_not_called_damaged(short: Tape, tmp_path: Path) -> None:
    path = short.reheaded(format_version=3).write(tmp_path / "s.jsonl")
    assert perptape("verify", path).complaint == f"{path}: recording format 3 is newer than this release can read (2)"


def test_a_recording_without_its_header_is_none(short: Tape, tmp_path: Path) -> None:
    path = short._replace(header=b"").write(tmp_path / "s.jsonl")
    with pytest.raises(NotARecordingError, match="not a perptape recording"):
        replay_file(path)
    with pytest.raises(NotARecordingError, match="not a perptape recording"):
        verify(str(path), "")


def test_a_recording_that_begins_later_opens_with_a_whole_state(short: Tape, tmp_path: Path) -> None:
    tail = Tape(short.header, short.events[4:], b"").reheaded(first_version=5)
    assert damaged(tmp_path, tail.content) == 5
    assert "OpeningState" in verify(str(tmp_path / "s.jsonl"), "").first_bad.reason  # type: ignore[union-attr]


# What was forged so well that every hash fits.


def test_versions_that_repeat_are_found(short: Tape, tmp_path: Path) -> None:
    repeated = short.with_line(42, short.events[40]).rechained()
    assert damaged(tmp_path, repeated.content) == 42


def test_versions_out_of_order_are_found(short: Tape, tmp_path: Path) -> None:
    swapped = short.with_line(41, short.events[41]).with_line(42, short.events[40]).rechained()
    assert damaged(tmp_path, swapped.content) == 41


def test_a_decision_without_a_cause_is_found(short: Tape, tmp_path: Path) -> None:
    for version in short.decisions:
        assert damaged(tmp_path, short.forged(version, {**short.at(version), "cause": None}).content) == version


def test_an_observation_with_a_cause_is_found(short: Tape, tmp_path: Path) -> None:
    observation = next(version for version in range(9, 99) if short.at(version)["cause"] is None)
    assert damaged(tmp_path, short.forged(observation, {**short.at(observation), "cause": 1}).content) == observation


def test_an_unknown_event_is_found(short: Tape, tmp_path: Path) -> None:
    assert damaged(tmp_path, short.forged(9, {**short.at(9), "type": "MoonPhaseUpdated"}).content) == 9


def test_an_unknown_field_is_found(short: Tape, tmp_path: Path) -> None:
    assert damaged(tmp_path, short.changed(9, surplus=1).content) == 9


# Compressed recordings.


def test_a_compressed_recording_is_the_same_recording(session: Tape, tmp_path: Path) -> None:
    assert damaged(tmp_path, zstandard.compress(session.content), "s.jsonl.zst") is None
    half = len(session.content) // 2
    frames = zstandard.compress(session.content[:half]) + zstandard.compress(session.content[half:])
    assert damaged(tmp_path, frames, "s.jsonl.zst") is None


def readable(compressed: bytes) -> bytes:
    """What comes out before the damage."""
    frame, content = zstandard.ZstdDecompressor().decompressobj(), bytearray()
    try:
        for place in range(0, len(compressed), 64):
            content += frame.decompress(compressed[place : place + 64])
    except zstandard.ZstdError:
        pass
    return bytes(content)


def test_a_changed_byte_in_the_compressed_stream_is_found(session: Tape, tmp_path: Path) -> None:
    compressed = zstandard.ZstdCompressor(level=9).compress(session.content)
    found_at = set()
    for place in range(4, len(compressed), len(compressed) // 20):
        changed = flipped(compressed, place)
        expected = first_bad(readable(changed), session.header)
        assert damaged(tmp_path, changed, "s.jsonl.zst") == expected
        found_at.add(expected)
    assert 0 in found_at
    assert max(version for version in found_at if version is not None) > 300


def test_a_compressed_recording_that_is_cut_is_found(session: Tape, tmp_path: Path) -> None:
    compressed = zstandard.ZstdCompressor(level=9).compress(session.content)
    for kept in range(8, len(compressed), len(compressed) // 8):
        cut = compressed[:kept]
        assert damaged(tmp_path, cut, "s.jsonl.zst") == first_bad(readable(cut), session.header)
    assert damaged(tmp_path, compressed[:-1], "s.jsonl.zst") is not None


@pytest.mark.parametrize("garbage", [b"x", b"garbage after the frame", zstandard.compress(b"more\n")])
def test_what_follows_the_compressed_frame_is_found(short: Tape, garbage: bytes, tmp_path: Path) -> None:
    compressed = zstandard.compress(short.content)
    assert damaged(tmp_path, compressed + garbage, "s.jsonl.zst") == len(short.events) + 1


# At random.

NASTY = st.sampled_from(
    [b"", b"\n", b"\r", b"\0", b"\xff", b'"', b"{", b"}", b"NaN", b"null", b"[" * 9, b"1e999", b" "]
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_edit_is_found_where_the_rules_say(short: Tape, tmp_path: Path, data: st.DataObject) -> None:
    content = short.content
    start = data.draw(st.integers(len(short.header), len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 400)))
    edited = content[:start] + data.draw(NASTY | st.binary(max_size=8)) + content[end:]
    assert damaged(tmp_path, edited) == first_bad(edited, short.header)
