"""S15: a background task raises."""

from pathlib import Path
from typing import Any

from msgspec import Struct

from perptape.core.events import AlertRaised, QuoteUpdated, SessionStopped, TaskCrashed
from perptape.replays.evidence.expectation import require, require_equal, verifies
from perptape.replays.scenarios.drills.attack import BotUnderAttack, Ended, Health, events, recording
from perptape.replays.scenarios.drills.drill import Drill, Survived


class Facts(Struct, frozen=True):
    """What it said, and what is on its tape."""

    ended: Ended
    heard: list[Health]
    tape: list[Any]


def attack(folder: Path) -> Survived:
    """Run a task that raises twice and then goes on."""
    bot = BotUnderAttack(folder, "crashing")
    bot.until(lambda health: health["tasks"]["crashing"]["runs"] == 3)
    ended = bot.stop()
    return Survived(Facts(ended, bot.heard, events(folder)), (recording(folder),))


def _crashes(facts: Facts) -> list[TaskCrashed]:
    return [event for event in facts.tape if isinstance(event, TaskCrashed)]


@verifies("logged with its trace, restarted with backoff")
def each_crash_is_logged_with_its_trace_and_is_on_the_tape(facts: Facts) -> None:
    require_equal(facts.ended.said.count("RuntimeError: crashes by script"), 2, "errors in its log")
    require_equal(facts.ended.said.count("in work\n"), 2, "traces that reach the task's own line")
    crashes = [(crash.task, crash.error, crash.crashes) for crash in _crashes(facts)]
    require_equal(
        crashes,
        [
            ("crashing", "RuntimeError: crashes by script, 1 to come", 1),
            ("crashing", "RuntimeError: crashes by script, 0 to come", 2),
        ],
        "crashes on the tape",
    )


@verifies("logged with its trace, restarted with backoff")
def the_wait_before_the_second_restart_is_twice_the_first(facts: Facts) -> None:
    waits = [crash.restart_after_ns for crash in _crashes(facts)]
    require_equal(waits, [1_000_000_000, 2_000_000_000], "waits in ns")
    require_equal(facts.heard[-1]["tasks"]["crashing"]["crashes"], 2, "crashes that the health file counts")


@verifies("alert when it recurs")
def the_second_crash_alerts_and_the_first_does_not(facts: Facts) -> None:
    alerts = [
        place
        for place, event in enumerate(facts.tape)
        if isinstance(event, AlertRaised) and event.topic == "task_crashing"
    ]
    second = [place for place, event in enumerate(facts.tape) if isinstance(event, TaskCrashed)][1]
    require_equal(len(alerts), 1, "alerts about the task")
    require(alerts[0] > second, "it alerted before the second crash")


@verifies("bot goes on")
def prices_are_taken_in_between_and_after_the_crashes(facts: Facts) -> None:
    kinds = [type(event) for event in facts.tape]
    first = kinds.index(TaskCrashed)
    second = kinds.index(TaskCrashed, first + 1)
    require(QuoteUpdated in kinds[first:second], "no price between the crashes")
    require(QuoteUpdated in kinds[second:], "no price after the crashes")
    require_equal((kinds[-2], facts.ended.status), (SessionStopped, 0), "its end")


DRILL = Drill(
    id="S15",
    name="task_crash",
    section="state",
    story="a background task raises",
    attack=attack,
    verifies=(
        each_crash_is_logged_with_its_trace_and_is_on_the_tape,
        the_wait_before_the_second_restart_is_twice_the_first,
        the_second_crash_alerts_and_the_first_does_not,
        prices_are_taken_in_between_and_after_the_crashes,
    ),
)
