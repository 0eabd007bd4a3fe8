"""A recorded stream is sealed, continued and archived, and everything about it is as it was."""

from pathlib import Path

import pytest

from perptape.core.ports import LogRecord
from perptape.eventstore.envelope import Record
from perptape.eventstore.errors import LeaseHeldError
from perptape.eventstore.store import EventStore
from perptape.replays.proof.player import replay_file
from perptape.replays.proof.rebuild import rebuild
from perptape.replays.proof.verify import verify
from perptape.replays.tape.errors import SourceError
from perptape.replays.tape.source import TapePoint
from perptape.replays.upkeep.sealing import seal_and_continue
from perptape.replays.upkeep.transfer import export_stream, import_recording
from tests.replays.command import perptape
from tests.replays.surgery import Tape


@pytest.fixture(params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}?archives={tmp_path / 'archives'}"
    return f"{request.getfixturevalue('postgres_store_url')}&archives={tmp_path / 'archives'}"


@pytest.fixture
def seamed(url: str, session_file: Path) -> str:
    """The session's first part, sealed, and its second part appended to the segment that continues it."""
    with EventStore.open(url, create=True) as store:
        import_recording(store, session_file)
        seal_and_continue(store, "bot", url)
        last = next(store.read("bot#2"))
        timer = Record("TimerFired", 1, last.at_ns + 1, None, b'{"timer_id":"unknown"}')
        store.append("bot", last.version, [timer])
    return url


def content(url: str, name: str, path: Path) -> bytes:
    with EventStore.open(url) as store:
        export_stream(store, name, path)
    return path.read_bytes()


def test_a_log_record_is_a_stores_record() -> None:
    assert LogRecord._fields == Record._fields


def test_the_new_segment_opens_with_the_state_of_the_sealed_one(seamed: str, session: Tape) -> None:
    sealed = rebuild("bot#1", seamed, TapePoint())
    opened = rebuild("bot", seamed, TapePoint(version=len(session.events) + 1))

    assert bytes(opened.state) == bytes(sealed.state).replace(
        b'"version":%d' % sealed.version, b'"version":%d' % opened.version, 1
    )


@pytest.mark.parametrize("archived", [False, True])
def test_all_is_read_verified_and_rebuilt_across_the_seam(
    seamed: str, session: Tape, archived: bool, tmp_path: Path
) -> None:
    count = len(session.events)
    if archived:
        assert perptape("store", "archive", "bot", "--store", seamed).status == 0
    whole, alone = verify("bot", seamed), verify("bot#2", seamed)

    assert (whole.ok, whole.events, alone.ok, alone.events) == (True, count + 2, True, 2)
    assert whole.state_digest == alone.state_digest
    assert verify("bot#1", seamed).events == count
    assert rebuild("bot", seamed, TapePoint(version=40)).version == 40
    assert content(seamed, "bot#1", tmp_path / "1.jsonl") == session.content
    assert content(seamed, "bot", tmp_path / "all.jsonl").splitlines()[: count + 1] == session.content.splitlines()[:-1]
    for name in ("all", "1"):
        assert replay_file(tmp_path / f"{name}.jsonl").divergence is None
    [replayed] = perptape("replay", "bot", "--json", "--store", seamed).data
    from_file = replay_file(tmp_path / "all.jsonl")
    assert replayed["divergence"] is None
    assert replayed["reproduced"] == from_file.reproduced == len(session.decisions)
    assert replayed["state_digest"] == from_file.state_digest == whole.state_digest


def test_a_segment_makes_the_round_as_a_recording_of_its_own(seamed: str, tmp_path: Path) -> None:
    second = content(seamed, "bot#2", tmp_path / "2.jsonl")
    other = f"sqlite:///{tmp_path / 'other.sqlite'}"

    with EventStore.open(other, create=True) as store:
        import_recording(store, tmp_path / "2.jsonl")
    assert content(other, "bot", tmp_path / "again.jsonl") == second
    assert verify("bot", other).ok
    assert replay_file(tmp_path / "2.jsonl").divergence is None


def test_the_archive_is_a_recording_that_needs_no_store(seamed: str, session: Tape, tmp_path: Path) -> None:
    answer = perptape("store", "archive", "bot", "--json", "--store", seamed)

    [archived] = answer.data["archived"]
    assert archived["file"] == str(tmp_path / "archives" / "bot.1.jsonl.zst")
    assert (archived["segment"], archived["first_version"], archived["version"]) == ("bot#1", 1, len(session.events))
    assert answer.data["open_segment"] == "bot#2"
    assert replay_file(Path(archived["file"])).divergence is None
    assert perptape("store", "archive", "bot", "--json", "--store", seamed).data == answer.data


def test_archiving_seals_only_when_it_is_told_to(url: str, short_file: Path) -> None:
    with EventStore.open(url, create=True) as store:
        import_recording(store, short_file)
    assert "no sealed segment" in perptape("store", "archive", "bot", "--store", url).out

    for _ in range(2):
        answer = perptape("store", "archive", "bot", "--seal", "--json", "--store", url)
        assert [one["segment"] for one in answer.data["archived"]] == ["bot#1"]
        assert answer.data["open_segment"] == "bot#2"


def test_a_stream_that_somebody_writes_to_is_not_sealed(url: str, short_file: Path) -> None:
    with EventStore.open(url, create=True) as store:
        import_recording(store, short_file)
        store.acquire("bot", "the bot", 60)
        with pytest.raises(LeaseHeldError, match="the bot"):
            seal_and_continue(store, "bot", url)
    assert perptape("store", "archive", "bot", "--seal", "--store", url).status == 2


def test_a_missing_archive_is_one_line(seamed: str, tmp_path: Path) -> None:
    perptape("store", "archive", "bot", "--store", seamed)
    (tmp_path / "archives" / "bot.1.jsonl.zst").unlink()

    for command in (("verify", "bot"), ("rebuild", "bot"), ("store", "export", "bot", "-o", str(tmp_path / "x.jsonl"))):
        complaint = perptape(*command, "--store", seamed).complaint
        assert "the archive of segment 'bot#1' cannot be read" in complaint
        assert "put the file back" in complaint


def test_a_changed_archive_is_damage(seamed: str, tmp_path: Path) -> None:
    perptape("store", "archive", "bot", "--store", seamed)
    path = tmp_path / "archives" / "bot.1.jsonl.zst"
    path.write_bytes(path.read_bytes() + b"\0")

    answer = perptape("verify", "bot", "--json", "--store", seamed)
    assert (answer.status, answer.data["first_bad"]["version"]) == (1, 1)
    export = perptape("store", "export", "bot", "-o", str(tmp_path / "x.jsonl"), "--store", seamed)
    assert export.status == 1
    assert "was changed" in export.err
    assert not (tmp_path / "x.jsonl").exists()


def test_a_file_that_is_in_the_way_is_not_written_over(seamed: str, tmp_path: Path) -> None:
    path = tmp_path / "elsewhere" / "bot.1.jsonl.zst"
    path.parent.mkdir()
    path.write_bytes(b"something else")

    answer = perptape("store", "archive", "bot", "--to", str(path.parent), "--store", seamed)
    assert "is not the archive of bot#1" in answer.complaint
    assert path.read_bytes() == b"something else"
    assert verify("bot", seamed).ok


def test_archives_elsewhere_are_found_by_their_own_path(seamed: str, tmp_path: Path) -> None:
    answer = perptape("store", "archive", "bot", "--json", "--to", str(tmp_path / "elsewhere"), "--store", seamed)

    assert answer.data["archived"][0]["file"] == str(tmp_path / "elsewhere" / "bot.1.jsonl.zst")
    assert verify("bot", seamed).ok


def test_somebody_must_say_where_archives_go(postgres_store_url: str, short_file: Path) -> None:
    with EventStore.open(postgres_store_url) as store:
        import_recording(store, short_file)
    complaint = perptape("store", "archive", "bot", "--store", postgres_store_url).complaint
    assert "--to FOLDER" in complaint


def test_a_stream_that_is_not_there_is_named(url: str) -> None:
    EventStore.open(url, create=True).close()
    assert perptape("store", "archive", "nobody", "--store", url).complaint == "nobody: the store has no such stream"


def test_only_a_bots_stream_is_archived(url: str) -> None:
    with EventStore.open(url, create=True) as store:
        store.create_stream("inbox", "nonce", b"not a header")
        store.seal("inbox")
        with pytest.raises(SourceError, match="'inbox' was not written by a bot"):
            export_stream(store, "inbox#1", Path("x.jsonl"))


def test_the_round_through_file_sqlite_and_postgresql_changes_no_byte(
    session: Tape, session_file: Path, postgres_store_url: str, tmp_path: Path
) -> None:
    first, second = f"sqlite:///{tmp_path / 'first.sqlite'}", f"sqlite:///{tmp_path / 'second.sqlite'}"
    path, packed = session_file, tmp_path / "packed.jsonl.zst"
    for number, (url, out) in enumerate(
        [(first, packed), (postgres_store_url, tmp_path / "out.jsonl"), (second, tmp_path / "last.jsonl")]
    ):
        assert perptape("store", "import", path, "--store", url).status == 0, number
        assert perptape("store", "export", "bot", "-o", out, "--store", url).status == 0, number
        path = out
    assert (tmp_path / "out.jsonl").read_bytes() == session.content
    assert (tmp_path / "last.jsonl").read_bytes() == session.content
