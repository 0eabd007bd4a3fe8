"""S14: a stored snapshot is damaged, and then the log."""

import signal
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from perptape.core.money import arithmetic
from perptape.core.opening import snapshot_bytes
from perptape.core.state import State
from perptape.eventstore.snapshot import SnapshotEntry
from perptape.eventstore.store import EventStore
from perptape.replays.evidence.expectation import require, require_equal, verifies
from perptape.replays.scenarios.drills.attack import BotUnderAttack, Ended, events, recording
from perptape.replays.scenarios.drills.bot_process import STREAM, store_url
from perptape.replays.scenarios.drills.drill import Drill, Survived
from perptape.replays.scenarios.drills.tampering import flip_a_byte, tamper
from perptape.replays.tape.fold import fold_events
from perptape.replays.tape.source import open_source


class Facts(Struct, frozen=True):
    """What became of snapshots and processes."""

    snapshot_version: int
    """Of the snapshot that was damaged."""
    snapshots: list[SnapshotEntry]
    second: Ended
    events_after_second: int
    cold_digest: str
    """Of the state folded from the whole log after the second session."""
    newest_digest: str
    """Of the snapshot that the second session took at its end."""
    damaged_version: int
    third: Ended
    events_after_third: int


def attack(folder: Path) -> Survived:
    """Damage the snapshot of a session, start again; damage the log of a killed one, start again."""
    tape = folder / "tape.sqlite"
    first = BotUnderAttack(folder)
    first.reaches(60)
    first.stop()
    kept = len(events(folder))
    tamper(tape, "UPDATE snapshots SET state = CAST(replace(state, 'BTC-PERP', 'BTC-PURP') AS BLOB)")
    second = BotUnderAttack(folder)
    second.reaches(kept + 40)
    ended = second.stop()
    after_second = len(events(folder))
    with EventStore.open(store_url(folder)) as store:
        snapshots = store.snapshots(STREAM)
    newest = [entry for entry in snapshots if entry.status == "active"][-1]
    cold_digest = _folded_digest(folder, newest.version)
    sound = recording(folder)
    killed = BotUnderAttack(folder)
    killed.reaches(after_second + 40)
    killed.stop(signal.SIGKILL)
    damaged = after_second + 10
    before = len(events(folder))
    tamper(tape, flip_a_byte(damaged))
    third = BotUnderAttack(folder).end()
    with EventStore.open(store_url(folder)) as store:
        after_third = store.head(STREAM).version
    require_equal(after_third, before, "events after a start that was refused")
    facts = Facts(
        snapshot_version=kept,
        snapshots=snapshots,
        second=ended,
        events_after_second=after_second,
        cold_digest=cold_digest,
        newest_digest=newest.state_digest,
        damaged_version=damaged,
        third=third,
        events_after_third=after_third,
    )
    return Survived(facts, (sound,))


def _folded_digest(folder: Path, version: int) -> str:
    """Digest of the snapshot that folding the stored events up to a version gives."""
    state = State()
    with open_source(STREAM, store_url(folder)) as source, arithmetic():
        for _lines, stored in source.batches:
            fold_events(state, [event for event in stored if event.version <= version])
        return sha256(snapshot_bytes(state)).hexdigest()


@verifies("detected, archived, rebuilt from the log")
def the_damaged_snapshot_is_set_aside_with_the_reason(facts: Facts) -> None:
    [aside] = [entry for entry in facts.snapshots if entry.version == facts.snapshot_version]
    require_equal(aside.status, "set_aside", "its status")
    require("bytes do not match their digest" in (aside.reason or ""), f"the reason is {aside.reason!r}")


@verifies("detected, archived, rebuilt from the log")
def the_bot_starts_all_the_same_and_goes_on_from_the_whole_log(facts: Facts) -> None:
    require_equal((facts.second.status, facts.second.said), (0, ""), "how the second session ended")
    require(facts.events_after_second > facts.snapshot_version + 40, "it did not go on")
    require_equal(facts.newest_digest, facts.cold_digest, "its own snapshot, and folding everything")


@verifies("a damaged *log* stops the bot with the position and the reason")
def the_next_start_is_refused_with_the_version_and_what_is_wrong(facts: Facts) -> None:
    lines = facts.third.said.splitlines()
    require_equal((facts.third.status, len(lines)), (1, 1), "exit status and lines")
    require(f"version {facts.damaged_version}" in lines[0], f"it said {lines[0]!r}")
    require(lines[0].startswith("perptape: "), f"it said {lines[0]!r}")


DRILL = Drill(
    id="S14",
    name="corrupted_snapshot",
    section="state",
    story="stored snapshot damaged",
    attack=attack,
    verifies=(
        the_damaged_snapshot_is_set_aside_with_the_reason,
        the_bot_starts_all_the_same_and_goes_on_from_the_whole_log,
        the_next_start_is_refused_with_the_version_and_what_is_wrong,
    ),
)
