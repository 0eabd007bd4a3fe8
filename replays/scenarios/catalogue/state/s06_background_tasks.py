"""S06: the background tasks of a running bot."""

from pathlib import Path

from msgspec import Struct

from perptape.core.events import SessionStarted
from perptape.replays.evidence.expectation import require, require_equal, verifies
from perptape.replays.scenarios.drills.attack import BotUnderAttack, Health, events, recording
from perptape.replays.scenarios.drills.drill import Drill, Survived

PHRASE = "each expected task runs at its interval, none twice"
INTERVALS = {"flush": 1.0, "clock": 1.0, "inbox": 0.5, "lease": 2.0, "health": 0.1, "tell": 0.1}
"""Seconds of the machine."""
ENDLESS = ("feed", "timers")
SPEED = 60
"""So fast the market's time passes, which the health file tells."""


class Facts(Struct, frozen=True):
    """What the process said of its tasks, from first to last."""

    heard: list[Health]
    registered: tuple[str, ...]


def attack(folder: Path) -> Survived:
    """Let it run for some seconds."""
    bot = BotUnderAttack(folder)
    bot.until(lambda health: health["tasks"]["lease"]["runs"] >= 3)
    bot.stop()
    started = next(event for event in events(folder) if isinstance(event, SessionStarted))
    return Survived(Facts(bot.heard, started.tasks), (recording(folder),))


@verifies(PHRASE)
def each_expected_task_is_registered_before_it_runs_and_no_other(facts: Facts) -> None:
    require_equal(sorted(facts.registered), sorted((*INTERVALS, *ENDLESS)), "tasks that the tape names")
    require_equal(sorted(facts.heard[-1]["tasks"]), sorted(facts.registered), "tasks that the process knows")


@verifies(PHRASE)
def each_runs_as_often_as_its_interval_says(facts: Facts) -> None:
    first, last = facts.heard[0], facts.heard[-1]
    passed_s = (last["at_ns"] - first["at_ns"]) / 1e9 / SPEED
    require(passed_s > 2, f"it was watched for {passed_s:.1f} s")
    for name, every_s in INTERVALS.items():
        ran = last["tasks"][name]["runs"] - first["tasks"][name]["runs"]
        # A busy machine drops runs and never makes up for them; none is run ahead of its time.
        require(
            0.3 * passed_s / every_s - 1 <= ran <= passed_s / every_s + 2, f"{name} ran {ran} times in {passed_s:.1f} s"
        )


@verifies(PHRASE)
def a_task_without_end_is_started_once_and_goes_on(facts: Facts) -> None:
    for name in ENDLESS:
        task = facts.heard[-1]["tasks"][name]
        require_equal((task["runs"], task["crashes"], task["running"]), (1, 0, True), f"starts and crashes of {name}")


DRILL = Drill(
    id="S06",
    name="background_tasks",
    section="state",
    story="start",
    attack=attack,
    verifies=(
        each_expected_task_is_registered_before_it_runs_and_no_other,
        each_runs_as_often_as_its_interval_says,
        a_task_without_end_is_started_once_and_goes_on,
    ),
)
