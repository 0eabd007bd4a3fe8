"""C04: the stored log is tampered with."""

import shutil
from pathlib import Path

from msgspec import Struct

from perptape.eventstore.store import EventStore
from perptape.replays.evidence.expectation import require, require_equal, verifies
from perptape.replays.proof.verify import FirstBad, verify
from perptape.replays.scenarios.drills.bot_process import STREAM
from perptape.replays.scenarios.drills.drill import Drill, Survived
from perptape.replays.scenarios.drills.tampering import flip_a_byte, remove, swap, tamper
from perptape.replays.scenarios.runner.play import play
from perptape.replays.upkeep.transfer import export_stream

PHRASE = "verification names the first bad event"
DEEDS = {"a byte changed": (flip_a_byte, 20), "an event removed": (remove, 30), "two swapped": (swap, 40)}


class Facts(Struct, frozen=True):
    """What verification says of the log as it was, and of each that was tampered with."""

    untouched: FirstBad | None
    stores: dict[str, FirstBad | None]
    files: dict[str, FirstBad | None]


def attack(folder: Path) -> Survived:
    """Record a session into a store, and do each deed to a copy of it; and the same to its exported file."""
    from perptape.replays.scenarios.catalogue.trading import t03_daily_loss_reduce_only  # noqa: PLC0415 - rows are modules

    path = folder / "store.sqlite"
    exported = folder / "session.jsonl"
    with EventStore.open(f"sqlite:///{path}", create=True) as store:
        play(t03_daily_loss_reduce_only.SCENARIO, store=store)
        export_stream(store, STREAM, exported)
    stores = {}
    for number, (deed, (script, version)) in enumerate(DEEDS.items()):
        copy = folder / f"{number}.sqlite"
        shutil.copy(path, copy)
        tamper(copy, script(version))
        stores[deed] = verify(STREAM, f"sqlite:///{copy}").first_bad
    untouched = verify(STREAM, f"sqlite:///{path}").first_bad
    return Survived(Facts(untouched, stores, _files(folder, exported)), (exported,))


def _files(folder: Path, exported: Path) -> dict[str, FirstBad | None]:
    """The same deeds to the lines of the file."""
    lines = exported.read_bytes().splitlines(keepends=True)
    changed = [*lines]
    changed[20] = lines[20].replace(b'"data":{"', b'"data":{"X', 1)
    damaged = {
        "a byte changed": changed,
        "an event removed": [*lines[:30], *lines[31:]],
        "two swapped": [*lines[:40], lines[41], lines[40], *lines[42:]],
    }
    found = {}
    for number, (deed, content) in enumerate(damaged.items()):
        copy = folder / f"{number}.jsonl"
        copy.write_bytes(b"".join(content))
        found[deed] = verify(str(copy), "").first_bad
    return found


@verifies(PHRASE)
def an_untouched_log_has_no_bad_event(facts: Facts) -> None:
    require_equal(facts.untouched, None, "the first bad event of the log as it was")


@verifies(PHRASE)
def each_deed_to_the_store_is_named_with_its_first_version_and_a_reason(facts: Facts) -> None:
    for deed, (_script, version) in DEEDS.items():
        bad = facts.stores[deed]
        if bad is None:
            require(False, f"{deed} at version {version} was not noticed")
        else:
            require_equal(bad.version, version, f"{deed}: the first bad event")
            require(bad.reason, f"{deed}: no reason is given")


@verifies(PHRASE)
def each_deed_to_the_exported_file_is_named_the_same_way(facts: Facts) -> None:
    for deed, (_script, version) in DEEDS.items():
        bad = facts.files[deed]
        require_equal(bad.version if bad else None, version, f"{deed} in the file: the first bad event")


DRILL = Drill(
    id="C04",
    name="audit_trail",
    section="compliance",
    story="a byte of the stored log is changed, an event removed, two swapped",
    attack=attack,
    verifies=(
        an_untouched_log_has_no_bad_event,
        each_deed_to_the_store_is_named_with_its_first_version_and_a_reason,
        each_deed_to_the_exported_file_is_named_the_same_way,
    ),
)
