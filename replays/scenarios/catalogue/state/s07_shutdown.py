"""S07: a stop, with a task that will not."""

import signal
from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.core.events import SessionStopped
from perptape.replays.evidence.expectation import require, require_equal, verifies
from perptape.replays.scenarios.drills.attack import BotUnderAttack, Ended, Health, events, health, recording
from perptape.replays.scenarios.drills.drill import Drill, Survived

ALLOWED_S = 2
"""The time that the process gives its tasks (perptape.replays.scenarios.drills.bot_process)."""


class Facts(Struct, frozen=True):
    """How it ended, and what it left."""

    ended: Ended
    health: Health
    tape: list[Any]


def attack(folder: Path) -> Survived:
    """Ask a busy process, one of whose tasks ignores its cancellation, to stop."""
    bot = BotUnderAttack(folder, "stubborn")
    bot.reaches(50)
    ended = bot.stop(signal.SIGTERM)
    return Survived(Facts(ended, health(folder), events(folder)), (recording(folder),))


@verifies("all tasks cancelled inside the time allowed")
def every_task_has_ended_and_the_one_that_did_not_is_left_behind_by_name(facts: Facts) -> None:
    left = [name for name, task in facts.health["tasks"].items() if task["running"]]
    require_equal(left, ["stubborn"], "tasks that still run")
    require("stubborn ignored its cancellation" in facts.ended.said, f"it said {facts.ended.said!r}")


@verifies("all tasks cancelled inside the time allowed")
def the_process_is_gone_soon_after_the_time_allowed(facts: Facts) -> None:
    require_equal(facts.ended.status, 0, "exit status")
    require(
        facts.ended.seconds >= ALLOWED_S, f"it ended after {facts.ended.seconds:.1f} s: the task was not waited for"
    )
    require(facts.ended.seconds < ALLOWED_S + 10, f"it ended after {facts.ended.seconds:.1f} s")


@verifies("store flushed")
def all_that_the_bot_knew_is_durable(facts: Facts) -> None:
    require_equal(len(facts.tape), facts.health["version"], "durable events, and the version it ended at")


@verifies("last event says why")
def the_tape_ends_with_the_reason(facts: Facts) -> None:
    require_equal(facts.tape[-2], SessionStopped(session=1, reason="SIGTERM"), "the event before the state's digest")
    require_equal(facts.health["stopped"], "SIGTERM", "what the health file says")


DRILL = Drill(
    id="S07",
    name="shutdown",
    section="state",
    story="stop",
    attack=attack,
    verifies=(
        every_task_has_ended_and_the_one_that_did_not_is_left_behind_by_name,
        the_process_is_gone_soon_after_the_time_allowed,
        all_that_the_bot_knew_is_durable,
        the_tape_ends_with_the_reason,
    ),
)
