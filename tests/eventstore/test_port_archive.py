"""What every store promises of archives: only what is sealed and safely in a file leaves, and it is read from there."""

from pathlib import Path

import pytest
import zstandard
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError

from perptape.eventstore.envelope import Envelope, line
from perptape.eventstore.errors import ArchiveMissingError, DamagedError, NotSealedError
from perptape.eventstore.port import Store
from perptape.eventstore.store import EventStore
from perptape.eventstore.tables import ARCHIVES, EVENTS
from tests.eventstore.given import records
from tests.eventstore.test_port_segments import NEXT, versions

COUNT = 2_400


def write(path: Path, envelopes: list[Envelope]) -> Path:
    """A recording as far as a store looks at it."""
    lines = [b'{"format":"any"}', *map(line, envelopes), b'{"last_version":1}']
    content = b"\n".join(lines) + b"\n"
    path.write_bytes(zstandard.ZstdCompressor().compress(content) if path.suffix == ".zst" else content)
    return path


def seamed(store: Store) -> list[Envelope]:
    store.append("bot", 0, records(COUNT))
    store.continue_stream("bot", COUNT, NEXT)
    store.append("bot", COUNT + 1, records(9))
    return list(store.read("bot"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.1.jsonl.zst"


@pytest.mark.parametrize("name", ["bot.1.jsonl.zst", "bot.1.jsonl"])
def test_archived_events_are_read_and_verified_like_others(store: Store, name: str, tmp_path: Path) -> None:
    before = seamed(store)

    archived = store.archive("bot#1", write(tmp_path / name, before[:COUNT]))

    assert archived == store.segments("bot")[0]
    assert archived.archive is not None
    assert archived.archive.file == str(tmp_path / name)
    assert list(store.read("bot")) == before
    assert list(store.read("bot", 990, 1_010)) == before[990:1_010]
    assert list(store.read("bot", COUNT - 1, COUNT + 2)) == before[COUNT - 1 : COUNT + 2]
    assert list(store.read_backward("bot")) == before[::-1]
    assert list(store.read("bot#1")) == before[:COUNT]
    assert list(store.between("bot", before[5].at_ns, before[8].at_ns))[:3] == before[5:8]
    assert store.version_at("bot#1", before[5].at_ns) == 6
    assert store.hash_at("bot", 7) == before[6].hash
    assert [store.verify(one).events for one in ("bot", "bot#1", "bot#2")] == [COUNT + 10, COUNT, 10]
    assert store.verify("bot").ok
    assert store.append("bot", COUNT + 10, records(1)).version == COUNT + 11


def test_archiving_again_changes_nothing(store: Store, file: Path) -> None:
    before = seamed(store)
    first = store.archive("bot#1", write(file, before[:COUNT]))

    assert store.archive("bot#1", file) == first
    assert list(store.read("bot")) == before


def test_a_sealed_stream_that_nothing_continues_is_archived_too(store: Store, file: Path) -> None:
    store.append("bot", 0, records(5))
    store.seal("bot")
    before = list(store.read("bot"))

    store.archive("bot", write(file, before))

    assert list(store.read("bot")) == before
    assert store.verify("bot").ok


def test_a_segment_that_grows_is_not_archived(store: Store, file: Path) -> None:
    before = seamed(store)

    with pytest.raises(NotSealedError, match="'bot#2' is not sealed"):
        store.archive("bot#2", write(file, before[COUNT:]))


def test_a_file_that_is_not_the_segment_is_refused_and_everything_stays(store: Store, file: Path) -> None:
    before = seamed(store)
    other = before[99]._replace(data=b"{}")
    for wrong in (before[: COUNT - 1], before[1:COUNT], [*before[:99], other, *before[100:COUNT]], []):
        with pytest.raises(DamagedError, match=r"nothing was archived|missing from the archive"):
            store.archive("bot#1", write(file, wrong))
    with pytest.raises(ArchiveMissingError, match="No such file"):
        store.archive("bot#1", file.with_name("nowhere.zst"))
    file.write_bytes(b"\x28\xb5\x2f\xfdnothing")
    with pytest.raises(DamagedError, match=r"is incomplete|missing from the archive"):
        store.archive("bot#1", file)
    assert store.segments("bot")[0].archive is None
    assert list(store.read("bot")) == before


@pytest.fixture
def archived(in_place: EventStore, file: Path) -> list[Envelope]:
    before = seamed(in_place)
    in_place.archive("bot#1", write(file, before[:COUNT]))
    return before


def held(store: EventStore) -> list[int]:
    with store._database.reading() as connection:
        return list(connection.execute(EVENTS.select().with_only_columns(EVENTS.c.version)).scalars())


def test_archived_events_are_gone_from_the_database(in_place: EventStore, archived: list[Envelope]) -> None:
    assert sorted(held(in_place)) == versions(archived[COUNT:])


def test_a_missing_archive_is_named_and_the_rest_is_read(
    in_place: EventStore, archived: list[Envelope], file: Path
) -> None:
    file.rename(file.with_name("elsewhere"))
    for use in (in_place.read, in_place.verify, in_place.read_backward):
        with pytest.raises(ArchiveMissingError, match=r"archive of segment 'bot#1' cannot be read: .*bot.1.jsonl.zst"):
            use("bot")
    assert list(in_place.read("bot", COUNT)) == archived[COUNT:]
    assert in_place.verify("bot#2").ok


def test_a_changed_archive_is_damage(in_place: EventStore, archived: list[Envelope], file: Path) -> None:
    write(file, [*archived[:50], archived[50]._replace(data=b"{}"), *archived[51:COUNT]])

    with pytest.raises(DamagedError, match=r"damaged at version 1: its archive .* was changed"):
        in_place.read("bot")
    first_bad = in_place.verify("bot").first_bad
    assert first_bad is not None
    assert first_bad.version == 1
    assert "was changed" in first_bad.reason


def test_a_reader_goes_on_when_what_it_reads_is_archived(in_place: EventStore, file: Path) -> None:
    before = seamed(in_place)
    reader, back = in_place.read("bot"), in_place.read_backward("bot")
    read, read_back = [next(reader)], [next(back)]

    in_place.archive("bot#1", write(file, before[:COUNT]))

    assert [*read, *reader] == before
    assert [*read_back, *back] == before[::-1]


def test_what_is_not_archived_cannot_be_deleted(in_place: EventStore, archived: list[Envelope]) -> None:
    in_place.seal("bot")
    refused_deletion(in_place)
    assert list(in_place.read("bot")) == archived


@pytest.mark.parametrize(
    "claim",
    [
        {"number": 2, "first_version": COUNT + 1, "version": COUNT + 10, "hash": b"0" * 64},
        {"number": 2, "first_version": COUNT + 1, "version": COUNT + 9},
        {"number": 2, "first_version": 1, "version": COUNT + 10},
        {"number": 3, "first_version": COUNT + 1, "version": COUNT + 10},
    ],
)
def test_nor_with_an_archive_of_something_else(
    in_place: EventStore, archived: list[Envelope], claim: dict[str, object]
) -> None:
    in_place.seal("bot")
    row = {"stream_id": 1, "hash": archived[-1].hash, "file": "", "sha256": "", **claim}
    with in_place._database.writing() as connection:
        connection.execute(insert(ARCHIVES).values(row))

    refused_deletion(in_place)


def test_nor_with_another_end_than_the_next_segment_continues(in_place: EventStore) -> None:
    seamed(in_place)
    row = {"stream_id": 1, "number": 1, "first_version": 1, "version": COUNT, "file": "", "sha256": ""}
    with in_place._database.writing() as connection:
        connection.execute(insert(ARCHIVES).values(row | {"hash": b"0" * 64}))

    refused_deletion(in_place)


def test_an_archive_entitles_to_nothing_before_the_seal(in_place: EventStore, archived: list[Envelope]) -> None:
    row = {"stream_id": 1, "number": 2, "first_version": COUNT + 1, "version": COUNT + 10, "file": "", "sha256": ""}
    with in_place._database.writing() as connection:
        connection.execute(insert(ARCHIVES).values(row | {"hash": archived[-1].hash}))

    refused_deletion(in_place)


def refused_deletion(store: EventStore) -> None:
    before = held(store)
    with store._database.engine.connect() as connection, pytest.raises(IntegrityError, match="events are immutable"):
        connection.execute(delete(EVENTS))
    assert held(store) == before
    store.check_guards()
