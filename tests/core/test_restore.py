"""Restoring: from the newest sound snapshot and the events after it, or from the whole log (S02, S10, S14)."""

from itertools import islice

import pytest

from perptape.core.codec import log_record
from perptape.core.errors import LogDamagedError
from perptape.core.opening import open_snapshot, snapshot_bytes
from perptape.core.ports import Snapshot
from perptape.core.restore import Restored, fold_logged, restore
from perptape.core.state import State
from tests.core.facts import quote
from tests.core.fakes import STREAM, MemoryLog
from tests.core.puppet import puppet
from tests.core.world import BEHAVIOUR, World, begun


async def recorded(leak: int = 0) -> World:
    """A bot that has traded on a log with snapshots every few events."""
    made = await begun(puppet(buy=100, sell=99, leak=leak), options={"group_events": 1}, state_digest_every=10)
    for step in range(40):
        await made.send(quote(98 + step % 3, seq=step + 3))
    return made


def cold(log: MemoryLog) -> State:
    return fold_logged(State(), log.read(0))


def fold_until(log: MemoryLog, version: int) -> State:
    return fold_logged(State(), islice(log.read(0), version))


def versions(log: MemoryLog) -> list[int]:
    return [entry.version for entry in log.store.snapshots(STREAM) if entry.status == "active"]


def reason(log: MemoryLog, version: int) -> str | None:
    """Why the snapshot of a version was set aside."""
    [entry] = [entry for entry in log.store.snapshots(STREAM) if entry.version == version]
    return entry.reason


def wrong_state(log: MemoryLog, version: int) -> bytes:
    """The bytes of a state that is not the log's at a version."""
    snapshot = log.newest_snapshot(BEHAVIOUR, version)
    assert snapshot is not None
    state = open_snapshot(snapshot.state)
    state.halt_ordinal += 99
    return snapshot_bytes(state)


def is_the_state_of_the_log(restored: Restored, log: MemoryLog) -> bool:
    return snapshot_bytes(restored.state) == snapshot_bytes(cold(log))


def test_an_empty_log_is_an_empty_state() -> None:
    restored = restore(MemoryLog(), BEHAVIOUR)
    assert (restored.state, restored.snapshot_version, restored.proved) == (State(), 0, False)


async def test_a_warm_start_equals_a_cold_one_and_is_proved_by_the_snapshot_before() -> None:
    made = await recorded()
    restored = restore(made.log, BEHAVIOUR)
    assert (restored.snapshot_version, restored.proved) == (versions(made.log)[-1], True)
    assert is_the_state_of_the_log(restored, made.log)
    assert snapshot_bytes(restored.state) == snapshot_bytes(made.bot.state)


async def test_from_every_snapshot_the_tail_leads_to_the_same_state() -> None:
    made = await recorded()
    whole = snapshot_bytes(cold(made.log))
    for version in versions(made.log):
        snapshot = made.log.newest_snapshot(BEHAVIOUR, version)
        assert snapshot is not None
        assert snapshot_bytes(fold_logged(open_snapshot(snapshot.state), made.log.read(version))) == whole


async def test_a_first_snapshot_has_nothing_that_proves_it() -> None:
    made = await begun()
    await made.bot.stop("enough")
    restored = restore(made.log, BEHAVIOUR)
    assert (restored.snapshot_version, restored.proved) == (made.log.head_version(), False)
    assert is_the_state_of_the_log(restored, made.log)


async def test_snapshots_of_other_behaviour_are_not_used() -> None:
    made = await recorded()
    restored = restore(made.log, "another behaviour")
    assert (restored.snapshot_version, restored.proved) == (0, False)
    assert is_the_state_of_the_log(restored, made.log)


async def test_a_snapshot_that_does_not_follow_from_the_one_before_is_set_aside() -> None:
    made = await recorded()
    newest = versions(made.log)[-1]
    wrong = cold(made.log)
    wrong.version, wrong.halt_ordinal = newest, 99
    made.log.spoil_snapshot(newest, snapshot_bytes(wrong))
    before = versions(made.log)[-2]
    restored = restore(made.log, BEHAVIOUR)
    assert (restored.snapshot_version, restored.proved) == (before, True)
    assert is_the_state_of_the_log(restored, made.log)
    assert reason(made.log, newest) == "its state has another digest than the log's"


async def test_a_snapshot_without_a_digest_in_the_log_is_set_aside() -> None:
    made = await recorded()
    version = versions(made.log)[-1] + 1
    made.log.save_snapshot(Snapshot(version, BEHAVIOUR, snapshot_bytes(fold_until(made.log, version))))
    assert is_the_state_of_the_log(restore(made.log, BEHAVIOUR), made.log)
    assert reason(made.log, version) == "the log holds no digest of the state at its version"


async def test_a_snapshot_that_is_no_state_is_set_aside() -> None:
    made = await begun()
    await made.bot.stop("enough")
    made.log.spoil_snapshot(made.log.head_version(), b"no state")
    assert is_the_state_of_the_log(restore(made.log, BEHAVIOUR), made.log)
    assert versions(made.log) == []


async def test_an_older_snapshot_that_is_no_state_leaves_the_proof_to_the_one_before_it() -> None:
    made = await recorded()
    before, newest = versions(made.log)[-2:]
    made.log.spoil_snapshot(before, b"no state")
    restored = restore(made.log, BEHAVIOUR)
    assert (restored.snapshot_version, restored.proved) == (newest, True)
    assert is_the_state_of_the_log(restored, made.log)
    assert before not in versions(made.log)


async def test_a_newest_snapshot_that_is_no_state_leaves_the_start_to_the_one_before_it() -> None:
    made = await recorded()
    before, newest = versions(made.log)[-2:]
    made.log.spoil_snapshot(newest, b"no state")
    restored = restore(made.log, BEHAVIOUR)
    assert (restored.snapshot_version, restored.proved) == (before, True)
    assert is_the_state_of_the_log(restored, made.log)
    assert newest not in versions(made.log)


async def test_a_snapshot_that_holds_the_state_of_another_version_is_set_aside() -> None:
    made = await recorded()
    before, newest = versions(made.log)[-2:]
    older = made.log.newest_snapshot(BEHAVIOUR, before)
    assert older is not None
    made.log.spoil_snapshot(newest, older.state)
    restored = restore(made.log, BEHAVIOUR)
    assert (restored.snapshot_version, restored.proved) == (before, True)
    assert is_the_state_of_the_log(restored, made.log)
    assert reason(made.log, newest) == f"it holds the state of version {before}"


async def test_a_strategy_that_changes_its_memory_in_signals_is_found_by_folding_everything() -> None:
    """The running bot's memory does not follow from the log: its snapshots hold what no fold gives."""
    made = await recorded(leak=98)
    assert is_the_state_of_the_log(restore(made.log, BEHAVIOUR), made.log)
    assert versions(made.log) == []
    reasons = {entry.reason for entry in made.log.store.snapshots(STREAM)}
    assert reasons == {"folding everything gives other bytes"}


async def test_every_wrong_snapshot_is_passed_over() -> None:
    made = await recorded()
    spoiled = versions(made.log)[1:]
    for version in spoiled:
        made.log.spoil_snapshot(version, wrong_state(made.log, version))
    restored = restore(made.log, BEHAVIOUR)
    assert is_the_state_of_the_log(restored, made.log)
    assert restored.snapshot_version == versions(made.log)[0]
    assert not set(spoiled) & set(versions(made.log))
    assert {reason(made.log, version) for version in spoiled} == {"its state has another digest than the log's"}


@pytest.mark.parametrize(("share", "least", "most"), [(2, 40, 40), (1, 40, 40), (0.5, 10, 30), (0.2, 2, 16), (0, 0, 0)])
async def test_a_start_that_would_fold_too_much_for_its_proof_does_so_only_sometimes(
    share: float, least: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = await recorded()
    before, newest = versions(made.log)[-2:]
    monkeypatch.setattr("perptape.core.restore.PROOF_EVENTS", int(share * (newest - before)))
    proved = 0
    for step in range(40):
        made.log.append(made.log.head_version(), [log_record(quote(98, seq=step + 43), made.bot.state.at_ns, None)])
        restored = restore(made.log, BEHAVIOUR)
        assert restored.snapshot_version == newest
        assert restore(made.log, BEHAVIOUR).proved == restored.proved, "the same log is always started alike"
        proved += restored.proved
    assert least <= proved <= most


async def test_a_log_with_an_event_missing_says_where() -> None:
    made = await recorded()
    made.log.damage(7, version=8)
    with pytest.raises(LogDamagedError, match="the log has version 8 where 7 was expected"):
        cold(made.log)


@pytest.mark.parametrize("damage", [{"type": "Rumour"}, {"schema": 99}, {"data": b'{"seq":1}'}])
async def test_an_event_that_cannot_be_read_says_where(damage: dict[str, object]) -> None:
    made = await recorded()
    made.log.damage(9, **damage)
    with pytest.raises(LogDamagedError, match="version 9 of the log cannot be read"):
        restore(made.log, "another behaviour")


async def test_losing_every_snapshot_loses_nothing() -> None:
    made = await recorded()
    for version in versions(made.log):
        made.log.set_aside_snapshot(Snapshot(version, BEHAVIOUR, b""), "a test")
    assert is_the_state_of_the_log(restore(made.log, BEHAVIOUR), made.log)
