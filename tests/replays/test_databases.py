"""One session is the same bytes wherever it was recorded: in a file, in SQLite, in PostgreSQL."""

from pathlib import Path

import pytest

from perptape.eventstore.store import EventStore
from perptape.replays.proof.player import replay_file
from perptape.replays.proof.verify import verify
from perptape.replays.record import record
from perptape.replays.upkeep.transfer import export_stream, import_recording
from tests.replays.session import plan


@pytest.mark.parametrize("database", ["sqlite", "postgres"])
def test_a_session_recorded_into_any_database_is_the_same_file_and_the_same_state(
    request: pytest.FixtureRequest, session_file: Path, tmp_path: Path, database: str
) -> None:
    url = f"sqlite:///{tmp_path / 'tape.db'}" if database == "sqlite" else request.getfixturevalue("postgres_url")
    recorded = record(plan(), tmp_path / "recorded.jsonl", store_url=url)
    with EventStore.open(url) as store:
        export_stream(store, "bot", tmp_path / "exported.jsonl")

    assert recorded.path.read_bytes() == session_file.read_bytes()
    assert (tmp_path / "exported.jsonl").read_bytes() == session_file.read_bytes()
    proved = verify("bot", url)
    assert proved.ok
    assert proved.state_digest == recorded.state_digest == replay_file(session_file).state_digest


def test_a_recording_passes_through_both_databases_unchanged(
    postgres_url: str, session_file: Path, tmp_path: Path
) -> None:
    passed = session_file
    for number, url in enumerate((f"sqlite:///{tmp_path / 'tape.db'}", postgres_url, f"sqlite:///{tmp_path / 'b.db'}")):
        with EventStore.open(url, create=True) as store:
            stream = import_recording(store, passed).stream
            passed = tmp_path / f"{number}.jsonl{'.zst' if number == 1 else ''}"
            export_stream(store, stream, passed)
    assert passed.read_bytes() == session_file.read_bytes()
