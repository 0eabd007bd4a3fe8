"""What every store promises of reading and verifying."""

import pytest

from perptape.eventstore.errors import VersionNotFoundError
from perptape.eventstore.port import Store
from perptape.eventstore.verification import Verification
from tests.eventstore.given import record, records


@pytest.mark.parametrize(
    ("after", "upto", "versions"),
    [
        (0, None, [1, 2, 3, 4, 5]),
        (3, None, [4, 5]),
        (5, None, []),
        (9, None, []),
        (-4, None, [1, 2, 3, 4, 5]),
        (1, 3, [2, 3]),
        (3, 3, []),
        (4, 2, []),
        (0, 99, [1, 2, 3, 4, 5]),
        (0, -1, []),
    ],
)
def test_reading_gives_the_versions_asked_for(store: Store, after: int, upto: int | None, versions: list[int]) -> None:
    store.append("bot", 0, records(5))

    assert [envelope.version for envelope in store.read("bot", after, upto)] == versions


def test_reading_many_events_loses_none_at_the_edges_of_pages(store: Store) -> None:
    store.append("bot", 0, records(3_001))

    assert [envelope.version for envelope in store.read("bot", 999)] == list(range(1_000, 3_002))
    assert [envelope.version for envelope in store.read("bot", 0, 2_000)] == list(range(1, 2_001))


def test_a_reader_sees_the_stream_as_it_was_when_it_began(store: Store) -> None:
    store.append("bot", 0, records(2))
    reader = store.read("bot")

    store.append("bot", 2, records(2, 3))

    assert [envelope.version for envelope in reader] == [1, 2]


def test_the_version_at_a_time_is_the_last_not_later(store: Store) -> None:
    first, later = record(10), record(20)
    store.append("bot", 0, [first, first, later])

    assert store.version_at("bot", first.at_ns - 1) is None
    assert store.version_at("bot", first.at_ns) == 2
    assert store.version_at("bot", later.at_ns - 1) == 2
    assert store.version_at("bot", later.at_ns + 1) == 3


def test_the_hash_at_a_version_is_the_events_or_the_opening(store: Store) -> None:
    opening = store.head("bot").hash
    store.append("bot", 0, records(4))

    assert store.hash_at("bot", 0) == opening
    assert store.hash_at("bot", 4) == store.head("bot").hash
    assert [store.hash_at("bot", version) for version in range(1, 5)] == [
        envelope.hash for envelope in store.read("bot")
    ]


@pytest.mark.parametrize("version", [-1, 3, 2**50])
def test_a_version_that_is_not_there_has_no_hash(store: Store, version: int) -> None:
    store.append("bot", 0, records(2))

    with pytest.raises(VersionNotFoundError, match=f"no version {version}; it holds versions 1 to 2"):
        store.hash_at("bot", version)


@pytest.mark.parametrize("count", [0, 1, 2_345])
def test_what_was_written_verifies(store: Store, count: int) -> None:
    store.append("bot", 0, records(count))

    assert store.verify("bot") == Verification(count, None)
