"""S18: a second process starts on the same bot."""

from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.core.events import QuoteUpdated, SessionStarted, SessionStopped
from perptape.replays.evidence.expectation import require, require_equal, verifies
from perptape.replays.scenarios.drills.attack import BotUnderAttack, Ended, events, recording
from perptape.replays.scenarios.drills.drill import Drill, Survived


class Facts(Struct, frozen=True):
    """How both ended, and what is on the tape."""

    first_pid: int
    before: int
    """Versions when the second process started."""
    first: Ended
    second: Ended
    tape: list[Any]


def attack(folder: Path) -> Survived:
    """Start a second process while the first one trades."""
    first = BotUnderAttack(folder)
    before = first.reaches(30)["version"]
    second = BotUnderAttack(folder).end()
    first.reaches(before + 60)
    ended = first.stop()
    return Survived(Facts(first.process.pid, before, ended, second, events(folder)), (recording(folder),))


@verifies("refused with a clear error")
def it_says_in_one_line_who_writes_there_since_when(facts: Facts) -> None:
    lines = facts.second.said.splitlines()
    require_equal((facts.second.status, len(lines)), (2, 1), "exit status and lines")
    require(lines[0].startswith("perptape: "), f"it said {lines[0]!r}")
    require(f"pid {facts.first_pid}" in lines[0], f"it does not say who holds the stream: {lines[0]!r}")


@verifies("first unharmed")
def the_first_goes_on_and_ends_in_good_order(facts: Facts) -> None:
    require_equal((facts.first.status, facts.first.said), (0, ""), "exit status and errors of the first")
    require(len(facts.tape) >= facts.before + 60, f"the tape holds {len(facts.tape)} events")
    require(any(isinstance(event, QuoteUpdated) for event in facts.tape[facts.before :]), "no price afterwards")
    require_equal(facts.tape[-2], SessionStopped(session=1, reason="SIGTERM"), "the event before the state's digest")


@verifies("first unharmed")
def nothing_of_the_second_is_on_the_tape(facts: Facts) -> None:
    started = [event.session for event in facts.tape if isinstance(event, SessionStarted)]
    require_equal(started, [1], "sessions")


DRILL = Drill(
    id="S18",
    name="second_writer",
    section="state",
    story="a second process starts on the same bot",
    attack=attack,
    verifies=(
        it_says_in_one_line_who_writes_there_since_when,
        the_first_goes_on_and_ends_in_good_order,
        nothing_of_the_second_is_on_the_tape,
    ),
)
