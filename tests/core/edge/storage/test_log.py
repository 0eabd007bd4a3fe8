"""The bot's log on an event store, and what a start makes of the snapshots in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from perptape.core.codec import decode_data, log_record
from perptape.core.edge.storage.log import StoreLog
from perptape.core.errors import LogDamagedError, LogRefusedError
from perptape.core.events import TimerFired
from perptape.core.evolve import evolve
from perptape.core.money import arithmetic
from perptape.core.opening import open_snapshot, snapshot_bytes
from perptape.core.ports import LogRecord, Snapshot
from perptape.core.restore import restore
from perptape.core.state import State
from perptape.eventstore.memory import MemoryStore
from perptape.eventstore.snapshot import Snapshot as StoredSnapshot
from perptape.eventstore.snapshot_retention import Retention
from perptape.eventstore.store import EventStore
from perptape.replays.record import record
from perptape.replays.upkeep.transfer import import_recording
from tests.replays.session import plan

OURS = "b" * 64
STREAM = "bot"


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = plan(steps=15)
    often = replace(made, trading=replace(made.trading, state_digest_every=10))
    return record(often, tmp_path_factory.mktemp("log") / "s.jsonl").path


@pytest.fixture
def store(recording: Path, tmp_path: Path) -> Iterator[EventStore]:
    """A store with the first minute of the eventful session."""
    with EventStore.open(f"sqlite:///{tmp_path / 'store.sqlite'}", create=True) as opened:
        import_recording(opened, recording)
        yield opened


@pytest.fixture
def log(store: EventStore) -> StoreLog:
    return StoreLog(store, STREAM)


def folded(log: StoreLog, version: int) -> State:
    """The state at a version, by hand."""
    state = State()
    with arithmetic():
        for event in log.read(0):
            if event.version <= version:
                evolve(state, decode_data(event.type, event.schema, event.data), event.version, event.at_ns)
    return state


def places(log: StoreLog) -> list[int]:
    """Where the log holds digests of the state, and snapshots belong."""
    return [event.version for event in log.read(0) if event.type == "StateDigestRecorded"]


def snapshot(log: StoreLog, version: int, behaviour: str = OURS) -> Snapshot:
    return Snapshot(version, behaviour, snapshot_bytes(folded(log, version)))


def statuses(store: EventStore) -> dict[int, tuple[str, str | None]]:
    return {entry.version: (entry.status, entry.reason) for entry in store.snapshots(STREAM)}


def timer(at_ns: int) -> LogRecord:
    return log_record(TimerFired(timer_id="none"), at_ns, None)


def test_the_log_gives_back_what_the_stream_holds(store: EventStore, log: StoreLog) -> None:
    assert [tuple(event) for event in log.read(0)] == [tuple(stored[:6]) for stored in store.read(STREAM)]
    head = store.head(STREAM).version
    assert [event.version for event in log.read(head - 2)] == [head - 1, head]
    assert log.head_version() == head
    assert log.nonce == store.stream(STREAM).nonce


def test_appended_records_are_durable_and_a_repeat_is_recognised(store: EventStore, log: StoreLog) -> None:
    head = log.head_version()
    log.append(head, [timer(10), timer(11)])
    log.append(head, [timer(10), timer(11)])
    assert log.head_version() == store.head(STREAM).version == head + 2


def test_a_log_that_is_elsewhere_refuses_and_stores_nothing(log: StoreLog) -> None:
    head = log.head_version()
    with pytest.raises(LogRefusedError, match="did not take version 51"):
        log.append(50, [timer(10)])
    assert log.head_version() == head


def test_a_second_writer_fences_the_first_one_off(store: EventStore, log: StoreLog) -> None:
    head = log.head_version()
    second = StoreLog(store, STREAM, take_over=True)
    with pytest.raises(LogRefusedError, match="belongs to another writer now"):
        log.append(head, [timer(10)])
    second.append(head, [timer(10)])
    assert second.head_version() == head + 1


def test_a_gap_in_the_stream_is_damage() -> None:
    store = MemoryStore()
    store.create_stream(STREAM, "nonce", b"{}")
    log = StoreLog(store, STREAM)
    log.append(0, [timer(10), timer(11), timer(12)])
    del store.held[STREAM].envelopes[1]
    with pytest.raises(LogDamagedError, match="the log has version 3 where 2 was expected"):
        restore(log, OURS)


def test_without_snapshots_a_start_is_cold(log: StoreLog) -> None:
    restored = restore(log, OURS)
    assert (restored.snapshot_version, restored.proved) == (0, False)
    assert snapshot_bytes(restored.state) == snapshot_bytes(folded(log, log.head_version()))


def test_a_warm_start_is_the_cold_one(log: StoreLog) -> None:
    cold = snapshot_bytes(restore(log, OURS).state)
    for version in places(log):
        log.save_snapshot(snapshot(log, version))
        warm = restore(log, OURS)
        assert warm.snapshot_version == version
        assert snapshot_bytes(warm.state) == cold


def test_a_second_snapshot_is_proved_from_the_first(log: StoreLog) -> None:
    first, second = places(log)[:2]
    log.save_snapshot(snapshot(log, first))
    assert not restore(log, OURS).proved
    log.save_snapshot(snapshot(log, second))
    assert restore(log, OURS).proved


def test_a_snapshot_of_other_behaviour_is_not_used(log: StoreLog) -> None:
    log.save_snapshot(snapshot(log, 20, "c" * 64))
    log.save_snapshot(Snapshot(60, "c" * 64, b"bytes of another release"))
    restored = restore(log, OURS)
    assert restored.snapshot_version == 0
    assert log.newest_snapshot(OURS) is None


def test_a_damaged_snapshot_is_set_aside_and_an_older_one_used(log: StoreLog) -> None:
    memory = MemoryStore()
    memory.create_stream(STREAM, "nonce", b"{}")
    copy = StoreLog(memory, STREAM)
    copy.append(0, [LogRecord(*event[1:]) for event in log.read(0)])
    older, newer = places(log)[:2]
    for sound in (snapshot(log, older), snapshot(log, newer)):
        copy.save_snapshot(sound)
    held = memory.held[STREAM]
    held.snapshots = [(entry, b"rot" if entry.version == newer else state) for entry, state in held.snapshots]
    restored = restore(copy, OURS)
    assert restored.snapshot_version == older
    assert {entry.version: entry.status for entry in memory.snapshots(STREAM)} == {older: "active", newer: "set_aside"}
    assert snapshot_bytes(restored.state) == snapshot_bytes(folded(log, log.head_version()))


def test_a_snapshot_that_is_no_state_is_set_aside(store: EventStore, log: StoreLog) -> None:
    log.save_snapshot(Snapshot(60, OURS, b'{"version":"sixty"}'))
    restored = restore(log, OURS)
    assert restored.snapshot_version == 0
    assert statuses(store)[60][0] == "set_aside"
    assert snapshot_bytes(restored.state) == snapshot_bytes(folded(log, log.head_version()))


def test_a_snapshot_that_is_not_the_state_whose_digest_the_log_holds_is_set_aside(
    store: EventStore, log: StoreLog
) -> None:
    older, newer = places(log)[:2]
    log.save_snapshot(snapshot(log, older))
    state = open_snapshot(snapshot(log, newer).state)
    state.intents += 1
    log.save_snapshot(Snapshot(newer, OURS, snapshot_bytes(state)))
    restored = restore(log, OURS)
    assert restored.snapshot_version == older
    assert statuses(store)[newer] == ("set_aside", "its state has another digest than the log's")
    assert snapshot_bytes(restored.state) == snapshot_bytes(folded(log, log.head_version()))


def test_snapshots_come_back_as_they_were_kept(store: EventStore, log: StoreLog) -> None:
    kept = snapshot(log, 20)
    log.save_snapshot(kept)
    assert log.newest_snapshot(OURS) == kept
    assert log.newest_snapshot(OURS, 19) is None
    assert store.newest_snapshot(STREAM, OURS) == StoredSnapshot(*kept)
    log.set_aside_snapshot(kept, "a person said so")
    assert log.newest_snapshot(OURS) is None
    assert statuses(store) == {20: ("set_aside", "a person said so")}


def test_taking_a_snapshot_drops_those_that_need_not_be_kept(store: EventStore) -> None:
    log = StoreLog(store, STREAM, Retention(newest=2, days=0, unused_days=0))
    events = list(log.read(0))
    for version in (20, 40, 60, 70):
        log.save_snapshot(snapshot(log, version))
    assert list(statuses(store)) == [60, 70]
    assert list(log.read(0)) == events
