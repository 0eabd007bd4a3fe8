"""Verify: the chain holds, no version is missing, and every way to the state leads to the same bytes."""

from pathlib import Path

import pytest

from perptape.core.edge.storage.behaviour import behaviour_digest
from perptape.core.money import arithmetic
from perptape.core.opening import open_snapshot, snapshot_bytes
from perptape.core.state import State
from perptape.eventstore.snapshot import Snapshot
from perptape.eventstore.store import EventStore
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.proof.verify import FirstBad, verify
from perptape.replays.tape.errors import NotARecordingError, SourceError
from perptape.replays.tape.fold import fold_events
from perptape.replays.tape.source import TapePoint, open_file
from perptape.replays.upkeep.transfer import import_recording
from tests.replays.surgery import Tape


@pytest.fixture
def store_url(session_file: Path, tmp_path: Path) -> str:
    """A store that holds the eventful session as the stream `bot`."""
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    with EventStore.open(url, create=True) as store:
        import_recording(store, session_file)
    return url


def state_at(path: Path, version: int) -> bytes:
    """The snapshot that a bot would have taken at a version."""
    state = State()
    with open_file(path) as source, arithmetic():
        for _lines, events in source.batches:
            fold_events(state, [event for event in events if event.version <= version])
        return snapshot_bytes(state)


def save(url: str, version: int, state: bytes, behaviour: str | None = None) -> None:
    with EventStore.open(url) as store:
        store.save_snapshot("bot", Snapshot(version, behaviour or behaviour_digest(), state))


def test_cold_start_and_warm_starts_agree(session: Tape, session_file: Path) -> None:
    verified = verify(str(session_file), "")
    end = rebuild(str(session_file), "", TapePoint())
    assert (verified.ok, verified.first_bad, verified.events) == (True, None, len(session.events))
    assert verified.state_digest == verified.cold == end.state_digest
    versions = [warm.snapshot_version for warm in verified.warm]
    assert len(versions) >= 3
    assert versions == sorted(set(versions))
    assert 0 < versions[0] < versions[-1] < verified.events
    assert {warm.state_digest for warm in verified.warm} == {verified.cold}


@pytest.mark.parametrize("events", [1, 2, 3, 4, 5, 6])
def test_a_very_short_recording_is_verified_too(short: Tape, events: int, tmp_path: Path) -> None:
    path = short._replace(events=short.events[:events]).rechained().write(tmp_path / "s.jsonl")
    verified = verify(str(path), "")
    assert (verified.ok, verified.events) == (True, events)
    assert len(verified.warm) >= min(3, events - 1)


def test_a_recording_without_events_is_sound(short: Tape, tmp_path: Path) -> None:
    path = short._replace(events=()).rechained().write(tmp_path / "s.jsonl")
    assert (verify(str(path), "").ok, verify(str(path), "").events) == (True, 0)


def test_time_that_goes_back_is_found(short: Tape, tmp_path: Path) -> None:
    quote = next(version for version in range(20, 99) if short.at(version)["type"] == "QuoteUpdated")
    event = short.at(quote)
    path = short.forged(quote, {**event, "at_ns": event["at_ns"] - 10**12}).write(tmp_path / "s.jsonl")
    found = verify(str(path), "").first_bad
    assert found is not None
    assert found.version == quote
    assert found.reason.startswith("time goes backwards from ")


def test_a_decision_of_another_turn_is_found(short: Tape, tmp_path: Path) -> None:
    version = short.decisions[5]
    cause = short.at(version)["cause"]
    path = short.forged(version, {**short.at(version), "cause": 1}).write(tmp_path / "s.jsonl")
    reason = f"its cause is 1, but the observation of its turn is {cause}"
    assert verify(str(path), "").first_bad == FirstBad(version, reason)


@pytest.mark.parametrize("before", ['"bid":"', '"at_ns":'])
def test_a_line_that_is_not_canonical_is_found(short: Tape, before: str, tmp_path: Path) -> None:
    quote = next(version for version in range(20, 99) if short.at(version)["type"] == "QuoteUpdated")
    padded = short.events[quote - 1].replace(before.encode(), before.encode().replace(b":", b": "), 1)
    path = short.with_line(quote, padded).rechained().write(tmp_path / "s.jsonl")
    assert verify(str(path), "").first_bad == FirstBad(quote, "the line is not in canonical form")


def test_a_stream_of_a_store_is_verified_like_a_file(session_file: Path, store_url: str) -> None:
    file, stream = verify(str(session_file), ""), verify("bot", store_url)
    assert (stream.ok, stream.cold, stream.warm) == (True, file.cold, file.warm)
    assert stream.file == "bot"


def test_stored_snapshots_are_part_of_the_proof(session_file: Path, store_url: str) -> None:
    for version in (333, 900):
        save(store_url, version, state_at(session_file, version))
    verified = verify("bot", store_url)
    assert verified.ok
    assert {333, 900} < {warm.snapshot_version for warm in verified.warm}
    assert {warm.state_digest for warm in verified.warm} == {verified.cold}


def test_a_stored_snapshot_that_does_not_follow_from_the_events_is_found(session_file: Path, store_url: str) -> None:
    state = open_snapshot(state_at(session_file, 333))
    state.intents += 1
    save(store_url, 333, snapshot_bytes(state))
    verified = verify("bot", store_url)
    assert not verified.ok
    assert verified.first_bad == FirstBad(333, "the stored snapshot differs from the folded state")


def test_a_stored_snapshot_of_other_behaviour_is_left_alone(store_url: str) -> None:
    save(store_url, 333, b"another release wrote this", behaviour="f" * 64)
    verified = verify("bot", store_url)
    assert verified.ok
    assert 333 not in {warm.snapshot_version for warm in verified.warm}


def test_an_unknown_stream_is_named_with_those_there_are(store_url: str) -> None:
    with pytest.raises(SourceError, match=r"nobody: neither a file nor a stream in .* \(streams there: bot\)"):
        verify("nobody", store_url)


def test_a_stream_that_no_bot_wrote_is_refused(store_url: str) -> None:
    with EventStore.open(store_url) as store:
        store.create_stream("inbox", "nonce", b"{}")
    with pytest.raises(SourceError, match="'inbox' was not written by a bot"):
        verify("inbox", store_url)


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(NotARecordingError, match="Is a directory"):
        verify(str(tmp_path), "")
