"""What every store promises of reading by time, whatever the times are."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from perptape.eventstore import by_time
from perptape.eventstore.envelope import Record
from perptape.eventstore.errors import StreamNotFoundError
from perptape.eventstore.port import Store
from tests.eventstore.given import METADATA, NONCE, Bench

OUT_OF_ORDER = [10, 20, 20, 5, 30, 15, 30]


def at(at_ns: int) -> Record:
    return Record("CounterMoved", 1, at_ns, None, b"{}")


def versions(store: Store, from_ns: int, to_ns: int, stream: str = "bot") -> list[int]:
    return [envelope.version for envelope in store.between(stream, from_ns, to_ns)]


@pytest.fixture(autouse=True)
def short_spans(monkeypatch: pytest.MonkeyPatch) -> None:
    """So short that these streams take several queries."""
    monkeypatch.setattr(by_time, "SPAN", 3)


def test_the_beginning_belongs_to_it_and_the_end_does_not(store: Store) -> None:
    store.append("bot", 0, [at(at_ns) for at_ns in (10, 10, 20, 30, 30)])

    assert versions(store, 10, 20) == [1, 2]
    assert versions(store, 10, 31) == [1, 2, 3, 4, 5]
    assert versions(store, 11, 30) == [3]
    assert versions(store, 31, 99) == versions(store, 20, 20) == versions(store, 30, 10) == []


def test_times_that_go_back_are_found_all_the_same(store: Store) -> None:
    store.append("bot", 0, [at(at_ns) for at_ns in OUT_OF_ORDER])

    assert versions(store, 15, 30) == [2, 3, 6]
    assert versions(store, 5, 6) == [4]
    assert store.version_at("bot", 5) == 4
    assert store.version_at("bot", 19) == 6
    assert store.version_at("bot", 4) is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    times=st.lists(st.integers(0, 12), max_size=20),
    first_version=st.integers(1, 9),
    from_ns=st.integers(-1, 13),
    to_ns=st.integers(-1, 13),
)
def test_every_event_of_a_time_is_found_wherever_it_is(
    bench: Bench, times: list[int], first_version: int, from_ns: int, to_ns: int
) -> None:
    name = f"bot {len(bench.store.streams())}"
    previous_hash = None if first_version == 1 else b"0" * 64
    bench.store.create_stream(name, NONCE, METADATA, first_version=first_version, previous_hash=previous_hash)
    bench.store.append(name, first_version - 1, [at(at_ns) for at_ns in times])

    numbered = list(enumerate(times, first_version))
    assert versions(bench.store, from_ns, to_ns, name) == [
        version for version, at_ns in numbered if from_ns <= at_ns < to_ns
    ]
    not_later = [version for version, at_ns in numbered if at_ns <= from_ns]
    assert bench.store.version_at(name, from_ns) == max(not_later, default=None)


def test_what_is_appended_meanwhile_is_not_read(store: Store) -> None:
    store.append("bot", 0, [at(10), at(20)])
    reader = store.between("bot", 0, 99)

    store.append("bot", 2, [at(30)])

    assert [envelope.version for envelope in reader] == [1, 2]


def test_of_a_stream_that_is_not_there_nothing_can_be_read(store: Store) -> None:
    with pytest.raises(StreamNotFoundError):
        store.between("nobody", 0, 1)
