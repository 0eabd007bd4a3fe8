"""What every store promises of reading from the newest event to the oldest."""

import pytest

from perptape.eventstore.envelope import Envelope
from perptape.eventstore.errors import StreamNotFoundError
from perptape.eventstore.port import Store
from tests.eventstore.given import METADATA, NONCE, records


@pytest.mark.parametrize(
    ("before", "down_to", "versions"),
    [
        (None, 0, [5, 4, 3, 2, 1]),
        (4, 0, [3, 2, 1]),
        (6, 0, [5, 4, 3, 2, 1]),
        (99, 0, [5, 4, 3, 2, 1]),
        (1, 0, []),
        (0, 0, []),
        (-3, -9, []),
        (None, 4, [5, 4]),
        (4, 3, [3]),
        (4, 4, []),
        (2, 4, []),
        (None, 6, []),
        (None, -5, [5, 4, 3, 2, 1]),
    ],
)
def test_reading_backward_gives_the_versions_asked_for(
    store: Store, before: int | None, down_to: int, versions: list[int]
) -> None:
    store.append("bot", 0, records(5))

    assert [envelope.version for envelope in store.read_backward("bot", before, down_to)] == versions


def test_reading_backward_gives_the_same_events_as_reading(store: Store) -> None:
    store.append("bot", 0, records(3_001))

    read = list(store.read_backward("bot"))

    assert read == list(reversed(list(store.read("bot"))))
    assert all(type(envelope) is Envelope for envelope in read)
    assert [envelope.version for envelope in store.read_backward("bot", 2_002, 1_001)] == list(range(2_001, 1_000, -1))


def test_a_stream_that_continues_another_ends_at_its_own_first_version(store: Store) -> None:
    store.create_stream("later", NONCE, METADATA, first_version=5, previous_hash=b"0" * 64)
    assert list(store.read_backward("later")) == []

    store.append("later", 4, records(3))

    assert [envelope.version for envelope in store.read_backward("later")] == [7, 6, 5]
    assert [envelope.version for envelope in store.read_backward("later", 7, 2)] == [6, 5]


def test_what_is_appended_meanwhile_is_not_read(store: Store) -> None:
    store.append("bot", 0, records(1_500))
    reader = store.read_backward("bot")
    newest = next(reader)

    store.append("bot", 1_500, records(1_500, 1_501))

    assert [newest.version, *(envelope.version for envelope in reader)] == list(range(1_500, 0, -1))


def test_of_a_stream_that_is_not_there_nothing_can_be_read(store: Store) -> None:
    with pytest.raises(StreamNotFoundError):
        store.read_backward("nobody")
