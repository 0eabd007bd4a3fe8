"""Rebuild: the state at any version or time is what folding by hand gives."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from perptape.core.codec import decode_line
from perptape.core.evolve import evolve
from perptape.core.money import arithmetic
from perptape.core.opening import open_state, state_bytes, state_digest
from perptape.core.state import State
from perptape.replays.proof.rebuild import Rebuilt, rebuild
from perptape.replays.tape.errors import DamageError, NotARecordingError, SourceError
from perptape.replays.tape.source import TapePoint, parse_point
from tests.replays.session import START_NS
from tests.replays.surgery import Tape


def rebuilt(path: Path, at: str) -> Rebuilt:
    return rebuild(str(path), "", parse_point(at))


def folded_digests(tape: Tape) -> dict[int, str]:
    """The digest at every version, by folding one event after the other."""
    state, digests = State(), {}
    with arithmetic():
        for line in tape.events:
            event = decode_line(line)
            evolve(state, event.data, event.version, event.at_ns)
            digests[event.version] = state_digest(state)
    return digests


def rfc3339(at_ns: int, offset: timezone = UTC, digits: int = 9) -> str:
    seconds, fraction = divmod(at_ns, 10**9)
    moment = datetime.fromtimestamp(seconds, offset).isoformat()
    head, tail = moment[:19], moment[19:].replace("+00:00", "Z")
    return f"{head}.{fraction:09d}"[: 20 + digits] + tail if digits else head + tail


def test_the_state_at_every_version_is_the_folded_one(short: Tape, short_file: Path) -> None:
    digests = folded_digests(short)
    assert len(digests) == len(short.events)
    for version, digest in digests.items():
        found = rebuilt(short_file, str(version))
        assert (found.version, found.state_digest) == (version, digest)


@pytest.mark.sweep
def test_the_state_at_every_version_of_the_eventful_session_is_the_folded_one(
    session: Tape, session_file: Path
) -> None:
    for version, digest in folded_digests(session).items():
        assert rebuilt(session_file, str(version)).state_digest == digest


def test_some_versions_of_the_eventful_session_are_the_folded_ones(session: Tape, session_file: Path) -> None:
    digests = folded_digests(session)
    for version in (1, 2, 499, 500, 501, 777, len(digests) - 1, len(digests)):
        assert rebuilt(session_file, str(version)).state_digest == digests[version]


def test_no_moment_is_the_end(session: Tape, session_file: Path) -> None:
    found = rebuild(str(session_file), "", TapePoint())
    assert found == rebuilt(session_file, str(len(session.events)))


def test_the_printed_state_is_the_digested_one(session_file: Path) -> None:
    found = rebuilt(session_file, "700")
    state = open_state(bytes(found.state))
    assert state.version == 700
    assert state_digest(state) == found.state_digest
    assert state_bytes(state) == bytes(found.state)


def test_a_time_is_the_last_event_not_later(short: Tape, short_file: Path) -> None:
    times = [short.at(version)["at_ns"] for version in range(1, len(short.events) + 1)]
    for at_ns in dict.fromkeys(times):
        for moment in (at_ns, at_ns + 1):
            expected = sum(time <= moment for time in times)
            assert rebuilt(short_file, rfc3339(moment)).version == expected
        if at_ns > times[0]:
            expected = sum(time < at_ns for time in times)
            assert rebuilt(short_file, rfc3339(at_ns - 1)).version == expected


def test_times_are_read_to_the_nanosecond_in_any_zone(short: Tape, short_file: Path) -> None:
    at_ns = short.at(40)["at_ns"]
    expected = rebuilt(short_file, rfc3339(at_ns)).version
    for hours, minutes in ((2, 0), (-5, -30), (14, 0), (-12, 0)):
        zone = timezone(timedelta(hours=hours, minutes=minutes))
        assert rebuilt(short_file, rfc3339(at_ns, zone)).version == expected
    before = rfc3339(at_ns - 1)
    assert rebuilt(short_file, before).version < expected
    assert rebuilt(short_file, rfc3339(at_ns, digits=3)).version == expected, "it fell on a whole millisecond"


def test_a_time_after_the_end_is_the_end(short: Tape, short_file: Path) -> None:
    assert rebuilt(short_file, "9999-12-31T23:59:59.999999999Z").version == len(short.events)


@pytest.mark.parametrize("at", [rfc3339(START_NS - 1), "1970-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00"])
def test_before_the_first_event_there_is_nothing(short_file: Path, at: str) -> None:
    with pytest.raises(SourceError, match="nothing was recorded before that time"):
        rebuilt(short_file, at)


@pytest.mark.parametrize("at", ["0", "81", "999999999999999999"])
def test_a_version_beyond_the_recording_does_not_exist(short: Tape, short_file: Path, at: str) -> None:
    assert len(short.events) == 80
    with pytest.raises(SourceError, match=f"version {at} does not exist"):
        rebuilt(short_file, at)


def test_a_rebuild_asks_for_no_more_than_it_needs(short: Tape, tmp_path: Path) -> None:
    whole = short.write(tmp_path / "s.jsonl")
    expected = rebuilt(whole, "50")
    short._replace(trailer=b"").write(whole)
    assert rebuilt(whole, "50") == expected
    with pytest.raises(DamageError) as damage:
        rebuild(str(whole), "", TapePoint())
    assert damage.value.version == 81


def test_damage_before_the_moment_is_damage(short: Tape, tmp_path: Path) -> None:
    path = short.with_line(20, short.events[19].replace(b"1", b"2", 1)).write(tmp_path / "s.jsonl")
    with pytest.raises(DamageError) as damage:
        rebuilt(path, "50")
    assert damage.value.version == 20


def test_a_state_that_holds_no_amount_is_damage(short: Tape, tmp_path: Path) -> None:
    last = max(v for v in range(1, len(short.events)) if short.at(v)["type"] == "QuoteUpdated")
    path = short.changed(last, ask_size="NaN").write(tmp_path / "s.jsonl")
    with pytest.raises(DamageError, match="cannot be encoded: NaN is not an amount"):
        rebuild(str(path), "", TapePoint())


def test_an_empty_stream_has_no_state(short: Tape, tmp_path: Path) -> None:
    path = short._replace(events=()).rechained().write(tmp_path / "s.jsonl")
    with pytest.raises(SourceError, match="nothing was recorded before that time"):
        rebuild(str(path), "", TapePoint())


def test_a_file_that_is_not_there_cannot_be_rebuilt(tmp_path: Path) -> None:
    with pytest.raises(NotARecordingError, match="No such file"):
        rebuild(str(tmp_path / "none.jsonl"), "", TapePoint())
